//! How long events are kept, and the job that lets them go.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use hiveboard_store::Retired;
use hiveboard_wire::{Scope, Timestamp};
use metrics::{counter, gauge};

use crate::{app::App, error::ApiError};

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// A clock that jumps further than this while the server runs is not believed at once.
const JUMP: Duration = Duration::from_secs(3_600);
/// So long a jump has to last before anything is deleted because of it.
const DISTRUST: Duration = Duration::from_secs(3_600);

/// Days that each workspace and mode keeps, as they are now.
pub struct Keep {
    default_days: u32,
    /// Ids are known for so long, whatever is set: an event must not come again after it went.
    least_days: u32,
    set: HashMap<Scope, u32>,
}

impl Keep {
    pub fn of(app: &App) -> Result<Self, ApiError> {
        Ok(Self {
            default_days: u32::from(app.config.retention_days),
            least_days: u32::from(app.config.dedup_days),
            set: app.settings.retentions()?.into_iter().map(|(scope, days)| (scope, u32::from(days))).collect(),
        })
    }

    pub fn days(&self, scope: Scope) -> u32 {
        self.set.get(&scope).copied().unwrap_or(self.default_days).max(self.least_days)
    }

    /// When that goes which arrived in a stretch that ended then.
    pub fn frees_at(&self, scope: Scope, until: Timestamp) -> Timestamp {
        Timestamp(until.0.saturating_add(i64::from(self.days(scope)) * MICROS_PER_DAY))
    }

    /// Runs without a sign since then go.
    fn before(&self, scope: Scope, now: Timestamp) -> Timestamp {
        Timestamp((now.0 - i64::from(self.days(scope)) * MICROS_PER_DAY).div_euclid(MICROS_PER_DAY) * MICROS_PER_DAY)
    }
}

/// The job. Remembers both clocks, to know when one of them jumped.
#[derive(Default)]
pub(crate) struct Retention {
    last: Option<(Instant, Timestamp)>,
    distrusted_until: Option<Instant>,
}

impl Retention {
    pub(crate) fn run(&mut self, app: &App) {
        erase_deleted(app);
        let (instant, now) = (Instant::now(), Timestamp::now());
        if !self.trusts(instant, now) {
            return;
        }
        match retire(app, now) {
            Ok(retired) if retired == Retired::default() => {}
            Ok(retired) => {
                counter!("hiveboard_retention_events_total").increment(retired.events);
                counter!("hiveboard_retention_bytes_total").increment(retired.bytes);
                counter!("hiveboard_retention_days_total").increment(u64::from(retired.spans));
                tracing::info!(
                    events = retired.events,
                    bytes = retired.bytes,
                    days = retired.spans,
                    "retention let events go"
                );
            }
            Err(error) => {
                counter!("hiveboard_retention_failures_total").increment(1);
                tracing::warn!(message = %error.body().message, "retention failed and is tried again");
            }
        }
        gauge!("hiveboard_retention_last_run_timestamp_seconds").set(now.0 as f64 / 1e6);
    }

    fn trusts(&mut self, instant: Instant, now: Timestamp) -> bool {
        if let Some((last_instant, last)) = self.last.replace((instant, now)) {
            let passed = i64::try_from(instant.duration_since(last_instant).as_micros()).unwrap_or(i64::MAX);
            let jumped = now.0.saturating_sub(last.0).saturating_sub(passed);
            if jumped.unsigned_abs() > JUMP.as_micros() as u64 {
                tracing::warn!(
                    seconds = jumped / 1_000_000,
                    "the clock jumped; retention waits an hour before it believes it"
                );
                self.distrusted_until = Some(instant + DISTRUST);
            }
        }
        self.distrusted_until.is_none_or(|until| instant >= until)
    }
}

/// Lets the events of deleted workspaces go. What arrived while one was being deleted goes with the next run.
fn erase_deleted(app: &App) {
    let erased = (|| -> Result<Retired, ApiError> {
        let deleted = app.forget_deleted_workspaces()?;
        if deleted.is_empty() {
            return Ok(Retired::default());
        }
        Ok(app.store.erase(&|scope| deleted.contains(&scope.workspace))?)
    })();
    match erased {
        Ok(gone) if gone == Retired::default() => {}
        Ok(gone) => {
            tracing::info!(events = gone.events, bytes = gone.bytes, "events of a deleted workspace were let go");
        }
        Err(error) => {
            counter!("hiveboard_retention_failures_total").increment(1);
            tracing::warn!(message = %error.body().message, "events of a deleted workspace are still there; tried again");
        }
    }
}

fn retire(app: &App, now: Timestamp) -> Result<Retired, ApiError> {
    let keep = Keep::of(app)?;
    // What goes must be folded in for good: figures of open runs live on in the projections alone.
    app.derived.flush(now)?;
    let stopping = || *app.stopping.borrow();
    let retired = app.store.retire(&|scope, until| !stopping() && keep.frees_at(scope, until) <= now)?;
    if retired != Retired::default() {
        for scope in app.derived.scopes() {
            let before = keep.before(scope, now);
            app.derived.forget_before(scope, before);
            app.insights.forget_before(scope, before);
        }
    }
    Ok(retired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_while_the_server_runs_deletes_nothing_for_an_hour() {
        let mut retention = Retention::default();
        let (start, day) = (Instant::now(), 86_400_000_000_i64);
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let wall = |seconds: u64, jump: i64| Timestamp(1_800_000_000_000_000 + seconds as i64 * 1_000_000 + jump);
        assert!(retention.trusts(at(0), wall(0, 0)));
        assert!(retention.trusts(at(60), wall(60, 0)), "a minute is a minute");
        assert!(!retention.trusts(at(120), wall(120, 400 * day)), "a year in a minute is a jump");
        assert!(!retention.trusts(at(3_000), wall(3_000, 400 * day)));
        assert!(!retention.trusts(at(3_060), wall(3_060, 0)), "and so is the way back");
        assert!(retention.trusts(at(6_700), wall(6_700, 0)), "an hour of peace is believed");
    }
}
