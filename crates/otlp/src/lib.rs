//! Maps OpenTelemetry spans, log records and metrics to events, so that whatever reports by OTLP is seen as a worker.
//!
//! [`Mapper`] takes export requests and answers batches as they would come from a client ([`AgentBatch`]). Ids of events follow from
//! trace, span and record, so that what is sent again changes nothing. What is told by conventions is read by conventions
//! (`role`, `usage`), never by who sent it; the few emitters that do not keep to any have a file each in `logs`.
//!
//! No I/O and no clock. Only ended spans ever arrive, children before their parents: `memory` keeps the shape of recent traces.

mod agent;
mod attributes;
mod batch;
mod draft;
mod fields;
mod haystack;
pub mod json;
mod logs;
mod memory;
mod metrics;
mod preview;
mod role;
mod spans;
mod status;
mod usage;

pub use batch::{AgentBatch, Mapped};
pub use memory::{Memory as Mapper, Paused};
pub use status::Status;

/// The messages of the protocol, and its enumerations.
pub use opentelemetry_proto::tonic::{
    collector,
    logs::v1::SeverityNumber,
    metrics::v1::AggregationTemporality,
    trace::v1::{span::SpanKind, status::StatusCode},
};
