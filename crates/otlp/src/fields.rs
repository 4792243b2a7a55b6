//! The members of a JSON object, written as they come: what a span says is shown, never read again here.

use std::borrow::Cow;

use hiveboard_wire::Timestamp;
use serde_json::Value;

/// What can be written.
pub(crate) trait Written {
    fn write(&self, to: &mut Vec<u8>);
}

impl Written for str {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self, to);
    }
}

impl Written for String {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self, to);
    }
}

impl Written for Cow<'_, str> {
    fn write(&self, to: &mut Vec<u8>) {
        write_text(self, to);
    }
}

impl<T: Written + ?Sized> Written for &T {
    fn write(&self, to: &mut Vec<u8>) {
        (**self).write(to);
    }
}

macro_rules! as_json_writes_it {
    ($($kind:ty),+) => {
        $(impl Written for $kind {
            fn write(&self, to: &mut Vec<u8>) {
                serde_json::to_writer(to, self).expect("it is plain data");
            }
        })+
    };
}

as_json_writes_it!(bool, i64, u64, f64, Value);

impl Written for Timestamp {
    fn write(&self, to: &mut Vec<u8>) {
        write_time(*self, to);
    }
}

/// Microseconds of the years since 1970 whose last day is one wherever one is.
const PLAIN_TIMES: std::ops::Range<i64> = 0..253_370_764_800_000_000;

/// Each event has one, and the general way to write it costs more than all its ids.
fn write_time(time: Timestamp, to: &mut Vec<u8>) {
    let micros = time.micros();
    if !PLAIN_TIMES.contains(&micros) {
        serde_json::to_writer(to, &time).expect("it is plain data");
        return;
    }
    let (days, of_day) = (micros / 86_400_000_000, (micros % 86_400_000_000) as u64);
    let (year, month, day) = date(days as u64);
    let seconds = of_day / 1_000_000;
    let mut text = *b"\"0000-00-00T00:00:00.000000Z\"";
    let mut put = |from: usize, digits: usize, mut number: u64| {
        for place in text[from..from + digits].iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    put(1, 4, year);
    put(6, 2, month);
    put(9, 2, day);
    put(12, 2, seconds / 3_600);
    put(15, 2, seconds / 60 % 60);
    put(18, 2, seconds % 60);
    put(21, 6, of_day % 1_000_000);
    to.extend_from_slice(&text);
}

/// Year, month and day of a day since 1970, in years that begin with March, so that the day that some lack is their last.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + (month <= 2) as u64, month, day)
}

/// A text in its quotes. Most of what is written is text, and most of that needs no escaping: it is looked through eight bytes at a time.
pub(crate) fn write_text(text: &str, to: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    to.reserve(bytes.len() + 2);
    to.push(b'"');
    let mut from = 0;
    while let Some(at) = next_special(bytes, from) {
        to.extend_from_slice(&bytes[from..at]);
        escape(bytes[at], to);
        from = at + 1;
    }
    to.extend_from_slice(&bytes[from..]);
    to.push(b'"');
}

/// Where the next byte is that does not stand for itself.
fn next_special(bytes: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    let mut at = from;
    while let Some(eight) = bytes.get(at..at + 8) {
        let word = u64::from_le_bytes(eight.try_into().expect("there are eight"));
        let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let below_space = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (below_space | is_zero(word ^ (ONES * 0x22)) | is_zero(word ^ (ONES * 0x5c))) & HIGHS;
        if found != 0 {
            // The lowest is always true; what borrowed from it may not be.
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    bytes[at..].iter().position(is_special).map(|index| at + index)
}

fn escape(byte: u8, to: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            to.extend_from_slice(b"\\u00");
            to.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            return;
        }
    };
    to.extend_from_slice(&[b'\\', letter]);
}

/// Writes members one after the other.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    to: &'a mut Vec<u8>,
    is_first: bool,
}

impl<'a> Members<'a> {
    /// Of an object that begins here; [`Self::close`] ends it.
    pub(crate) fn open(to: &'a mut Vec<u8>) -> Self {
        to.push(b'{');
        Self { to, is_first: true }
    }

    pub(crate) fn close(self) {
        self.to.push(b'}');
    }

    /// A member of any name.
    pub(crate) fn put_named(&mut self, name: &str, value: impl Written) {
        if !std::mem::take(&mut self.is_first) {
            self.to.push(b',');
        }
        write_text(name, self.to);
        self.to.push(b':');
        value.write(self.to);
    }

    /// `name` is one that needs no escaping.
    pub(crate) fn put(&mut self, name: &str, value: impl Written) {
        self.name(name);
        value.write(self.to);
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Written>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// An object within.
    pub(crate) fn put_fields(&mut self, name: &str, fields: &Fields) {
        self.name(name);
        fields.write(self.to);
    }

    fn name(&mut self, name: &str) {
        self.to.reserve(name.len() + 4);
        if !std::mem::take(&mut self.is_first) {
            self.to.push(b',');
        }
        self.to.push(b'"');
        self.to.extend_from_slice(name.as_bytes());
        self.to.extend_from_slice(b"\":");
    }
}

/// Members joined by commas, without the braces around them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<u8>);

/// Room that most need, taken at once.
const USUAL_BYTES: usize = 256;

impl Fields {
    fn members(&mut self) -> Members<'_> {
        let is_first = self.0.is_empty();
        if is_first {
            self.0.reserve(USUAL_BYTES);
        }
        Members { to: &mut self.0, is_first }
    }

    /// `name` is one that needs no escaping.
    pub(crate) fn put(&mut self, name: &str, value: impl Written) {
        self.members().put(name, value);
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Written>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// An object within.
    pub(crate) fn put_fields(&mut self, name: &str, fields: &Self) {
        self.members().put_fields(name, fields);
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.reserve(self.0.len() + 2);
        to.push(b'{');
        to.extend_from_slice(&self.0);
        to.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_back_as_they_were() {
        let days = [0, 58, 59, 60, 364, 365, 789, 11_015, 11_016, 18_321, 18_322, 20_784, 47_541, 2_932_530];
        let times = days.iter().flat_map(|day| [0, 1, 86_399_999_999].map(|within| day * 86_400_000_000 + within));
        for micros in times.chain([-1, -62_135_596_800_000_000, 253_370_764_800_000_000]) {
            let time = Timestamp::from_micros(micros);
            let mut written = Vec::new();
            time.write(&mut written);
            assert_eq!(
                serde_json::from_slice::<Timestamp>(&written).unwrap(),
                time,
                "{}",
                String::from_utf8_lossy(&written)
            );
        }
    }

    #[test]
    fn texts_are_escaped_as_json_has_it() {
        let letters: String = (0..0x80_u8).map(char::from).chain("äöü€😀\u{2028}".chars()).collect();
        for from in 0..letters.len() {
            let Some(text) = letters.get(from..) else { continue };
            for text in [text, &text[..text.char_indices().nth(9).map_or(text.len(), |(end, _)| end)]] {
                let mut written = Vec::new();
                write_text(text, &mut written);
                assert_eq!(serde_json::from_slice::<String>(&written).unwrap(), text);
            }
        }
    }

    #[test]
    fn members_stand_beside_and_within_one_another() {
        let mut inner = Fields::default();
        inner.put("n", 1.5);
        let mut fields = Fields::default();
        assert!(fields.is_empty());
        fields.put("text", "a\"b");
        fields.put_some("nothing", None::<u64>);
        fields.put_fields("inner", &inner);
        let mut written = Vec::new();
        fields.write(&mut written);
        assert_eq!(written, br#"{"text":"a\"b","inner":{"n":1.5}}"#);
    }
}
