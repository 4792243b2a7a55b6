//! Work that would hold up the request threads.

use crate::{
    error::{ApiError, ApiResult},
    request_id,
};

/// Runs blocking work (store queries, walks over projections) beside the request threads.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> ApiResult<T> + Send + 'static) -> ApiResult<T> {
    tokio::task::spawn_blocking(request_id::carry(work)).await.map_err(|error| ApiError::internal(&error))?
}
