//! Time: UTC microseconds since the Unix epoch.

use std::{borrow::Cow, fmt};

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

    /// Parses RFC 3339 with an offset; digits beyond the microsecond are dropped, however many. The last hours of the year 9999, in which
    /// some say "never", are the last moment there is.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        if let Some(micros) = parse_usual(text.as_bytes()) {
            return Ok(Self(micros));
        }
        // The parser also takes RFC 9557 annotations; the wire is RFC 3339 alone.
        if text.len() > 64 || text.contains('[') {
            return Err(InvalidTimestamp);
        }
        if let Some((_, offset)) = text.split_once(['T', 't', ' ']).and_then(|(_, time)| time.split_once(['+', '-']))
            && offset.get(..2).is_some_and(|hours| hours > "23")
        {
            return Err(InvalidTimestamp);
        }
        let text = &*without_finer_digits(text);
        let parsed: jiff::Timestamp = match text.parse() {
            Ok(parsed) => parsed,
            Err(_) if ["9999-12-30", "9999-12-31"].iter().any(|day| text.starts_with(day)) => {
                let earlier = format!("9999-12-29{}", &text[10..]);
                earlier.parse::<jiff::Timestamp>().map(|_| jiff::Timestamp::MAX).map_err(|_| InvalidTimestamp)?
            }
            Err(_) => return Err(InvalidTimestamp),
        };
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

/// Cut after the nanosecond: the parser takes no more.
fn without_finer_digits(text: &str) -> Cow<'_, str> {
    let Some(point) = text.find('.') else { return text.into() };
    let digits = text[point + 1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits <= 9 {
        return text.into();
    }
    format!("{}{}", &text[..point + 10], &text[point + 1 + digits..]).into()
}

/// Microseconds of the shape that nearly all clients write, `2026-02-12T15:04:05.123456Z` (or `+00:00`); others are left to the parser.
fn parse_usual(text: &[u8]) -> Option<i64> {
    // Where digits stand up to the second.
    const PLACES: [usize; 14] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18];
    let (head, mut rest) = text.split_first_chunk::<19>()?;
    let (mut digits, mut greatest) = ([0_u8; PLACES.len()], 0);
    for (digit, at) in digits.iter_mut().zip(PLACES) {
        *digit = head[at].wrapping_sub(b'0');
        greatest = greatest.max(*digit);
    }
    let number = |digits: &[u8]| digits.iter().fold(0_i64, |sum, digit| sum * 10 + i64::from(*digit));
    let (year, month, day) = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..8]));
    let (hour, minute, second) = (number(&digits[8..10]), number(&digits[10..12]), number(&digits[12..]));
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // The last days of 9999 are beyond what the parser takes.
    if greatest > 9
        || signs.iter().any(|(at, sign)| head[*at] != *sign)
        || !(1970..9999).contains(&year)
        || !(1..=days_in_month).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let mut micros = 0;
    if let [b'.', fraction @ ..] = rest {
        let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=6).contains(&count) {
            return None;
        }
        micros = fraction[..count].iter().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0'));
        micros *= 10_i64.pow(6 - count as u32);
        rest = &fraction[count..];
    }
    if rest != b"Z" && rest != b"+00:00" {
        return None;
    }
    // Days since the epoch; years that begin in March have their leap day at their end.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day - 1 - 719_468;
    Some((days * 86_400 + hour * 3_600 + minute * 60 + second) * MICROS_PER_SECOND + micros)
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
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
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
            ("2026-02-12T15:00:00.123456789123+01:00", "2026-02-12T14:00:00.123456Z"),
            ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999Z"),
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
            "2026-02-12T15:00:00+24:00",
            "9999-12-39T23:59:59Z",
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

    proptest::proptest! {
        #[test]
        fn the_usual_shape_is_read_as_the_parser_reads_it(
            micros in 0_i64..253_000_000_000_000_000, digits in 0_usize..8, end in proptest::sample::select(vec!["Z", "+00:00", "z", "+01:00", "", "-00:00"]),
            change in proptest::option::of((0_usize..26, "[0-9:TZ .-]")),
        ) {
            let whole = Timestamp(micros).to_string();
            let mut text = whole[..19].to_owned();
            if digits > 0 {
                text.push_str(&whole[19..(20 + digits).min(26)]);
            }
            text.push_str(end);
            if let Some((at, with)) = change && at < text.len() {
                text.replace_range(at..=at, &with);
            }
            let parsed = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond);
            if let Some(usual) = super::parse_usual(text.as_bytes()) {
                proptest::prop_assert_eq!(Some(usual), parsed, "{}", text);
            }
        }
    }
}
