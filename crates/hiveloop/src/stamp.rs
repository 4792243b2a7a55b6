//! What makes an event itself: a strictly increasing time stamp and an id.

use std::sync::Arc;

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

/// Hands out stamps and ids for one process.
pub(crate) struct Stamper {
    clock: Arc<dyn Clock>,
    last_micros: i64,
    second: i64,
    second_text: [u8; 20],
    random: fastrand::Rng,
}

impl Stamper {
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
    pub(crate) fn write(&mut self, id: &mut [u8; ID_LENGTH], stamp: &mut [u8; STAMP_LENGTH]) {
        let micros = self.next_micros();
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

    fn text(stamper: &mut Stamper) -> (String, String) {
        let (mut id, mut stamp) = ([0; ID_LENGTH], [0; STAMP_LENGTH]);
        stamper.write(&mut id, &mut stamp);
        (String::from_utf8(id.to_vec()).unwrap(), String::from_utf8(stamp.to_vec()).unwrap())
    }

    #[test]
    fn stamps_increase_even_when_the_clock_stands_still_or_steps_back() {
        let clock = Arc::new(ManualClock::at(1_795_384_717_123_456));
        let mut stamper = Stamper::new(clock.clone());
        assert_eq!(text(&mut stamper).1, "2026-11-22T21:58:37.123456Z");
        assert_eq!(text(&mut stamper).1, "2026-11-22T21:58:37.123457Z");
        clock.set_unix_micros(1_795_384_717_123_456 - 59_000_000);
        assert_eq!(text(&mut stamper).1, "2026-11-22T21:58:37.123458Z");
        clock.set_unix_micros(1_795_384_718_000_000);
        assert_eq!(text(&mut stamper).1, "2026-11-22T21:58:38.000000Z");
    }

    #[test]
    fn a_clock_corrected_by_years_is_believed() {
        let clock = Arc::new(ManualClock::at(4_000_000_000_000_000));
        let mut stamper = Stamper::new(clock.clone());
        assert!(text(&mut stamper).1.starts_with("2096"));
        clock.set_unix_micros(1_795_384_717_123_456);
        assert_eq!(text(&mut stamper).1, "2026-11-22T21:58:37.123456Z");
    }

    #[test]
    fn ids_are_uuids_of_version_7_that_sort_by_time_and_never_repeat() {
        let mut stamper = Stamper::new(Arc::new(ManualClock::at(1_795_384_717_000_000)));
        let ids: Vec<String> = (0..10_000).map(|_| text(&mut stamper).0).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids must sort by their stamp");
        let first = uuid::Uuid::parse_str(&ids[0]).unwrap();
        assert_eq!((first.get_version_num(), first.get_variant()), (7, uuid::Variant::RFC4122));
    }

    #[test]
    fn two_stampers_never_share_an_id() {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(1_795_384_717_000_000));
        let (mut one, mut two) = (Stamper::new(clock.clone()), Stamper::new(clock));
        assert!((0..1000).all(|_| text(&mut one).0 != text(&mut two).0));
    }
}
