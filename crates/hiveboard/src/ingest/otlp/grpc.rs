//! OTLP over gRPC, on a port of its own.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::ConnectInfo,
    http::{Method, Uri},
    middleware::{Next, from_fn},
};
use hiveboard_otlp::collector::{
    logs::v1::{
        ExportLogsServiceRequest, ExportLogsServiceResponse,
        logs_service_server::{LogsService, LogsServiceServer},
    },
    metrics::v1::{
        ExportMetricsServiceRequest, ExportMetricsServiceResponse,
        metrics_service_server::{MetricsService, MetricsServiceServer},
    },
    trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
};
use hiveboard_wire::ErrorCode;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tonic::{Code, Request, Response, Status, codec::CompressionEncoding, service::Routes};

use super::{Export, REQUEST_BYTES, Taken, http::Answered, take};
use crate::{
    auth::Credentials,
    caller::Caller,
    error::{ApiError, BODY_PATIENCE},
    node::Node,
    permission::Permission,
    request_log,
    serve::{self, Service},
};

/// Listens where the settings say, with the encryption, limits and trust in proxies of `service`, whose routes it replaces. A taken port is said
/// and does not end the server: what comes by HTTP still comes. Answers what ends when all connections have.
pub(crate) async fn start(
    node: &Arc<Node>,
    service: Service,
    stopping: watch::Receiver<bool>,
) -> Option<JoinHandle<()>> {
    let wanted = node.config.otlp_grpc_addr?;
    let listener = match TcpListener::bind(wanted).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(addr = %wanted, %error, "no OTLP over gRPC: the address cannot be listened on; choose another with --otlp-grpc-addr, or switch it off with an empty one");
            return None;
        }
    };
    Some(tokio::spawn(serve::serve(listener, Service { routes: routes(node), ..service }, stopping)))
}

fn routes(node: &Arc<Node>) -> Router {
    let receiver = Receiver(Arc::clone(node));
    macro_rules! service {
        ($server:ident) => {
            $server::new(receiver.clone())
                .max_decoding_message_size(REQUEST_BYTES)
                .accept_compressed(CompressionEncoding::Gzip)
                .accept_compressed(CompressionEncoding::Zstd)
        };
    }
    Routes::new(service!(TraceServiceServer))
        .add_service(service!(LogsServiceServer))
        .add_service(service!(MetricsServiceServer))
        .into_axum_router()
        .layer(from_fn(in_time))
        .layer(from_fn(request_log::log))
}

/// A message that stalls on its way holds nothing for ever.
async fn in_time(request: axum::extract::Request, next: Next) -> axum::response::Response {
    tokio::time::timeout(BODY_PATIENCE, next.run(request))
        .await
        .unwrap_or_else(|_| refusal(&ApiError::stalled_body()).into_http())
}

#[derive(Clone)]
struct Receiver(Arc<Node>);

impl Receiver {
    async fn caller<T: Sync>(&self, request: &Request<T>) -> Result<Caller, ApiError> {
        let headers = request.metadata().clone().into_headers();
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        let asked = Credentials { method: &Method::POST, uri: &Uri::from_static("/otlp"), headers: &headers, address };
        let caller = self.0.auth.caller_or_count(asked, &self.0.limits).await?;
        let Err(refused) = Permission::Ingest.check(&caller) else { return Ok(caller) };
        if refused.code() == ErrorCode::Forbidden {
            return Err(refused);
        }
        Err(ApiError::new(ErrorCode::ReadOnlyKey, "Spans are sent with a live or test key (hb_live_…, hb_test_…)."))
    }

    async fn take<E: Export + Sync>(&self, request: Request<E>) -> Result<Taken, Status> {
        let caller = self.caller(&request).await.map_err(|error| refusal(&error))?;
        take(&self.0, &caller, request.into_inner()).await.map_err(|error| refusal(&error))
    }
}

macro_rules! service {
    ($service:ident, $request:ty, $answer:ty) => {
        #[tonic::async_trait]
        impl $service for Receiver {
            async fn export(&self, request: Request<$request>) -> Result<Response<$answer>, Status> {
                self.take(request).await.map(|taken| Response::new(<$request as Answered>::answer(taken)))
            }
        }
    };
}

service!(TraceService, ExportTraceServiceRequest, ExportTraceServiceResponse);
service!(LogsService, ExportLogsServiceRequest, ExportLogsServiceResponse);
service!(MetricsService, ExportMetricsServiceRequest, ExportMetricsServiceResponse);

fn refusal(error: &ApiError) -> Status {
    Status::new(code_of(error.code()), error.body().message)
}

/// Exporters send again what is answered `UNAVAILABLE`, and nothing else of these.
pub(super) const fn code_of(code: ErrorCode) -> Code {
    match code {
        ErrorCode::AuthenticationFailed => Code::Unauthenticated,
        ErrorCode::ReadOnlyKey | ErrorCode::Forbidden => Code::PermissionDenied,
        ErrorCode::RateLimitExceeded | ErrorCode::Overloaded | ErrorCode::StorageFull | ErrorCode::RequestTimeout => {
            Code::Unavailable
        }
        ErrorCode::BatchTooLarge => Code::ResourceExhausted,
        ErrorCode::InternalError => Code::Internal,
        _ => Code::InvalidArgument,
    }
}
