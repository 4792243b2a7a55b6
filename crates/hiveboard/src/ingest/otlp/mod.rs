//! OpenTelemetry's way in: the same admission, durability and back-pressure as a client's batches, in the protocol's own words.

pub mod grpc;
pub mod http;

use std::sync::Arc;

use hiveboard_derive::{RunFilter, RunSort, view::TaskStatus};
use hiveboard_otlp::{
    Mapped, Mapper, Paused,
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
};
use hiveboard_store::Batch;
use hiveboard_wire::{ErrorCode, Scope, Source, Timestamp, decode_batch};
use metrics::counter;

use crate::{
    blocking::blocking,
    caller::{Caller, CallerId},
    derived::Derived,
    error::ApiError,
    node::Node,
    rate::RateLimitStatus,
};

/// Largest request after decompression.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// A request to export something, of whatever kind.
trait Export: Sized + Send + 'static {
    /// For figures.
    const SIGNAL: &'static str;

    fn map(&self, mapper: &Mapper, scope: Scope) -> Mapped;
}

impl Export for ExportTraceServiceRequest {
    const SIGNAL: &'static str = "traces";

    fn map(&self, mapper: &Mapper, scope: Scope) -> Mapped {
        mapper.spans(scope, self)
    }
}

impl Export for ExportLogsServiceRequest {
    const SIGNAL: &'static str = "logs";

    fn map(&self, mapper: &Mapper, scope: Scope) -> Mapped {
        mapper.logs(scope, self)
    }
}

impl Export for ExportMetricsServiceRequest {
    const SIGNAL: &'static str = "metrics";

    fn map(&self, mapper: &Mapper, scope: Scope) -> Mapped {
        mapper.metrics(scope, self)
    }
}

/// What was taken of a request: all but so many.
#[derive(Debug, Default)]
struct Taken {
    rejected: i64,
    /// Why the first of them was rejected; empty where none was.
    reason: String,
    rate: Option<RateLimitStatus>,
}

/// Stores what a request says: all that can be read, or nothing.
async fn take<E: Export>(node: &Arc<Node>, caller: &Caller, request: E) -> Result<Taken, ApiError> {
    let (scope, now) = (caller.scope(), node.clock.now());
    counter!("hiveboard_otlp_requests_total", "signal" => E::SIGNAL).increment(1);
    let mapping = Arc::clone(node);
    let mapped = blocking(move || Ok(request.map(&mapping.otlp, scope))).await?;
    let stored = store(node, caller, &mapped, now).await;
    if stored.is_err() {
        node.otlp.take_back(mapped);
    }
    stored
}

/// Says what waited for spans that never came; called again and again, seldom.
pub(crate) async fn give_up(node: &Arc<Node>) {
    let now = node.clock.now();
    for (scope, mapped) in node.otlp.give_up() {
        if let Err(error) = store_for(node, scope, CallerId::Key(0), &mapped, now).await {
            tracing::warn!(?error, "what waited for spans that never came could not be stored; tried again");
            node.otlp.take_back(mapped);
        }
    }
}

/// Tells the mapper of tasks that have waited for a person since before the server started: it keeps in memory what ends such a wait.
pub(crate) fn learn_of_pauses(mapper: &Mapper, derived: &Derived, now: Timestamp) -> anyhow::Result<()> {
    const AT_ONCE: usize = 200;
    let filter = RunFilter { status: vec![TaskStatus::Waiting], ..RunFilter::default() };
    for scope in derived.scopes() {
        let mut cursor: Option<String> = None;
        loop {
            let page = derived
                .look(scope, |projections| projections.runs(&filter, RunSort::Newest, cursor.as_deref(), AT_ONCE, now))?
                .finish()?;
            for run in &page.data {
                let (Some(waiting), Some(correlation)) = (&run.waiting, run.correlation_id.as_deref()) else {
                    continue;
                };
                mapper.wait(
                    scope,
                    &Paused {
                        agent: &run.agent_id,
                        correlation,
                        task: &run.task_id,
                        asked_by: &waiting.event_id,
                        since: waiting.since,
                    },
                );
            }
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn store(node: &Arc<Node>, caller: &Caller, mapped: &Mapped, now: Timestamp) -> Result<Taken, ApiError> {
    let events: usize = mapped.batches.iter().map(|batch| batch.events).sum();
    let rate = node.limits.ingest(caller.id(), events.max(1))?;
    Ok(Taken { rate, ..store_for(node, caller.scope(), caller.id(), mapped, now).await? })
}

async fn store_for(
    node: &Arc<Node>,
    scope: Scope,
    caller: CallerId,
    mapped: &Mapped,
    now: Timestamp,
) -> Result<Taken, ApiError> {
    let mut taken =
        Taken { rejected: mapped.rejected as i64, reason: mapped.reason.clone().unwrap_or_default(), rate: None };
    let mut batches: Vec<Batch> = Vec::with_capacity(mapped.batches.len());
    for batch in &mapped.batches {
        let decoded = decode_batch(&batch.body, now)
            .map_err(|error| ApiError::new(ErrorCode::InvalidBatch, error.0))?
            .came_by(Source::Otlp);
        let admitted = node.admission.admit(scope, decoded, now).await?;
        taken.rejected += admitted.receipt.rejected as i64;
        if let (Some(problem), true) = (admitted.receipt.errors.first(), taken.reason.is_empty()) {
            taken.reason.clone_from(&problem.message);
        }
        if !admitted.batch.events.is_empty() {
            batches.push(admitted.batch);
        }
    }
    if !batches.is_empty() {
        // Spans that are sent again, and calls that two instrumentations tell of, are stored once: that is no fault here.
        node.intake.append(caller, batches).await?;
    }
    Ok(taken)
}
