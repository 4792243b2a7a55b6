//! From the bytes of a body to a batch.

use std::io::Read;

use axum::{
    body::Bytes,
    http::{HeaderMap, header},
};
use hiveboard_wire::{Decoded, ErrorCode, Timestamp, decode_batch, kind::limits::BATCH_BYTES};

use crate::error::ApiError;

pub(super) fn decode(headers: &HeaderMap, raw: Bytes, now: Timestamp) -> Result<Decoded, ApiError> {
    let body = decompress(headers, raw, BATCH_BYTES, too_large)?;
    // Some systems put a byte order mark before every text.
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
    decode_batch(text, now).map_err(|error| ApiError::new(ErrorCode::InvalidBatch, error.0))
}

pub(super) fn too_large() -> ApiError {
    ApiError::new(ErrorCode::BatchTooLarge, "The batch has over 1 MiB of JSON; send it in parts.")
        .detail("limit_bytes", BATCH_BYTES)
}

/// Inflates at most one byte more than there may be.
pub(super) fn decompress(
    headers: &HeaderMap,
    raw: Bytes,
    most_bytes: usize,
    too_large: fn() -> ApiError,
) -> Result<Bytes, ApiError> {
    let encoding =
        headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    let limit = most_bytes as u64 + 1;
    let mut body = Vec::new();
    let (name, inflated) = match encoding.as_deref() {
        None | Some("" | "identity") => return Ok(raw),
        // `x-gzip` is its older name.
        Some("gzip" | "x-gzip") => {
            ("gzip", flate2::read::MultiGzDecoder::new(&*raw).take(limit).read_to_end(&mut body))
        }
        Some("zstd") => ("zstd", inflate_zstd(&raw, limit, &mut body)),
        Some(other) => {
            return Err(ApiError::new(
                ErrorCode::InvalidBatch,
                format!("Content-Encoding {other:?} is not known; send gzip, zstd, or none."),
            ));
        }
    };
    if body.len() > most_bytes {
        return Err(too_large());
    }
    inflated.map_err(|_| ApiError::new(ErrorCode::InvalidBatch, format!("The body is not valid {name}.")))?;
    Ok(body.into())
}

fn inflate_zstd(raw: &[u8], limit: u64, body: &mut Vec<u8>) -> std::io::Result<usize> {
    let mut decoder = zstd::Decoder::new(raw)?;
    // A frame may ask for a window of gigabytes; a batch never needs more than 8 MiB.
    decoder.window_log_max(23)?;
    decoder.take(limit).read_to_end(body)
}
