//! OTLP over gRPC, on a port of its own.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::http::{Method, Uri};
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
use tokio::net::TcpListener;
use tonic::{
    Code, Request, Response, Status,
    codec::CompressionEncoding,
    transport::{Server, server::TcpIncoming},
};

use super::{Export, REQUEST_BYTES, Taken, http::Answered, take};
use crate::{app::App, auth::Credentials, caller::Caller, error::ApiError, permission::Permission};

/// Listens where the settings say. A taken port is said and does not end the server: what comes by HTTP still comes.
pub async fn start(app: &Arc<App>) -> Option<SocketAddr> {
    let wanted = app.config.otlp_grpc_addr?;
    let listener = match TcpListener::bind(wanted).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(addr = %wanted, %error, "no OTLP over gRPC: the address cannot be listened on; choose another with --otlp-grpc-addr, or switch it off with an empty one");
            return None;
        }
    };
    let addr = listener.local_addr().ok();
    let receiver = Receiver(Arc::clone(app));
    let mut stopping = app.stopping.subscribe();
    macro_rules! service {
        ($server:ident) => {
            $server::new(receiver.clone())
                .max_decoding_message_size(REQUEST_BYTES)
                .accept_compressed(CompressionEncoding::Gzip)
                .accept_compressed(CompressionEncoding::Zstd)
        };
    }
    let serving = Server::builder()
        .add_service(service!(TraceServiceServer))
        .add_service(service!(LogsServiceServer))
        .add_service(service!(MetricsServiceServer))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), async move {
            let _told = stopping.changed().await;
        });
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "OTLP over gRPC ended by a fault");
        }
    });
    addr
}

#[derive(Clone)]
struct Receiver(Arc<App>);

impl Receiver {
    async fn caller<T: Sync>(&self, request: &Request<T>) -> Result<Caller, ApiError> {
        let headers = request.metadata().clone().into_headers();
        let address = request.remote_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let asked = Credentials { method: &Method::POST, uri: &Uri::from_static("/otlp"), headers: &headers, address };
        let caller = self.0.auth.caller(asked).await?;
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
