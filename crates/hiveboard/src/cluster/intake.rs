//! The way of events into a cluster: what was admitted goes into the log, and is acknowledged when the log has it durably.

use std::sync::Arc;

use hiveboard_log_nats::{Log, LogError};
use hiveboard_store::Batch;
use hiveboard_wire::ErrorCode;
use metrics::{counter, histogram};
use tokio::sync::Semaphore;

use crate::error::ApiError;

/// Events that may be on their way to the log; more are answered with `overloaded`.
const WAITING_EVENTS: usize = 64_000;

pub struct LogIntake {
    log: Log,
    room: Arc<Semaphore>,
}

impl LogIntake {
    pub(super) fn new(log: Log) -> Self {
        Self { log, room: Arc::new(Semaphore::new(WAITING_EVENTS)) }
    }

    /// Writes all batches into the log. On an error some of them may be in it: they are sent again, and their ids tell them.
    pub(crate) async fn append(&self, batches: &[Batch]) -> Result<(), ApiError> {
        let events: usize = batches.iter().map(|batch| batch.events.len()).sum();
        let wanted = u32::try_from(events.min(WAITING_EVENTS)).expect("the constant fits");
        let Ok(_room) = self.room.try_acquire_many(wanted) else {
            counter!("hiveboard_ingest_overloaded_total").increment(1);
            return Err(ApiError::new(
                ErrorCode::Overloaded,
                "The node has more to write than the log takes; nothing of this batch was stored. Sending it again is safe.",
            )
            .retry_after(1));
        };
        let began = std::time::Instant::now();
        for batch in batches {
            self.log.publish(batch).await.map_err(refusal)?;
        }
        histogram!("hiveboard_log_publish_seconds").record(began.elapsed().as_secs_f64());
        Ok(())
    }
}

/// What a client is told: all of it says that sending again is safe.
pub(super) fn refusal(error: LogError) -> ApiError {
    counter!("hiveboard_log_publish_failures_total").increment(1);
    match error {
        LogError::Unavailable(what) => {
            tracing::warn!(what, "the log cannot be reached; ingest is refused");
            ApiError::new(
                ErrorCode::NotReady,
                "The cluster's log cannot be reached, so nothing can be acknowledged. Keep the events and send them again: that is safe.",
            )
            .retry_after(2)
        }
        LogError::Full(what) => {
            tracing::error!(what, "the log is full; ingest is refused");
            ApiError::new(
                ErrorCode::StorageFull,
                "The cluster's log is full; nothing of this request was stored. Sending again is safe.",
            )
            .retry_after(30)
        }
        error => ApiError::internal(error),
    }
}
