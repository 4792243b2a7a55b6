//! Query parameters: typed, documented, and refused by name when unknown or wrong.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

pub use super::{
    body::Body,
    query_string::{CommaList, QueryString},
};
use crate::error::ApiError;

/// The query string as `T`. Empty values count as absent.
pub struct Params<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        QueryString::parse(parts.uri.query().unwrap_or(""))?.read().map(Self)
    }
}

/// A part of the path; one that is not valid text is refused by name.
pub struct PathText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::<String>::from_request_parts(parts, state).await.map(|Path(text)| Self(text)).map_err(|_| bad_path())
    }
}

/// Two parts of the path.
pub struct PathPair(pub String, pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathPair {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map(|Path((first, second))| Self(first, second))
            .map_err(|_| bad_path())
    }
}

fn bad_path() -> ApiError {
    ApiError::invalid_parameter("path", "The path holds escapes that are not valid UTF-8.")
}

/// A time range up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, JsonSchema)]
pub enum Range {
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "6h")]
    SixHours,
    #[serde(rename = "24h")]
    Day,
    #[serde(rename = "7d")]
    Week,
    #[serde(rename = "30d")]
    Month,
    #[serde(rename = "90d")]
    Quarter,
}

impl Range {
    pub const ALL: [Self; 6] = [Self::Hour, Self::SixHours, Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// As it stands in a query.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::SixHours => 6 * 3_600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
            Self::Month => 30 * 86_400,
            Self::Quarter => 90 * 86_400,
        }
    }

    /// Where it begins when it ends at `until`: at the start of a bucket, so that totals, series and the sums that are kept begin with
    /// the same event, and the first bar of a chart is a whole one.
    pub const fn since(self, until: Timestamp) -> Timestamp {
        let width = match self {
            Self::Hour => 60,
            Self::SixHours => 300,
            Self::Day => 900,
            Self::Week => 3_600,
            Self::Month => 6 * 3_600,
            Self::Quarter => 86_400,
        };
        until.plus_seconds(-self.seconds()).bucket(width * MICROS_PER_SECOND)
    }
}

/// A stretch of time by the events' own timestamps: from `since` (inclusive) to `until` (exclusive).
///
/// The one definition of a window: lists, totals, series and groups take the same. Without `until` nothing that is stamped later than now
/// is left out, for there are clocks that run ahead; in a series it counts as now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Window {
    /// # Errors
    /// When both a range and a start are given, or the end lies before the start.
    pub fn new(
        range: Option<Range>,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        if range.is_some() && since.is_some() {
            return Err(ApiError::invalid_parameter("range", "Give `range` or `since`, not both."));
        }
        let since = since.or_else(|| range.map(|range| range.since(until.unwrap_or(now))));
        if let (Some(since), Some(until)) = (since, until)
            && until <= since
        {
            return Err(ApiError::invalid_parameter("until", "`until` must lie after `since`."));
        }
        Ok(Self { since, until })
    }

    /// The same with a start: that of the last `default` where none was given.
    pub fn started(self, default: Range, now: Timestamp) -> Stretch {
        let end = self.until.unwrap_or(now.plus_micros(1));
        Stretch {
            since: self.since.unwrap_or_else(|| default.since(self.until.unwrap_or(now))),
            until: self.until,
            end,
        }
    }
}

/// A window with a start, and where a chart of it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub since: Timestamp,
    pub until: Option<Timestamp>,
    /// `until`, or now.
    pub end: Timestamp,
}

/// A text to look for.
///
/// # Errors
/// When it is longer than any that is looked for.
pub fn text(q: Option<String>) -> Result<Option<String>, ApiError> {
    const MOST: usize = hiveboard_text::MOST_CHARACTERS;
    if q.as_deref().is_some_and(|text| text.chars().count() > MOST) {
        return Err(ApiError::invalid_parameter("q", format!("`q` may have {MOST} characters at most.")));
    }
    Ok(q)
}

/// Adds the parameters that every filtered read takes, and a `narrow()` that gathers them.
macro_rules! filtered_params {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fmeta:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, serde::Deserialize, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $type,)*
            /// Of one project.
            pub project_id: Option<String>,
            /// Of one agent.
            pub agent_id: Option<String>,
            /// Of one environment.
            pub environment: Option<String>,
            /// Of one group.
            pub group: Option<String>,
            /// From this time on (RFC 3339), by the events' timestamps.
            #[param(value_type = Option<String>, format = DateTime)]
            pub since: Option<hiveboard_wire::Timestamp>,
            /// Before this time (RFC 3339).
            #[param(value_type = Option<String>, format = DateTime)]
            pub until: Option<hiveboard_wire::Timestamp>,
            /// The last hour, six hours, …; instead of `since`.
            #[param(inline)]
            pub range: Option<$crate::api::params::Range>,
            /// Whose data a session of the board looks at; keys have their own.
            #[serde(default)]
            #[param(value_type = Option<String>)]
            #[expect(dead_code, reason = "read by the admission layer, which comes before")]
            mode: Option<hiveboard_wire::Mode>,
        }

        #[allow(dead_code, reason = "not every read looks at every common parameter")]
        impl $name {
            pub fn window(&self, now: hiveboard_wire::Timestamp) -> Result<$crate::api::params::Window, $crate::error::ApiError> {
                $crate::api::params::Window::new(self.range, self.since, self.until, now)
            }
        }
    };
}
pub(crate) use filtered_params;

/// For lists that are narrowed by nothing.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// For reads that take no parameter of their own.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ModeOnly {
    /// Whose data a session of the board looks at; keys have their own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}
