//! What is remembered of a text: which runs of characters it holds, each by the number of its row.
//!
//! Runs of four tell well where a text is not, those of one to three are for what is looked for in so few. Where writing has no letters but
//! thousands of signs, a pair tells as much as four letters. Runs don't reach over white space. Several runs may share a row: that costs time, since
//! what a row promises is looked up in the events, and never a result.

use std::hash::{BuildHasher, RandomState};

use hiveboard_text::{RawValues, fold, unescape};

use super::super::varint::put;

/// Rows of the short runs, remembered by four stretches of events at once: they are in most.
pub(super) const SHORT_ROWS: u32 = 1 << 15;
const LONG_ROWS: u32 = 1 << 17;
/// Numbers of short rows come first.
pub(super) const ROWS: u32 = SHORT_ROWS + LONG_ROWS;
/// Rows asked for at most: more hardly narrow.
const MOST_ASKED: usize = 32;

/// Rows that are looked through to find one.
const ROWS_OF_RUN: u32 = 1 << 12;
const RUNS: usize = (ROWS / ROWS_OF_RUN) as usize;

/// The rows of a stretch of events: the gaps between their numbers, ascending, in runs that begin anew.
pub(super) struct RowSet {
    gaps: Box<[u8]>,
    /// Where the gaps of each run end.
    ends: Box<[u32; RUNS]>,
}

impl RowSet {
    pub(super) fn each(&self, mut visit: impl FnMut(u32)) {
        for run in 0..RUNS {
            self.of_run(run).for_each(&mut visit);
        }
    }

    /// Of a run, ascending.
    fn of_run(&self, run: usize) -> impl Iterator<Item = u32> {
        let begin = run.checked_sub(1).map_or(0, |before| self.ends[before]);
        let gaps = &self.gaps[begin as usize..self.ends[run] as usize];
        let (mut next, mut gap, mut shift) = (run as u32 * ROWS_OF_RUN, 0, 0);
        // What `varint` writes; most gaps are one byte.
        gaps.iter().filter_map(move |byte| {
            gap |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if *byte >= 0x80 {
                return None;
            }
            let row = next + gap;
            next = row + 1;
            (gap, shift) = (0, 0);
            Some(row)
        })
    }

    fn has(&self, row: u32) -> bool {
        self.of_run((row / ROWS_OF_RUN) as usize).take_while(|other| *other <= row).last() == Some(row)
    }

    /// Whether it has all of them; `rows` ascend.
    pub(super) fn has_all(&self, rows: &[u32]) -> bool {
        // Those of long runs of characters come last, and are in the fewest stretches.
        rows.iter().rev().all(|row| self.has(*row))
    }

    #[cfg(test)]
    const fn bytes(&self) -> usize {
        self.gaps.len()
    }
}

/// Gathers the rows of a stretch of events.
pub(super) struct Collector {
    rows: Box<[u64; ROWS as usize / 64]>,
    /// Pairs of ASCII, exactly: far fewer than their places, so rows are set once for all at the end.
    pairs: Box<[u64; 128 * 128 / 64]>,
    singles: u128,
    /// Hashes of runs that were added: most come again and again.
    known: Box<[u64; KNOWN]>,
    /// Nobody can choose runs whose hashes meet.
    seed: u64,
}

const KNOWN: usize = 1 << 12;

/// Zeros on the heap, never on the stack.
#[expect(clippy::unnecessary_box_returns, reason = "the array is too large for the stack")]
fn filled<T: Copy + Default, const N: usize>() -> Box<[T; N]> {
    vec![T::default(); N].into_boxed_slice().try_into().unwrap_or_else(|_| unreachable!("the vector is that long"))
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            rows: filled(),
            pairs: Box::new([0; 256]),
            singles: 0,
            known: filled(),
            seed: RandomState::new().hash_one(0),
        }
    }
}

impl Collector {
    /// Adds the values of a payload: JSON, or empty.
    pub(super) fn add(&mut self, payload: &[u8]) {
        for value in RawValues::new(payload) {
            // White space parts runs whether folded or not, and never an escape.
            for (from, to, hash) in runs(value.raw.as_bytes(), self.seed) {
                let known = &mut self.known[(hash >> 52) as usize];
                if std::mem::replace(known, hash) == hash {
                    continue;
                }
                let run = &value.raw[from..to];
                if value.is_escaped && run.contains('\\') {
                    let text = unescape(run);
                    runs(text.as_bytes(), 0).for_each(|(from, to, _)| self.add_run(&text[from..to]));
                } else {
                    self.add_run(run);
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn add_text(&mut self, text: &str) {
        self.add(serde_json::to_string(text).expect("a text").as_bytes());
    }

    /// Adds a text without white space.
    fn add_run(&mut self, run: &str) {
        if run.is_ascii() {
            self.add_ascii(run.as_bytes());
        } else {
            let folded = fold(run);
            self.add_any(&folded);
        }
    }

    fn add_ascii(&mut self, run: &[u8]) {
        // The last four characters, a byte each.
        let mut window = 0_u32;
        for (place, byte) in run.iter().enumerate() {
            let one = u32::from(byte.to_ascii_lowercase());
            self.singles |= 1 << one;
            window = window << 8 | one;
            if place >= 1 {
                let pair = (window >> 8 & 0x7f) << 7 | one;
                self.pairs[(pair / 64) as usize] |= 1 << (pair % 64);
            }
            if place >= 2 {
                self.set(row_of_three(window & 0x00ff_ffff));
            }
            if place >= 3 {
                self.set(row_of_four(window));
            }
        }
    }

    fn add_any(&mut self, text: &str) {
        let mut run = ['\0'; 4];
        let mut length = 0;
        for one in text.chars() {
            if is_break(one) {
                length = 0;
                continue;
            }
            run.rotate_left(1);
            run[3] = one;
            length = (length + 1).min(4);
            for count in 1..=length {
                let gram = &run[4 - count..];
                if count <= reach(gram[0]) {
                    self.set(row(gram));
                }
            }
        }
    }

    fn set(&mut self, row: u32) {
        self.rows[row as usize / 64] |= 1 << (row % 64);
    }

    /// The rows of all that was added, and an empty collector again.
    pub(super) fn finish(&mut self) -> RowSet {
        self.known.fill(0);
        let ascii = |code: u32| char::from(code as u8);
        for place in 0..self.pairs.len() {
            let mut rest = std::mem::take(&mut self.pairs[place]);
            while rest != 0 {
                let pair = place as u32 * 64 + rest.trailing_zeros();
                self.set(row(&[ascii(pair >> 7), ascii(pair & 0x7f)]));
                rest &= rest - 1;
            }
        }
        let singles = std::mem::take(&mut self.singles);
        (0..128).filter(|code| singles >> code & 1 != 0).for_each(|code| self.set(row(&[ascii(code)])));
        let (mut gaps, mut ends) = (Vec::new(), Box::new([0; RUNS]));
        for (run, words) in self.rows.chunks_exact_mut(ROWS_OF_RUN as usize / 64).enumerate() {
            let begin = run as u32 * ROWS_OF_RUN;
            let mut next = begin;
            for (place, word) in words.iter_mut().enumerate() {
                let mut rest = std::mem::take(word);
                while rest != 0 {
                    let row = begin + place as u32 * 64 + rest.trailing_zeros();
                    put(&mut gaps, u64::from(row - next));
                    next = row + 1;
                    rest &= rest - 1;
                }
            }
            ends[run] = gaps.len() as u32;
        }
        RowSet { gaps: gaps.into(), ends }
    }
}

/// What white space of ASCII parts: where it begins and ends, and a hash of it, which is never zero.
fn runs(text: &[u8], seed: u64) -> impl Iterator<Item = (usize, usize, u64)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while *text.get(at)? <= b' ' {
            at += 1;
        }
        let (from, mut hash) = (at, seed);
        loop {
            let (word, count) = word(text, at);
            at += count;
            hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
            if count < 8 {
                let hash = (hash ^ (at - from) as u64).wrapping_mul(0xff51_afd7_ed55_8ccd);
                return Some((from, at, hash.max(1)));
            }
        }
    })
}

/// Up to eight bytes before white space or the end, and how many.
fn word(text: &[u8], at: usize) -> (u64, usize) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    if let Some(eight) = text.get(at..at + 8) {
        let word = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
        // The high bit of each byte up to 0x20; those above the first such byte may be wrong, and are not looked at.
        let ends = word.wrapping_sub(ONES * 0x21) & !word & (ONES << 7);
        let count = ends.trailing_zeros() as usize / 8;
        let kept = if count == 8 { u64::MAX } else { (1 << (8 * count)) - 1 };
        return (word & kept, count);
    }
    let rest = text.get(at..).unwrap_or_default().iter().take_while(|byte| **byte > b' ');
    rest.fold((0, 0), |(word, count), byte| (word | u64::from(*byte) << (8 * count), count + 1))
}

/// The rows that hold every text in which the folded `needle` stands, ascending; none when it is white space alone.
pub(super) fn rows_of_needle(needle: &str) -> Vec<u32> {
    let mut rows = Vec::new();
    for run in needle.split(is_break) {
        let run: Vec<char> = run.chars().collect();
        let mut told = 0;
        for place in 0..run.len() {
            // At the end of a run, what is shorter than it could be tells nothing new, unless nothing longer reached so far.
            let end = (place + reach(run[place])).min(run.len());
            if end > told {
                rows.push(row(&run[place..end]));
                told = end;
            }
        }
    }
    rows.sort_unstable();
    rows.dedup();
    let step = rows.len().div_ceil(MOST_ASKED).max(1);
    rows.into_iter().step_by(step).collect()
}

fn is_break(one: char) -> bool {
    one <= ' ' || (!one.is_ascii() && one.is_whitespace())
}

/// The longest run that begins with a character: two in Chinese, Japanese, Korean, and pictures.
fn reach(one: char) -> usize {
    if one >= '\u{2e80}' { 2 } else { 4 }
}

/// A run as long as its first character reaches is a long one; of one to four characters.
fn row(gram: &[char]) -> u32 {
    if gram.iter().all(char::is_ascii) && gram.len() >= 3 {
        let window = gram.iter().fold(0, |window, one| window << 8 | u32::from(*one));
        return if gram.len() == 3 { row_of_three(window) } else { row_of_four(window) };
    }
    let mixed = gram.iter().fold(gram.len() as u64, |mixed, one| {
        (mixed ^ u64::from(u32::from(*one))).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    });
    let mixed = (mixed.wrapping_mul(0xff51_afd7_ed55_8ccd) >> 32) as u32;
    if gram.len() == reach(gram[0]) { SHORT_ROWS + (mixed >> 15) } else { mixed >> 17 }
}

fn row_of_three(window: u32) -> u32 {
    window.wrapping_mul(0x9e37_79b1) >> 17
}

fn row_of_four(window: u32) -> u32 {
    SHORT_ROWS + (window.wrapping_mul(0x9e37_79b1) >> 15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows_of(texts: &[&str]) -> RowSet {
        let mut collector = Collector::default();
        for text in texts {
            collector.add_text(text);
        }
        collector.finish()
    }

    #[test]
    fn what_was_never_written_is_mostly_told_apart() {
        let rows = rows_of(&["orderservice.retry failed for ord-4821", "发送请求失败", "привет"]);
        for text in ["ord-4822", "absent", "成功", "请失", "приветы", "zq", "q", "xyz"] {
            assert!(!rows.has_all(&rows_of_needle(text)), "{text}");
        }
        assert!(rows_of_needle(" \t").is_empty());
        assert!(rows_of_needle(&"abcdefgh".repeat(25)).len() <= MOST_ASKED);
    }

    #[test]
    fn a_collector_begins_anew() {
        let mut collector = Collector::default();
        collector.add_text("left over 左");
        collector.finish();
        assert_eq!(collector.finish().bytes(), 0);
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_is_found(text in "[a-cA-C9.éÉßж中文字カ😀\"\\\\\n -]{1,24}", from in 0_usize..24, count in 1_usize..9) {
            let characters: Vec<char> = text.chars().collect();
            let part: String = characters.iter().skip(from).take(count).collect();
            let rows = rows_of(&["before", &text, "after"]);
            prop_assert!(rows.has_all(&rows_of_needle(&fold(&part))), "{:?} in {:?}", part, text);
        }
    }
}
