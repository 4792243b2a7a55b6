//! What travels between agents and HiveBoard, and what every other crate agrees on.
//!
//! Reading order: [`event`] (one event and its typed [`Body`]), [`kind`] (the table of event types and
//! well-known payload kinds), [`batch`] and [`validate`] (how a request body becomes accepted and rejected events),
//! [`codes`] (the table of error codes), [`live`] (stream frames), [`scope`] (whose data it is), [`time`] and [`money`] (units).
//!
//! This crate does no I/O, reads no clock and needs no runtime.

pub mod batch;
pub mod body;
pub mod codes;
pub mod event;
mod fields;
mod fingerprint;
pub mod id;
pub mod kind;
pub mod live;
pub mod money;
mod payload;
mod quoted;
pub mod scope;
mod text;
pub mod time;
pub mod validate;
mod walk;

pub use batch::{Envelope, EventProblem, EventWarning, Receipt, Source};
pub use body::Body;
pub use codes::{ErrorCode, EventErrorCode, EventWarningCode};
pub use event::{Event, StoredEvent};
pub use fingerprint::fingerprint;
pub use id::{EventId, OrderKey, RunKey};
pub use kind::{EventType, Kind, Severity};
pub use money::{CallCost, CostSource, NanoDollars};
pub use payload::named_kind;
pub use quoted::Quoted;
pub use scope::{Mode, Scope, WorkspaceId};
pub use time::{MICROS_PER_SECOND, Timestamp};
pub use validate::{Decoded, decode_batch};
