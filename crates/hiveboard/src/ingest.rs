//! `POST /v1/ingest`: from a body to durable, visible events.

use std::{io::Read, sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use hiveboard_store::{Group, Incoming};
use hiveboard_wire::{
    Decoded, ErrorCode, EventErrorCode, EventProblem, EventWarning, EventWarningCode, Receipt, Scope, Timestamp,
    decode_batch, kind::limits::BATCH_BYTES,
};
use metrics::counter;

use crate::{app::App, auth::Writer, error::ApiError, projects::Admission};

/// A body takes no longer than this to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Takes a batch of one agent's events: 200 when all were accepted, 207 when some were rejected. What is accepted is durable and
/// visible when the answer comes; sending a batch again changes nothing.
#[utoipa::path(
    post, path = "/v1/ingest", tag = "ingest",
    request_body(content = Object, description = "`{\"envelope\": {…}, \"events\": […]}`, optionally gzip or zstd; at most 500 events and 1 MiB."),
    responses(
        (status = 200, body = ReceiptView), (status = 207, body = ReceiptView), (status = 400, body = crate::openapi::ErrorBody),
        (status = 413, body = crate::openapi::ErrorBody), (status = 429, body = crate::openapi::ErrorBody), (status = 503, body = crate::openapi::ErrorBody),
    )
)]
pub(crate) async fn ingest(
    State(app): State<Arc<App>>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let now = Timestamp::now();
    let raw = tokio::time::timeout(BODY_PATIENCE, read_body(body)).await.map_err(|_| {
        ApiError::new(ErrorCode::InvalidBatch, "The body did not arrive within 30 s; nothing was stored.")
    })??;
    let body = decompress(&parts.headers, raw)?;
    let decoded = decode_batch(&body, now).map_err(|error| ApiError::new(ErrorCode::InvalidBatch, error.0))?;
    counter!("hiveboard_events_in_total").increment((decoded.events.len() + decoded.receipt.errors.len()) as u64);
    let quotient = app.limits.ingest(caller.id, decoded.events.len())?;
    let receipt = store(&app, caller.scope(), decoded, now).await?;
    let status = if receipt.rejected == 0 { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let mut response = (status, Json(receipt)).into_response();
    if let Some(quotient) = quotient {
        response.extensions_mut().insert(quotient);
    }
    Ok(response)
}

async fn store(app: &Arc<App>, scope: Scope, decoded: Decoded, received_at: Timestamp) -> Result<Receipt, ApiError> {
    let Decoded { envelope, events, mut receipt } = decoded;
    let mut incoming = Vec::with_capacity(events.len());
    for accepted in events {
        let event_id = || Some(accepted.event.event_id.to_string());
        let admission = match accepted.event.project_id.as_deref() {
            Some(project) => app.projects.admit(&app.settings, app.config.auto_create_projects, scope, project)?,
            None => Admission::Known,
        };
        match admission {
            Admission::Known => {}
            Admission::Created(project) => receipt.warnings.push(EventWarning {
                index: accepted.index,
                event_id: event_id(),
                warning: EventWarningCode::ProjectAutoCreated,
                message: format!("The project {project:?} did not exist and was created."),
            }),
            Admission::Refused(project) => {
                receipt.errors.push(EventProblem {
                    index: accepted.index,
                    event_id: event_id(),
                    error: EventErrorCode::InvalidProjectId,
                    message: format!("The project {project:?} does not exist; create it first with POST /v1/projects."),
                });
                continue;
            }
        }
        let call_cost = app.prices.cost_of(&accepted.body);
        incoming.push(Incoming { event: accepted.event, body: accepted.body, call_cost });
    }
    receipt.errors.sort_by_key(|problem| problem.index);
    receipt.warnings.sort_by_key(|warning| warning.index);
    receipt.accepted = incoming.len();
    receipt.rejected = receipt.errors.len();
    for problem in &receipt.errors {
        counter!("hiveboard_events_rejected_total", "code" => problem.error.as_str()).increment(1);
    }
    counter!("hiveboard_events_accepted_total").increment(receipt.accepted as u64);
    if !incoming.is_empty() {
        app.pipeline.append(Group { scope, envelope, received_at, events: incoming }).await?;
    }
    Ok(receipt)
}

async fn read_body(body: Body) -> Result<Vec<u8>, ApiError> {
    let expected = body.size_hint().exact().unwrap_or(0);
    let mut taken = Vec::with_capacity(expected.min(BATCH_BYTES as u64) as usize);
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|_| ApiError::new(ErrorCode::InvalidBatch, "The body ended before it was complete."))?;
        if taken.len() + chunk.len() > BATCH_BYTES {
            return Err(too_large());
        }
        taken.extend_from_slice(&chunk);
    }
    Ok(taken)
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::BatchTooLarge, "The batch has over 1 MiB of JSON; send it in parts.")
        .detail("limit_bytes", BATCH_BYTES)
}

/// Inflates at most one byte more than a batch may have.
fn decompress(headers: &HeaderMap, raw: Vec<u8>) -> Result<Vec<u8>, ApiError> {
    let encoding =
        headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let limit = BATCH_BYTES as u64 + 1;
    let mut body = Vec::new();
    let (name, inflated) = match encoding.as_deref() {
        None | Some("" | "identity") => return Ok(raw),
        Some("gzip") => ("gzip", flate2::read::MultiGzDecoder::new(&*raw).take(limit).read_to_end(&mut body)),
        Some("zstd") => ("zstd", inflate_zstd(&raw, limit, &mut body)),
        Some(other) => {
            return Err(ApiError::new(
                ErrorCode::InvalidBatch,
                format!("Content-Encoding {other:?} is not known; send gzip, zstd, or none."),
            ));
        }
    };
    if body.len() > BATCH_BYTES {
        return Err(too_large());
    }
    inflated.map_err(|_| ApiError::new(ErrorCode::InvalidBatch, format!("The body is not valid {name}.")))?;
    Ok(body)
}

fn inflate_zstd(raw: &[u8], limit: u64, body: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut decoder = zstd::Decoder::new(raw)?;
    // A frame may ask for a window of gigabytes; a batch never needs more than 8 MiB.
    decoder.window_log_max(23)?;
    decoder.take(limit).read_to_end(body)
}

/// Shape of [`Receipt`] for the API's document.
#[derive(utoipa::ToSchema)]
#[schema(as = Receipt)]
#[expect(dead_code, reason = "a shape for the document alone")]
pub(crate) struct ReceiptView {
    /// Stored, or stored already before.
    accepted: usize,
    rejected: usize,
    #[schema(value_type = Vec<Object>)]
    warnings: Vec<EventWarning>,
    #[schema(value_type = Vec<Object>)]
    errors: Vec<EventProblem>,
}
