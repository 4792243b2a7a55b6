//! Every error answer: `{"error", "message", "status", "details"}`, and never an inner detail.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use hiveboard_settings::SettingsError;
use hiveboard_store::StoreError;
use hiveboard_wire::ErrorCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{rate::RateLimitStatus, request_id};

/// A body takes no longer than this to arrive.
pub const BODY_PATIENCE: Duration = Duration::from_secs(45);
/// A body of which nothing comes for so long has stalled. Half of what the published client waits for an answer, so that it hears of it.
pub const STALL_PATIENCE: Duration = Duration::from_secs(15);

/// Every error answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// One of the codes of the table.
    pub error: String,
    /// What is wrong and what to do.
    pub message: String,
    pub status: u16,
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub struct ApiError {
    code: ErrorCode,
    /// What is wrong and what to do.
    message: String,
    details: Map<String, Value>,
    retry_after_seconds: Option<u64>,
    rate: Option<RateLimitStatus>,
}

pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), retry_after_seconds: None, rate: None }
    }

    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Also sets the `Retry-After` header.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_seconds = Some(seconds);
        self.detail("retry_after_seconds", seconds)
    }

    /// Also sets the `X-RateLimit-*` headers.
    #[must_use]
    pub fn rate(mut self, rate: RateLimitStatus) -> Self {
        self.rate = Some(rate);
        self
    }

    pub fn invalid_parameter(name: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidParameter, message).detail("parameter", name)
    }

    pub fn validation(fields: &[(&str, &str)]) -> Self {
        let listed = fields.iter().map(|(name, what)| format!("`{name}` {what}")).collect::<Vec<_>>().join("; ");
        let fields: Map<String, Value> = fields.iter().map(|(name, what)| ((*name).to_owned(), json!(what))).collect();
        Self::new(ErrorCode::ValidationError, format!("The request is not valid: {listed}.")).detail("fields", fields)
    }

    /// Clients send it again, as they do after a connection that broke.
    pub fn stalled_body() -> Self {
        Self::new(
            ErrorCode::RequestTimeout,
            format!(
                "The body did not arrive: nothing of it came for {} s, or it took over {} s. Nothing was stored; sending it again is safe.",
                STALL_PATIENCE.as_secs(),
                BODY_PATIENCE.as_secs()
            ),
        )
        .retry_after(1)
    }

    /// Logs the cause under the request's id; the answer names the id alone.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        let request_id = request_id::current().unwrap_or_else(request_id::make);
        tracing::error!(request_id, %cause, "request failed");
        Self::new(
            ErrorCode::InternalError,
            format!("Something went wrong on the server. Its log has the cause under request id {request_id}."),
        )
        .detail("request_id", request_id)
    }

    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            error: self.code.as_str().to_owned(),
            message: self.message.clone(),
            status: self.code.status(),
            details: self.details.clone(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => storage_full(),
            StoreError::TimedOut => Self::new(
                ErrorCode::Overloaded,
                "The query took too long and was cancelled. Narrow it: a shorter range, one agent, one project.",
            )
            .retry_after(1),
            StoreError::Away(what) => {
                tracing::warn!(what, "the storage engine does not answer");
                Self::new(
                    ErrorCode::NotReady,
                    "The storage behind this server does not answer at the moment. Nothing that was acknowledged is lost; ask again.",
                )
                .retry_after(2)
            }
            StoreError::Unusable(_) | StoreError::Damaged(_) | StoreError::Failed(_) | StoreError::ProjectionsLost => {
                Self::internal(error)
            }
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Full(_) => storage_full(),
            SettingsError::Unavailable(_) => Self::new(
                ErrorCode::NotReady,
                "The settings cannot be changed right now: the cluster's log is away, or too busy. Reading goes on; trying again is safe.",
            )
            .retry_after(2),
            SettingsError::Unusable(_) | SettingsError::Failed(_) => Self::internal(error),
        }
    }
}

fn storage_full() -> ApiError {
    ApiError::new(
        ErrorCode::StorageFull,
        "The server's disk is full; nothing of this request was stored. Free some space; sending again is safe.",
    )
    .retry_after(30)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("the table holds valid statuses");
        let mut response = (status, Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(rate) = self.rate {
            rate.write(response.headers_mut());
        }
        if self.code == ErrorCode::AuthenticationFailed {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
