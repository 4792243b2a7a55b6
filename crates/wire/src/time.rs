//! Time: UTC microseconds since the Unix epoch.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant in UTC, kept to the microsecond. Written as RFC 3339 with six digits and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// The text is not RFC 3339 with an offset, or lies outside of the representable years.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time with an offset (like 2026-02-12T15:04:05.123456Z)")]
pub struct InvalidTimestamp;

impl Timestamp {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);

    /// Parses RFC 3339 with an offset; digits beyond the microsecond are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        // The parser also takes RFC 9557 annotations; the wire is RFC 3339 alone.
        if text.len() > 64 || text.contains('[') {
            return Err(InvalidTimestamp);
        }
        let parsed: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp)?;
        Ok(Self(parsed.as_microsecond()))
    }

    /// The current time of this machine. The only clock read in the crate is here, for callers that are allowed one.
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_microsecond())
    }

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` to `self`; negative when `earlier` is the later one.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        (self.0.saturating_sub(earlier.0)) as f64 / MICROS_PER_SECOND as f64
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is the later one.
    pub fn millis_since(self, earlier: Self) -> f64 {
        (self.0.saturating_sub(earlier.0)) as f64 / 1000.0
    }

    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Start of the bucket of `width_micros` that holds this instant.
    #[must_use]
    pub const fn bucket(self, width_micros: i64) -> Self {
        Self(self.0 - self.0.rem_euclid(width_micros))
    }

    /// Days since the epoch, UTC.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400 * MICROS_PER_SECOND)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clamped = jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        write!(f, "{clamped:.6}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_six_digits_and_z() {
        for (given, wanted) in [
            ("2026-02-12T15:00:00Z", "2026-02-12T15:00:00.000000Z"),
            ("2026-02-12T15:00:00.5+02:00", "2026-02-12T13:00:00.500000Z"),
            ("2026-02-12T15:00:00.123456789Z", "2026-02-12T15:00:00.123456Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp::parse(given).unwrap().to_string(), wanted);
        }
    }

    #[test]
    fn refuses_what_is_not_rfc3339_with_an_offset() {
        for bad in [
            "",
            "now",
            "2026-02-12T15:00:00",
            "2026-02-12",
            "2026-13-12T15:00:00Z",
            "1700000000",
            "2026-02-12T15:00:00Z[UTC]",
        ] {
            assert_eq!(Timestamp::parse(bad), Err(InvalidTimestamp), "{bad}");
        }
    }

    #[test]
    fn buckets_are_aligned_before_the_epoch_too() {
        assert_eq!(Timestamp(-1).bucket(10), Timestamp(-10));
        assert_eq!(Timestamp(19).bucket(10), Timestamp(10));
        assert_eq!(Timestamp(-1).day(), -1);
    }
}
