//! The one table of codes: errors of a request, errors and warnings of an event.

use serde::{Deserialize, Serialize};

macro_rules! request_codes {
    ($($variant:ident => ($text:literal, $status:literal)),+ $(,)?) => {
        /// Error code of a whole request, with its HTTP status.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($variant),+ }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            pub const fn status(self) -> u16 { match self { $(Self::$variant => $status),+ } }
        }
    };
}

request_codes! {
    AuthenticationFailed => ("authentication_failed", 401),
    ReadOnlyKey => ("read_only_key", 403),
    Forbidden => ("forbidden", 403),
    InvalidBatch => ("invalid_batch", 400),
    InvalidParameter => ("invalid_parameter", 400),
    ValidationError => ("validation_error", 400),
    CannotDeleteDefaultProject => ("cannot_delete_default_project", 400),
    AgentNotFound => ("agent_not_found", 404),
    TaskNotFound => ("task_not_found", 404),
    ProjectNotFound => ("project_not_found", 404),
    RuleNotFound => ("rule_not_found", 404),
    AlertNotFound => ("alert_not_found", 404),
    ChannelNotFound => ("channel_not_found", 404),
    KeyNotFound => ("key_not_found", 404),
    NotFound => ("not_found", 404),
    MethodNotAllowed => ("method_not_allowed", 405),
    RequestTimeout => ("request_timeout", 408),
    Conflict => ("conflict", 409),
    BatchTooLarge => ("batch_too_large", 413),
    RateLimitExceeded => ("rate_limit_exceeded", 429),
    InternalError => ("internal_error", 500),
    Overloaded => ("overloaded", 503),
    StorageFull => ("storage_full", 503),
    NotReady => ("not_ready", 503),
}

macro_rules! event_codes {
    ($(#[$meta:meta])* $name:ident { $($variant:ident => $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
    };
}

event_codes! {
    /// Why one event of a batch was rejected.
    EventErrorCode {
        MissingRequiredField => "missing_required_field",
        InvalidField => "invalid_field",
        InvalidEventType => "invalid_event_type",
        InvalidTimestamp => "invalid_timestamp",
        PayloadTooLarge => "payload_too_large",
        FieldSizeExceeded => "field_size_exceeded",
        InvalidProjectId => "invalid_project_id",
    }
}

event_codes! {
    /// What was odd about an event that was accepted.
    EventWarningCode {
        InvalidSeverity => "invalid_severity",
        PayloadConvention => "payload_convention",
        ProjectAutoCreated => "project_auto_created",
        DuplicateEventId => "duplicate_event_id",
    }
}
