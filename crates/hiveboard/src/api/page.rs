//! Lists: a limit, an opaque cursor, and whether there is more.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::error::ApiError;

pub const DEFAULT_LIMIT: usize = 50;
pub const MOST: usize = 200;

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    pub data: Vec<T>,
    pub pagination: Pagination,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Pagination {
    /// Give it back as `cursor` for what follows; `null` at the end.
    pub cursor: Option<String>,
    pub has_more: bool,
}

impl<T> Page<T> {
    /// From up to `limit + 1` items: the one too many says that there is more.
    pub fn cut<C: Serialize>(mut items: Vec<T>, limit: usize, cursor: impl FnOnce(&T) -> C) -> Self {
        let has_more = items.len() > limit;
        items.truncate(limit);
        let cursor = items.last().filter(|_| has_more).map(|last| encode(&cursor(last)));
        Self { pagination: Pagination { cursor, has_more }, data: items }
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(change).collect(), pagination: self.pagination }
    }
}

/// # Errors
/// When it is not a number from 1 to 200.
pub fn limit(given: Option<usize>) -> Result<usize, ApiError> {
    match given {
        None => Ok(DEFAULT_LIMIT),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(_) => Err(ApiError::invalid_parameter("limit", format!("`limit` must be from 1 to {MOST}."))),
    }
}

pub fn encode(place: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).expect("cursors are plain data"))
}

/// # Errors
/// When it is not a cursor that this list gave.
pub fn decode<C: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<C>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).map(Some).ok_or_else(
        || ApiError::invalid_parameter("cursor", "`cursor` is not one that this list gave; start without it."),
    )
}
