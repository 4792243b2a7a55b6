//! Stretches of time that figures are added up over.

use std::fmt;

use hiveboard_wire::{MICROS_PER_SECOND, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

const DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// How far local midnight lies before that of UTC, in minutes; written `+02:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct UtcOffset(i32);

impl UtcOffset {
    pub fn parse(text: &str) -> Option<Self> {
        if text == "Z" {
            return Some(Self(0));
        }
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let number = |digits: &str, most: i32| {
            let number: i32 = (digits.len() == 2).then(|| digits.parse().ok())??;
            (0..=most).contains(&number).then_some(number)
        };
        let minutes = number(minutes, 45)?;
        // All offsets in use are of quarters of an hour, and so are the steps of the sums.
        (minutes % 15 == 0).then_some(Self(sign * (number(hours, 14)? * 60 + minutes)))
    }

    const fn micros(self) -> i64 {
        self.0 as i64 * 60 * MICROS_PER_SECOND
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(out, "{sign}{:02}:{:02}", self.0.abs() / 60, self.0.abs() % 60)
    }
}

impl Serialize for UtcOffset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcOffset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no offset like `+02:00`")))
    }
}

impl utoipa::PartialSchema for UtcOffset {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        String::schema()
    }
}

impl utoipa::ToSchema for UtcOffset {
    fn name() -> std::borrow::Cow<'static, str> {
        "UtcOffset".into()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Up to now, in steps of `width_micros`.
    Sliding { micros: i64, width_micros: i64 },
    /// Since local midnight.
    Day(UtcOffset),
    /// Since the first of the month.
    Month(UtcOffset),
}

impl Span {
    /// What is added stays for the whole length, and at most one step longer: a second up to an hour, a minute up to a day, a quarter of
    /// an hour beyond.
    pub const fn sliding(seconds: u64) -> Self {
        let width_seconds = match seconds {
            0..=3_600 => 1,
            3_601..=86_400 => 60,
            _ => 900,
        };
        Self::Sliding { micros: seconds as i64 * MICROS_PER_SECOND, width_micros: width_seconds * MICROS_PER_SECOND }
    }

    /// Where it begins when it ends at `now`.
    pub fn since(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Sliding { micros, width_micros } => now.plus_micros(-micros).bucket(width_micros),
            Self::Day(offset) => now.plus_micros(offset.micros()).bucket(DAY).plus_micros(-offset.micros()),
            Self::Month(offset) => {
                let (year, month, _) = civil(now.plus_micros(offset.micros()).day());
                Timestamp(days_of(year, month, 1) * DAY).plus_micros(-offset.micros())
            }
        }
    }

    /// When a calendar period is over; never, for a window that slides.
    pub fn until(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Sliding { .. } => Timestamp::MAX,
            Self::Day(_) => self.since(now).plus_micros(DAY),
            Self::Month(offset) => {
                let (year, month, _) = civil(now.plus_micros(offset.micros()).day());
                let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                Timestamp(days_of(year, month, 1) * DAY).plus_micros(-offset.micros())
            }
        }
    }

    pub const fn width_micros(self) -> i64 {
        match self {
            Self::Sliding { width_micros, .. } => width_micros,
            Self::Day(_) | Self::Month(_) => 900 * MICROS_PER_SECOND,
        }
    }

    /// For people: "in the last 15 min", "today".
    pub fn words(self) -> String {
        match self {
            Self::Sliding { micros, .. } => {
                format!("in the last {}", crate::words::duration(micros as f64 / MICROS_PER_SECOND as f64))
            }
            Self::Day(_) => "today".to_owned(),
            Self::Month(_) => "this month".to_owned(),
        }
    }
}

/// Year, month and day of a day since the epoch.
fn civil(day: i64) -> (i64, i64, i64) {
    let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day.clamp(-700_000, 2_900_000)));
    (date.year().into(), date.month().into(), date.day().into())
}

/// Days since the epoch of the first of a month.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let date = jiff::civil::date(year as i16, month as i8, day as i8);
    date.since(jiff::civil::date(1970, 1, 1)).map_or(0, |span| span.get_days().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn days_and_months_begin_where_the_offset_says() {
        let offset = UtcOffset::parse("+02:00").unwrap();
        let now = at("2026-02-28T22:30:00Z");
        assert_eq!(Span::Day(offset).since(now), at("2026-02-28T22:00:00Z"));
        assert_eq!(Span::Day(offset).until(now), at("2026-03-01T22:00:00Z"));
        assert_eq!(Span::Month(offset).since(now), at("2026-02-28T22:00:00Z"));
        assert_eq!(Span::Month(offset).until(now), at("2026-03-31T22:00:00Z"));
        let west = UtcOffset::parse("-08:30").unwrap();
        assert_eq!(Span::Day(west).since(now), at("2026-02-28T08:30:00Z"));
        assert_eq!(Span::Month(west).since(now), at("2026-02-01T08:30:00Z"));
        assert_eq!(Span::Month(UtcOffset::default()).until(at("2026-12-31T23:59:59Z")), at("2027-01-01T00:00:00Z"));
        assert_eq!(Span::Month(UtcOffset::default()).since(at("2028-02-29T12:00:00Z")), at("2028-02-01T00:00:00Z"));
    }

    #[test]
    fn offsets_are_read_as_they_are_written() {
        for text in ["+00:00", "+05:45", "-09:30", "+14:00"] {
            assert_eq!(UtcOffset::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "2", "+2:00", "+02:60", "+15:00", "02:00", "+02:00 ", "+02:10"] {
            assert_eq!(UtcOffset::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_begins_at_a_step() {
        let now = at("2026-02-28T22:30:10.5Z");
        assert_eq!(Span::sliding(60).since(now), at("2026-02-28T22:29:10Z"));
        assert_eq!(Span::sliding(86_400 * 2).since(now), at("2026-02-26T22:30:00Z"));
    }
}
