//! What an event carries: JSON written straight into bytes, and the well-known shapes.

mod builders;
mod extra;
mod kinds;
mod limit;
mod scrub;
mod value;
mod writer;

pub use extra::ExtraFields;
pub use kinds::{Issue, LlmCall, PlanStep, QueueSnapshot, Todo};
pub(crate) use kinds::{write_plan, write_scheduled};
pub use limit::MAX_PAYLOAD_BYTES;
pub(crate) use limit::shrink;
pub use scrub::scrubbed;
pub use value::{ToJson, Value};
pub use writer::{JsonWriter, MAX_NESTING};
