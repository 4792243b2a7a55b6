//! The server's clock: steady between its ticks, so that nobody's silence is measured by a wall clock that was set, a machine that
//! slept, or a process that stood still.
//!
//! Between ticks it goes on from the last one by monotonic time, and stands still at [`HELD`] past it. Only a tick notices that the wall
//! clock is elsewhere, or that it came too late itself, and says so: the signs of life are then moved before the clock is.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use hiveboard_wire::Timestamp;
use parking_lot::RwLock;

/// Ticks come four times a second. One that is later than this means that nothing ran.
const HELD: Duration = Duration::from_secs(3);
/// A wall clock further away than this was set; less is how clocks are kept right.
const SET_MICROS: i64 = 1_000_000;
/// How much a tick goes back at most, where the wall clock is behind by a little: time never runs backwards for it.
const SLEW_MICROS: i64 = 1_000;

/// Where time comes from; tests bring their own.
pub trait TimeSource: Send + Sync + 'static {
    fn wall(&self) -> Timestamp;
    /// Since whenever; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
pub struct SystemTime(Instant);

impl TimeSource for SystemTime {
    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Time that did not pass for anyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct Anchor {
    wall: Timestamp,
    at: Duration,
    ticks: u64,
}

pub struct Clock {
    source: Box<dyn TimeSource>,
    anchor: RwLock<Anchor>,
    /// It goes no further, whatever the time.
    limit_micros: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(SystemTime(Instant::now()))
    }
}

impl Clock {
    pub fn new(source: impl TimeSource) -> Self {
        let anchor = Anchor { wall: source.wall(), at: source.monotonic(), ticks: 0 };
        Self { source: Box::new(source), anchor: RwLock::new(anchor), limit_micros: AtomicI64::new(i64::MAX) }
    }

    /// One that goes no further than it is told, for a server that hears of things later than they happen: what it has not heard of yet must not
    /// count as silence.
    pub fn until(limit: Timestamp) -> Self {
        let clock = Self::default();
        clock.limit_micros.store(limit.micros(), Ordering::Release);
        clock
    }

    /// It may go on until then; never less far than it might already.
    pub fn go_on_until(&self, limit: Timestamp) {
        self.limit_micros.fetch_max(limit.micros(), Ordering::AcqRel);
    }

    pub fn now(&self) -> Timestamp {
        let anchor = *self.anchor.read();
        let now = after(anchor.wall, self.source.monotonic().saturating_sub(anchor.at).min(HELD));
        now.min(Timestamp(self.limit_micros.load(Ordering::Acquire)))
    }

    /// How often it ticked.
    pub fn ticks(&self) -> u64 {
        self.anchor.read().ticks
    }

    /// Goes on. Where that is a jump, `jumped` is called first, and the clock stands at its end afterwards. One caller at a time.
    pub fn tick(&self, jumped: impl FnOnce(Jump)) {
        let anchor = *self.anchor.read();
        let (wall, at) = (self.source.wall(), self.source.monotonic());
        let passed = at.saturating_sub(anchor.at);
        let steady = after(anchor.wall, passed);
        let off = wall.micros().saturating_sub(steady.micros());
        let wall = if passed > HELD || off.abs() > SET_MICROS {
            jumped(Jump { from: after(anchor.wall, passed.min(HELD)), to: wall });
            wall
        } else {
            steady.plus_micros(off.max(-SLEW_MICROS.min(passed.as_micros() as i64)))
        };
        *self.anchor.write() = Anchor { wall, at, ticks: anchor.ticks + 1 };
    }
}

fn after(wall: Timestamp, passed: Duration) -> Timestamp {
    wall.plus_micros(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;

    use super::*;

    /// Wall and monotonic microseconds, set by hand.
    #[derive(Clone, Default)]
    struct ByHand(Arc<Mutex<(i64, u64)>>);

    impl ByHand {
        fn pass(&self, wall_ms: i64, monotonic_ms: u64) {
            let mut both = self.0.lock();
            both.0 += wall_ms * 1_000;
            both.1 += monotonic_ms * 1_000;
        }
    }

    impl TimeSource for ByHand {
        fn wall(&self) -> Timestamp {
            Timestamp(self.0.lock().0)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_micros(self.0.lock().1)
        }
    }

    fn tick(clock: &Clock) -> Option<(i64, i64)> {
        let mut found = None;
        clock.tick(|jump| found = Some((jump.from.micros() / 1_000, jump.to.micros() / 1_000)));
        found
    }

    #[test]
    fn time_that_passes_is_no_jump_and_small_corrections_are_none_either() {
        let source = ByHand::default();
        let clock = Clock::new(source.clone());
        source.pass(250, 250);
        assert_eq!((clock.now(), tick(&clock)), (Timestamp(250_000), None));
        source.pass(400, 250);
        assert_eq!((tick(&clock), clock.now()), (None, Timestamp(650_000)));
        source.pass(0, 250);
        let before = clock.now();
        assert_eq!(tick(&clock), None);
        assert!(clock.now() >= before.plus_micros(-1_000), "it does not run backwards by more than a hair");
    }

    #[test]
    fn a_wall_clock_that_is_set_is_noticed_by_the_tick_alone() {
        let source = ByHand::default();
        let clock = Clock::new(source.clone());
        for by in [3_600_000, -3_600_000] {
            let before = clock.now().micros() / 1_000;
            source.pass(by + 250, 250);
            assert_eq!(clock.now().micros() / 1_000, before + 250);
            assert_eq!(tick(&clock), Some((before + 250, before + 250 + by)));
            assert_eq!(clock.now().micros() / 1_000, before + 250 + by);
            assert_eq!(tick(&clock), None);
        }
    }

    #[test]
    fn one_that_is_told_how_far_goes_no_further() {
        let clock = Clock::until(Timestamp(1_000_000));
        assert_eq!(clock.now(), Timestamp(1_000_000));
        clock.go_on_until(Timestamp(2_000_000));
        clock.go_on_until(Timestamp(1_500_000));
        clock.tick(|_| panic!("nothing jumped"));
        assert_eq!(clock.now(), Timestamp(2_000_000));
        clock.go_on_until(Timestamp(i64::MAX));
        assert!(clock.now() > Timestamp(2_000_000), "it was at its limit, and the time went on");
    }

    #[test]
    fn sleep_and_standing_still_are_jumps() {
        let source = ByHand::default();
        let clock = Clock::new(source.clone());
        // Asleep: monotonic time stands still.
        source.pass(600_000, 100);
        assert_eq!(tick(&clock), Some((100, 600_000)));
        // Stopped for 15 s: nothing ran, both clocks went on, and whoever asks before the tick is not told.
        source.pass(15_000, 15_000);
        assert_eq!(clock.now().micros() / 1_000, 603_000);
        assert_eq!(tick(&clock), Some((603_000, 615_000)));
        assert_eq!(clock.now().micros() / 1_000, 615_000);
    }
}
