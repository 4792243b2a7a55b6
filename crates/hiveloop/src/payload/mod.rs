//! What an event carries: JSON written straight into bytes, and the well-known shapes.

mod builders;
mod extra;
mod kinds;
mod limit;
mod value;
mod writer;

pub use extra::ExtraFields;
pub use kinds::{Issue, LlmCall, PlanStep, QueueSnapshot, Todo};
pub(crate) use kinds::{write_plan, write_scheduled};
pub(crate) use limit::{MAX_PAYLOAD_BYTES, shrink};
pub use value::{ToJson, Value};
pub use writer::{JsonWriter, MAX_NESTING};
