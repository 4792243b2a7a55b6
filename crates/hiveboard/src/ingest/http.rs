//! `POST /v1/ingest`: from a body to durable, visible events.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use hiveboard_wire::{ErrorCode, EventId, EventProblem, EventWarning, Receipt, kind::limits::BATCH_BYTES};
use metrics::counter;

use super::{
    admission::{Admitted, id_is_taken},
    decode::{decode, too_large},
};
use crate::{
    caller::Caller,
    error::{ApiError, BODY_PATIENCE, STALL_PATIENCE},
    node::Node,
    permission::{Require, need},
    rate::RateLimitStatus,
};

/// Takes a batch of one agent's events: 200 when all were accepted, 207 when some were rejected. What is accepted is durable and
/// visible when the answer comes; sending a batch again changes nothing.
#[utoipa::path(
    post, path = "/v1/ingest", tag = "ingest",
    request_body(content = Object, description = "`{\"envelope\": {…}, \"events\": […]}`, optionally gzip or zstd; at most 500 events and 1 MiB."),
    responses(
        (status = 200, body = ReceiptView), (status = 207, body = ReceiptView), (status = 400, body = crate::error::ErrorBody),
        (status = 408, body = crate::error::ErrorBody), (status = 413, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody), (status = 503, body = crate::error::ErrorBody),
    )
)]
pub(crate) async fn ingest(State(node): State<Arc<Node>>, caller: Require<need::Ingest>, request: Request) -> Response {
    let mut rate = None;
    let taken = take(&node, &caller, request, &mut rate).await;
    let said = match &taken {
        Ok(receipt) if receipt.rejected == 0 => "ok",
        Ok(_) => "partial",
        Err(refusal) => refusal.code().as_str(),
    };
    counter!("hiveboard_ingest_batches_total", "code" => said).increment(1);
    let mut response = match taken {
        Ok(receipt) if receipt.rejected == 0 => Json(receipt).into_response(),
        Ok(receipt) => (StatusCode::MULTI_STATUS, Json(receipt)).into_response(),
        Err(refusal) => refusal.into_response(),
    };
    // A refused batch counts as one event, so that every answer says what is left of the rate.
    let rate = rate.or_else(|| node.limits.ingest(caller.id(), 1).ok().flatten());
    if let Some(rate) = rate {
        response.extensions_mut().insert(rate);
    }
    response
}

async fn take(
    node: &Node,
    caller: &Caller,
    request: Request,
    rate: &mut Option<RateLimitStatus>,
) -> Result<Receipt, ApiError> {
    let (parts, body) = request.into_parts();
    let raw = tokio::time::timeout(BODY_PATIENCE, read_body(body, BATCH_BYTES, too_large))
        .await
        .unwrap_or_else(|_| Err(ApiError::stalled_body()))
        .map_err(|refusal| in_words_of(&parts.headers, refusal))?;
    // Arrived is what is here as a whole.
    let now = node.clock.now();
    let decoded = decode(&parts.headers, raw, now)?;
    *rate = node.limits.ingest(caller.id(), decoded.events.len().max(1))?;
    let Admitted { batch, mut receipt, places } = node.admission.admit(caller.scope(), decoded, now).await?;
    if !batch.events.is_empty() {
        let ids: Vec<EventId> = batch.events.iter().map(|incoming| incoming.event.event_id.clone()).collect();
        let differing = node.intake.append(caller.id(), vec![batch]).await?;
        for place in differing.into_iter().flatten() {
            counter!("hiveboard_event_id_collisions_total").increment(1);
            receipt.warnings.push(id_is_taken(places[place], ids[place].to_string()));
        }
        receipt.warnings.sort_by_key(|warning| warning.index);
    }
    Ok(receipt)
}

/// The published client takes a 408 for a final word and drops the batch, but sends again what is answered with 503.
fn in_words_of(headers: &HeaderMap, refusal: ApiError) -> ApiError {
    let agent = headers.get(header::USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
    if refusal.code() == ErrorCode::RequestTimeout && agent.starts_with(b"python-requests/") {
        return ApiError::new(ErrorCode::Overloaded, refusal.body().message).retry_after(1);
    }
    refusal
}

/// The whole of a body; one that came in one piece is not copied.
pub(crate) async fn read_body(body: Body, most_bytes: usize, too_large: fn() -> ApiError) -> Result<Bytes, ApiError> {
    let expected = body.size_hint().exact().unwrap_or(0).min(most_bytes as u64) as usize;
    let (mut first, mut taken) = (Bytes::new(), Vec::new());
    let mut stream = body.into_data_stream();
    while let Some(chunk) =
        tokio::time::timeout(STALL_PATIENCE, stream.next()).await.map_err(|_| ApiError::stalled_body())?
    {
        let chunk =
            chunk.map_err(|_| ApiError::new(ErrorCode::InvalidBatch, "The body ended before it was complete."))?;
        if first.len() + taken.len() + chunk.len() > most_bytes {
            return Err(too_large());
        }
        if first.is_empty() && taken.is_empty() {
            first = chunk;
            continue;
        }
        if taken.is_empty() {
            taken.reserve(expected);
            taken.extend_from_slice(&std::mem::take(&mut first));
        }
        taken.extend_from_slice(&chunk);
    }
    Ok(if taken.is_empty() { first } else { taken.into() })
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
