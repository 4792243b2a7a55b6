//! What makes an event itself: a strictly increasing time stamp and an id.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::clock::Clock;

/// Length of an event id in its text form.
pub(crate) const ID_LENGTH: usize = 36;
/// Length of `2026-11-22T21:58:37.123456Z`.
pub(crate) const STAMP_LENGTH: usize = 27;

/// A clock set back by more than this is believed; by less, stamps go on from the last one.
///
/// Otherwise a machine that starts with a date in the far future, and is then corrected, would send events that
/// the server refuses until the process ends.
const BELIEVED_STEP_BACK_MICROS: i64 = 60_000_000;

/// The time of one run: whatever the machine's clock does meanwhile, the run's stamps increase.
///
/// Used under the queue's lock alone; the fields are atomic only to be shared.
#[derive(Debug)]
pub(crate) struct RunClock {
    last_micros: AtomicI64,
    /// How far the time of day was ahead of the monotonic clock when the run began.
    ahead_micros: AtomicI64,
}

impl Default for RunClock {
    fn default() -> Self {
        Self { last_micros: AtomicI64::new(i64::MIN), ahead_micros: AtomicI64::new(0) }
    }
}

impl RunClock {
    /// The stamp of the run's next event: now, unless that would be before the last. A clock that was set back is
    /// not followed by runs that had begun: they go on by the time that really passes.
    fn stamp(&self, now: i64, monotonic: impl FnOnce() -> i64) -> i64 {
        let last = self.last_micros.load(Ordering::Relaxed);
        let stamp = if last == i64::MIN {
            self.ahead_micros.store(now - monotonic(), Ordering::Relaxed);
            now
        } else if now > last {
            now
        } else {
            (self.ahead_micros.load(Ordering::Relaxed) + monotonic()).max(last + 1)
        };
        self.last_micros.store(stamp, Ordering::Relaxed);
        stamp
    }
}

/// Hands out stamps and ids for one process.
pub(crate) struct IdentityMaker {
    clock: Arc<dyn Clock>,
    last_micros: i64,
    second: i64,
    second_text: [u8; 20],
    random: fastrand::Rng,
}

impl IdentityMaker {
    /// Seeds the ids from the operating system, so that a forked child never repeats its parent's.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last_micros: 0, second: i64::MIN, second_text: [b'0'; 20], random: seeded() }
    }

    /// The next stamp in microseconds since 1970: now, or one more than the last.
    pub(crate) fn next_micros(&mut self) -> i64 {
        let now = self.clock.unix_micros();
        let stepped_back = self.last_micros - now > BELIEVED_STEP_BACK_MICROS;
        self.last_micros = if now > self.last_micros || stepped_back { now } else { self.last_micros + 1 };
        self.last_micros
    }

    /// Writes a stamp and an id that sorts by it (UUID version 7).
    pub(crate) fn write(&mut self, id: &mut [u8; ID_LENGTH], stamp: &mut [u8; STAMP_LENGTH], run: Option<&RunClock>) {
        let now = self.next_micros();
        let monotonic = || self.clock.monotonic().as_micros() as i64;
        let micros = run.map_or(now, |run| run.stamp(now, monotonic));
        self.write_stamp(micros, stamp);
        let in_millisecond = u128::from(micros.rem_euclid(1000).unsigned_abs());
        let milliseconds = u128::from(micros.div_euclid(1000).unsigned_abs()) & ((1 << 48) - 1);
        let random = u128::from(self.random.u64(..)) & ((1 << 62) - 1);
        // 48 bits of milliseconds, version 7, 12 bits within the millisecond, variant 2, 62 random bits.
        let bits = (milliseconds << 80) | (7 << 76) | ((in_millisecond * 4) << 64) | (2 << 62) | random;
        uuid::Uuid::from_u128(bits).hyphenated().encode_lower(id);
    }

    fn write_stamp(&mut self, micros: i64, stamp: &mut [u8; STAMP_LENGTH]) {
        let second = micros.div_euclid(1_000_000);
        if second != self.second {
            let text = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).to_string();
            // Years beyond 9999 cannot occur: the clock's microseconds would not fit before them.
            if let Some(text) = text.as_bytes().first_chunk::<20>() {
                self.second_text = *text;
            }
            self.second = second;
        }
        stamp[..19].copy_from_slice(&self.second_text[..19]);
        stamp[19] = b'.';
        let mut rest = micros.rem_euclid(1_000_000);
        for digit in stamp[20..26].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        stamp[26] = b'Z';
    }
}

/// A generator of random ids seeded from the operating system.
pub(crate) fn seeded() -> fastrand::Rng {
    fastrand::Rng::with_seed(uuid::Uuid::new_v4().as_u64_pair().1 ^ u64::from(std::process::id()))
}

/// A random id in text form (UUID version 4).
pub(crate) fn random_id(random: &mut fastrand::Rng) -> String {
    uuid::Builder::from_random_bytes(random.u128(..).to_be_bytes()).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn text(identity_maker: &mut IdentityMaker) -> (String, String) {
        text_within(identity_maker, None)
    }

    fn text_within(identity_maker: &mut IdentityMaker, run: Option<&RunClock>) -> (String, String) {
        let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
        identity_maker.write(&mut id, &mut stamp, run);
        (String::from_utf8(id.to_vec()).unwrap(), String::from_utf8(stamp.to_vec()).unwrap())
    }

    #[test]
    fn stamps_increase_even_when_the_clock_stands_still_or_steps_back() {
        let clock = Arc::new(ManualClock::at(1_795_384_717_123_456));
        let mut identity_maker = IdentityMaker::new(clock.clone());
        assert_eq!(text(&mut identity_maker).1, "2026-11-22T21:58:37.123456Z");
        assert_eq!(text(&mut identity_maker).1, "2026-11-22T21:58:37.123457Z");
        clock.set_unix_micros(1_795_384_717_123_456 - 59_000_000);
        assert_eq!(text(&mut identity_maker).1, "2026-11-22T21:58:37.123458Z");
        clock.set_unix_micros(1_795_384_718_000_000);
        assert_eq!(text(&mut identity_maker).1, "2026-11-22T21:58:38.000000Z");
    }

    #[test]
    fn a_clock_corrected_by_years_is_believed() {
        let clock = Arc::new(ManualClock::at(4_000_000_000_000_000));
        let mut identity_maker = IdentityMaker::new(clock.clone());
        assert!(text(&mut identity_maker).1.starts_with("2096"));
        clock.set_unix_micros(1_795_384_717_123_456);
        assert_eq!(text(&mut identity_maker).1, "2026-11-22T21:58:37.123456Z");
    }

    #[test]
    fn a_run_goes_on_by_the_time_that_passes_when_the_clock_is_set_back() {
        let clock = Arc::new(ManualClock::at(1_795_384_717_000_000));
        let mut identity_maker = IdentityMaker::new(clock.clone());
        let (old, new) = (RunClock::default(), RunClock::default());
        let mut stamp = |run| text_within(&mut identity_maker, Some(run)).1;
        assert_eq!(stamp(&old), "2026-11-22T21:58:37.000000Z");
        clock.set_unix_micros(1_795_384_717_000_000 - 600_000_000);
        clock.advance(std::time::Duration::from_secs(2));
        assert_eq!(stamp(&new), "2026-11-22T21:48:39.000000Z", "a run that begins now has the new time");
        assert_eq!(stamp(&old), "2026-11-22T21:58:39.000000Z", "one that had begun keeps its own");
        assert_eq!(stamp(&old), "2026-11-22T21:58:39.000001Z");
        assert_eq!(stamp(&new), "2026-11-22T21:48:39.000003Z");
    }

    #[test]
    fn ids_are_uuids_of_version_7_that_sort_by_time_and_never_repeat() {
        let mut identity_maker = IdentityMaker::new(Arc::new(ManualClock::at(1_795_384_717_000_000)));
        let ids: Vec<String> = (0..10_000).map(|_| text(&mut identity_maker).0).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids must sort by their stamp");
        let first = uuid::Uuid::parse_str(&ids[0]).unwrap();
        assert_eq!((first.get_version_num(), first.get_variant()), (7, uuid::Variant::RFC4122));
    }

    #[test]
    fn two_stampers_never_share_an_id() {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(1_795_384_717_000_000));
        let (mut one, mut two) = (IdentityMaker::new(clock.clone()), IdentityMaker::new(clock));
        assert!((0..1000).all(|_| text(&mut one).0 != text(&mut two).0));
    }
}
