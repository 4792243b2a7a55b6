//! Rates per key: ingested events, read requests, open streams.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use hiveboard_wire::ErrorCode;
use metrics::counter;
use parking_lot::Mutex;
use std::collections::HashMap;

use crate::{caller::CallerId, config::Config, error::ApiError, rate::RateLimitStatus};

type Keyed = RateLimiter<CallerId, DashMapStateStore<CallerId>, DefaultClock, StateInformationMiddleware>;

/// Reads a second of a person at the board: many panels, one reader.
const BOARD_READS_PER_SECOND: u32 = 200;
const BOARD_STREAMS: u32 = 50;

/// Requests without a valid key a second and address, and so many at first. Right keys of the same address are not concerned.
const KEYLESS_PER_SECOND: NonZeroU32 = NonZeroU32::new(50).expect("above zero");
const KEYLESS_AT_FIRST: NonZeroU32 = NonZeroU32::new(1_000).expect("above zero");

pub struct Limits {
    keyless: DefaultKeyedRateLimiter<IpAddr>,
    ingest: Option<Keyed>,
    reads: Option<Keyed>,
    board_reads: Keyed,
    streams_per_key: u32,
    open_streams: Arc<Mutex<HashMap<CallerId, u32>>>,
}

fn keyed(per_second: u32) -> Option<Keyed> {
    let rate = NonZeroU32::new(per_second)?;
    Some(RateLimiter::keyed(Quota::per_second(rate)).with_middleware())
}

impl Limits {
    pub fn new(config: &Config) -> Self {
        Self {
            keyless: RateLimiter::keyed(Quota::per_second(KEYLESS_PER_SECOND).allow_burst(KEYLESS_AT_FIRST)),
            ingest: keyed(config.rate_limit_ingest),
            reads: keyed(config.rate_limit_read),
            board_reads: keyed(BOARD_READS_PER_SECOND).expect("the constant is above zero"),
            streams_per_key: config.rate_limit_streams,
            open_streams: Arc::default(),
        }
    }

    /// Takes `events` from the key's rate. A batch larger than the whole rate counts as the whole rate.
    pub fn ingest(&self, caller: CallerId, events: usize) -> Result<Option<RateLimitStatus>, ApiError> {
        let Some(limiter) = &self.ingest else { return Ok(None) };
        take(limiter, caller, events, "events")
    }

    pub fn read(&self, caller: CallerId) -> Result<Option<RateLimitStatus>, ApiError> {
        match (caller, &self.reads) {
            (CallerId::Session(_), _) => take(&self.board_reads, caller, 1, "requests"),
            (CallerId::Key(_), Some(limiter)) => take(limiter, caller, 1, "requests"),
            (CallerId::Key(_), None) | (CallerId::Log, _) => Ok(None),
        }
    }

    /// Counts a request that was refused for want of a valid key.
    ///
    /// # Errors
    /// When its address has sent too many of them.
    pub fn keyless(&self, address: IpAddr) -> Result<(), ApiError> {
        let Err(until) = self.keyless.check_key(&address.to_canonical()) else { return Ok(()) };
        counter!("hiveboard_refused_without_key_total").increment(1);
        let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs() + 1;
        Err(ApiError::new(
            ErrorCode::RateLimitExceeded,
            "Too many requests without a valid key come from this address. `hiveboard keys list` shows the keys of this server.",
        )
        .retry_after(seconds))
    }

    /// Counts a stream as open until the answer is dropped.
    pub fn open_stream(&self, caller: CallerId) -> Result<StreamSlot, ApiError> {
        let most = if matches!(caller, CallerId::Session(_)) { BOARD_STREAMS } else { self.streams_per_key };
        let mut open = self.open_streams.lock();
        let count = open.entry(caller).or_default();
        if most > 0 && *count >= most {
            return Err(ApiError::new(
                ErrorCode::RateLimitExceeded,
                format!("This key already has {most} open streams; close one first."),
            )
            .retry_after(5));
        }
        *count += 1;
        Ok(StreamSlot { caller, open: Arc::clone(&self.open_streams) })
    }

    /// Forgets callers that have been quiet; called now and then.
    pub fn tidy(&self) {
        for limiter in [self.ingest.as_ref(), self.reads.as_ref(), Some(&self.board_reads)].into_iter().flatten() {
            limiter.retain_recent();
        }
        self.keyless.retain_recent();
    }
}

fn take(limiter: &Keyed, caller: CallerId, count: usize, unit: &str) -> Result<Option<RateLimitStatus>, ApiError> {
    let Some(wanted) = NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX)) else { return Ok(None) };
    let answer = match limiter.check_key_n(&caller, wanted) {
        Ok(answer) => answer,
        // More than a second's worth in one batch: let it take the whole second.
        Err(capacity) => limiter
            .check_key_n(&caller, NonZeroU32::new(capacity.0).expect("quotas are above zero"))
            .expect("the capacity fits into itself"),
    };
    match answer {
        Ok(state) => Ok(Some(RateLimitStatus {
            limit: state.quota().burst_size().get(),
            remaining: state.remaining_burst_capacity(),
            reset_seconds: 1,
        })),
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now()).max(Duration::from_millis(1));
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Err(ApiError::new(
                ErrorCode::RateLimitExceeded,
                format!(
                    "Over the limit of {} {unit} a second for this key; try again in {seconds} s.",
                    until.quota().burst_size()
                ),
            )
            .detail("limit", until.quota().burst_size().get())
            .rate(RateLimitStatus { limit: until.quota().burst_size().get(), remaining: 0, reset_seconds: seconds })
            .retry_after(seconds))
        }
    }
}

/// An open stream; closing it is dropping it.
pub struct StreamSlot {
    caller: CallerId,
    open: Arc<Mutex<HashMap<CallerId, u32>>>,
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some(count) = open.get_mut(&self.caller) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.caller);
            }
        }
    }
}
