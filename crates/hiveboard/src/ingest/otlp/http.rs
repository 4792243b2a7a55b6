//! OTLP over HTTP: protobuf or JSON, gzip, zstd or plain; the answer comes as the request did.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hiveboard_otlp::{
    Status,
    collector::{
        logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse},
        metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse},
        trace::v1::{ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse},
    },
    json,
};
use hiveboard_wire::ErrorCode;
use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

use super::{Export, REQUEST_BYTES, Taken, grpc::code_of, take};
use crate::{
    caller::Caller,
    error::{ApiError, BODY_PATIENCE},
    ingest::{decode::decompress, http::read_body},
    node::Node,
    permission::{Require, need},
};

/// Takes spans: agents, tasks, actions and model calls. Answers as the protocol says; spans that cannot be read are counted in `partialSuccess`.
#[utoipa::path(
    post, path = "/v1/traces", tag = "opentelemetry",
    request_body(content = Object, content_type = "application/json", description = "`ExportTraceServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`."),
    responses((status = 200, description = "`ExportTraceServiceResponse`, encoded as the request.", body = Object), (status = 413, body = crate::error::ErrorBody))
)]
pub(crate) async fn traces(State(node): State<Arc<Node>>, caller: Require<need::Ingest>, request: Request) -> Response {
    answer::<ExportTraceServiceRequest>(&node, &caller, request).await
}

/// Takes log records, by which coding agents tell of their work.
#[utoipa::path(
    post, path = "/v1/logs", tag = "opentelemetry",
    request_body(content = Object, content_type = "application/json", description = "`ExportLogsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`."),
    responses((status = 200, description = "`ExportLogsServiceResponse`, encoded as the request.", body = Object), (status = 413, body = crate::error::ErrorBody))
)]
pub(crate) async fn logs(State(node): State<Arc<Node>>, caller: Require<need::Ingest>, request: Request) -> Response {
    answer::<ExportLogsServiceRequest>(&node, &caller, request).await
}

/// Takes metrics, as a sign of life of who sends them.
#[utoipa::path(
    post, path = "/v1/metrics", tag = "opentelemetry",
    request_body(content = Object, content_type = "application/json", description = "`ExportMetricsServiceRequest` as protobuf or JSON, optionally gzip or zstd; at most 4 MiB after decompression. The same route is below `/otlp`."),
    responses((status = 200, description = "`ExportMetricsServiceResponse`, encoded as the request.", body = Object), (status = 413, body = crate::error::ErrorBody))
)]
pub(crate) async fn metrics(
    State(node): State<Arc<Node>>,
    caller: Require<need::Ingest>,
    request: Request,
) -> Response {
    answer::<ExportMetricsServiceRequest>(&node, &caller, request).await
}

/// What answers a request of a kind.
pub(super) trait Answered: Export + Message + Default + DeserializeOwned {
    type Answer: Message + Serialize;

    fn answer(taken: Taken) -> Self::Answer;
}

macro_rules! answered {
    ($request:ty, $answer:ident, $partial:ident, $count:ident) => {
        impl Answered for $request {
            type Answer = $answer;

            fn answer(taken: Taken) -> $answer {
                let partial = $partial { $count: taken.rejected, error_message: taken.reason };
                $answer { partial_success: (taken.rejected > 0).then_some(partial) }
            }
        }
    };
}

answered!(ExportTraceServiceRequest, ExportTraceServiceResponse, ExportTracePartialSuccess, rejected_spans);
answered!(ExportLogsServiceRequest, ExportLogsServiceResponse, ExportLogsPartialSuccess, rejected_log_records);
answered!(ExportMetricsServiceRequest, ExportMetricsServiceResponse, ExportMetricsPartialSuccess, rejected_data_points);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

async fn answer<E: Answered>(node: &Arc<Node>, caller: &Caller, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let encoding = match encoding_of(&parts.headers) {
        Ok(encoding) => encoding,
        Err(refusal) => return refuse(Encoding::Json, &refusal),
    };
    let rate = match receive::<E>(node, caller, &parts.headers, body, encoding).await {
        Ok(mut taken) => {
            let rate = taken.rate.take();
            let mut response = encoded(encoding, StatusCode::OK, &E::answer(taken));
            if let Some(rate) = rate {
                response.extensions_mut().insert(rate);
            }
            return response;
        }
        Err(refusal) => refusal,
    };
    refuse(encoding, &rate)
}

async fn receive<E: Answered>(
    node: &Arc<Node>,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
    encoding: Encoding,
) -> Result<Taken, ApiError> {
    let reading = read_body(body, REQUEST_BYTES, too_large);
    let raw = tokio::time::timeout(BODY_PATIENCE, reading).await.map_err(|_| ApiError::stalled_body())??;
    let body = decompress(headers, raw, REQUEST_BYTES, too_large)?;
    let request = match encoding {
        Encoding::Protobuf => E::decode(&*body).map_err(|error| undecodable("protobuf", &error))?,
        Encoding::Json => json::read(&body).map_err(|error| undecodable("JSON", &error))?,
    };
    take(node, caller, request).await
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::BatchTooLarge, "The request has over 4 MiB after decompression; send fewer spans at once.")
        .detail("limit_bytes", REQUEST_BYTES)
}

fn undecodable(what: &str, error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::InvalidBatch, format!("The body is not a valid export request in {what}: {error}."))
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, ApiError> {
    let given = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
    match given.as_deref().map(|text| text.split(';').next().unwrap_or("").trim()) {
        None => Err(ApiError::new(
            ErrorCode::InvalidBatch,
            "The Content-Type is missing; send application/x-protobuf or application/json.",
        )),
        Some("application/x-protobuf" | "application/protobuf" | "application/octet-stream") => Ok(Encoding::Protobuf),
        Some("application/json") => Ok(Encoding::Json),
        Some(other) => Err(ApiError::new(
            ErrorCode::InvalidBatch,
            format!("Content-Type {other:?} is not known here; send application/x-protobuf or application/json."),
        )),
    }
}

fn encoded<M: Message + Serialize>(encoding: Encoding, status: StatusCode, message: &M) -> Response {
    let (name, body) = match encoding {
        Encoding::Protobuf => ("application/x-protobuf", message.encode_to_vec()),
        Encoding::Json => ("application/json", serde_json::to_vec(message).expect("messages serialise")),
    };
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(name))], body).into_response()
}

/// The protocol's own form of a refusal. In JSON it is ours as well, which says the same and more.
fn refuse(encoding: Encoding, error: &ApiError) -> Response {
    let plain = error.clone().into_response();
    if encoding == Encoding::Json {
        return plain;
    }
    let status = Status { code: code_of(error.code()) as i32, message: error.body().message };
    let (mut parts, _) = plain.into_parts();
    let (head, body) = encoded(encoding, parts.status, &status).into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(head.headers);
    Response::from_parts(parts, body)
}
