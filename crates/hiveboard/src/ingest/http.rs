//! `POST /v1/ingest`: from a body to durable, visible events.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use hiveboard_wire::{ErrorCode, EventProblem, EventWarning, kind::limits::BATCH_BYTES};

use super::decode::{decode, too_large};
use crate::{app::App, auth::Writer, error::ApiError};

/// A body takes no longer than this to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(30);

/// Takes a batch of one agent's events: 200 when all were accepted, 207 when some were rejected. What is accepted is durable and
/// visible when the answer comes; sending a batch again changes nothing.
#[utoipa::path(
    post, path = "/v1/ingest", tag = "ingest",
    request_body(content = Object, description = "`{\"envelope\": {…}, \"events\": […]}`, optionally gzip or zstd; at most 500 events and 1 MiB."),
    responses(
        (status = 200, body = ReceiptView), (status = 207, body = ReceiptView), (status = 400, body = crate::error::ErrorBody),
        (status = 413, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody),
    )
)]
pub(crate) async fn ingest(
    State(app): State<Arc<App>>,
    Writer(caller): Writer,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let raw = tokio::time::timeout(BODY_PATIENCE, read_body(body)).await.map_err(|_| {
        ApiError::new(ErrorCode::InvalidBatch, "The body did not arrive within 30 s; nothing was stored.")
    })??;
    // Arrived is what is here as a whole.
    let now = app.clock.now();
    let decoded = decode(&parts.headers, raw, now)?;
    let rate = app.limits.ingest(caller.id, decoded.events.len())?;
    let (batch, receipt) = app.admission.admit(caller.scope(), decoded, now)?;
    if !batch.events.is_empty() {
        app.write_path.append(vec![batch]).await?;
    }
    let status = if receipt.rejected == 0 { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    let mut response = (status, Json(receipt)).into_response();
    if let Some(rate) = rate {
        response.extensions_mut().insert(rate);
    }
    Ok(response)
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

/// Shape of [`hiveboard_wire::Receipt`] for the API's document.
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
