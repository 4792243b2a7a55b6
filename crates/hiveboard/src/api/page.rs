//! Lists: a limit, an opaque cursor, and whether there is more.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::query_string::QueryString;
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
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(change).collect(), pagination: self.pagination }
    }
}

/// Which page of a list is asked for. A cursor belongs to the list and the parameters with which it was given, the limit apart.
#[derive(Debug, Clone)]
pub struct Paging {
    pub limit: usize,
    cursor: Option<String>,
    fingerprint: u64,
}

/// What a cursor holds.
#[derive(Serialize, Deserialize)]
struct Cursor<C> {
    of: u64,
    place: C,
}

/// What it belongs to, whatever its place looks like.
#[derive(Deserialize, Default)]
struct Bound {
    of: u64,
}

#[derive(Deserialize)]
struct PageParams {
    limit: Option<usize>,
    cursor: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::new(parts.uri.path(), parts.uri.query().unwrap_or(""))
    }
}

impl Paging {
    /// # Errors
    /// When the limit is not a number from 1 to 200.
    pub fn new(path: &str, query: &str) -> Result<Self, ApiError> {
        let query = QueryString::parse(query)?;
        let params: PageParams = query.read()?;
        let limit = params.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(ApiError::invalid_parameter("limit", format!("`limit` must be from 1 to {MOST}.")));
        }
        Ok(Self { limit, cursor: params.cursor, fingerprint: query.fingerprint(path) })
    }

    /// Where the page before ended; `None` on the first one.
    ///
    /// # Errors
    /// When the cursor is not one that this list gave with these parameters.
    pub fn place<C: DeserializeOwned>(&self) -> Result<Option<C>, ApiError> {
        let Some(cursor) = self.cursor.as_deref() else { return Ok(None) };
        let bound: Bound = decode(Some(cursor))?.unwrap_or_default();
        if bound.of != self.fingerprint {
            let why = "`cursor` was given by another list, or with other parameters; start without it.";
            return Err(ApiError::invalid_parameter("cursor", why));
        }
        decode::<Cursor<C>>(Some(cursor)).map(|cursor| cursor.map(|cursor| cursor.place))
    }

    /// The cursor that leads on from a place.
    pub fn cursor(&self, place: impl Serialize) -> String {
        encode(&Cursor { of: self.fingerprint, place })
    }

    /// A page of items that are all there, in the order of their places.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub fn page<T, C>(&self, mut items: Vec<T>, place: impl Fn(&T) -> C) -> Result<Page<T>, ApiError>
    where
        C: Serialize + DeserializeOwned + PartialOrd,
    {
        if let Some(after) = self.place::<C>()? {
            items.retain(|item| place(item) > after);
        }
        Ok(self.cut(items, place))
    }

    /// A page from up to `limit + 1` items: the one too many says that there is more.
    pub fn cut<T, C: Serialize>(&self, mut items: Vec<T>, place: impl FnOnce(&T) -> C) -> Page<T> {
        let has_more = items.len() > self.limit;
        items.truncate(self.limit);
        let cursor = items.last().filter(|_| has_more).map(|last| self.cursor(place(last)));
        Page { pagination: Pagination { cursor, has_more }, data: items }
    }
}

/// A cursor that belongs to no parameters: for the pages of one thing, told by its path.
pub fn encode(place: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).expect("cursors are plain data"))
}

/// # Errors
/// When it is not a cursor that this list gave.
pub fn decode<C: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<C>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let place = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    place.map(Some).ok_or_else(|| {
        ApiError::invalid_parameter("cursor", "`cursor` is not one that this list gave; start without it.")
    })
}
