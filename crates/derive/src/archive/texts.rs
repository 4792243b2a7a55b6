//! What a segment's runs are looked up by beside their labels, folded, so that a search need not open the rows: ids one after another, what
//! failed runs said, run ids that are UUIDs. Each lies by itself, behind a filter that tells most segments apart without opening them.

use std::borrow::Cow;

use hashbrown::HashSet;
use hiveboard_text::{Needle, fold_into};
use serde::{Deserialize, Serialize};

use super::cold::ColdRowError;
use crate::run::Run;

/// Between the texts of one run. Whoever looks for it finds runs that do not hold it; rows are looked at in the end.
const BETWEEN: char = '\u{1f}';
const UUID_BYTES: usize = 16;

/// Widths of the runs of bytes that filters know. Of numbers that count up, four digits stand in every segment and eight do not.
const SHORT: usize = 4;
const LONG: usize = 8;
/// With more runs of bytes than this (ids drawn by chance), a filter would take as much room as the texts, and there is none.
const MOST_GRAMS: usize = 24 * 1024;

/// What is written of a segment's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Filters,
    Ids,
    Failures,
    Uuids,
}

impl Part {
    pub(super) const ALL: [Self; 4] = [Self::Filters, Self::Ids, Self::Failures, Self::Uuids];

    /// Whether zstd makes it smaller.
    pub(super) const fn is_compressed(self) -> bool {
        matches!(self, Self::Ids | Self::Failures)
    }
}

/// Texts to be written.
#[derive(Debug, Default)]
pub(super) struct TextsBuilder {
    ids: FoldedBuilder,
    failures: FoldedBuilder,
    /// Run ids that are UUIDs, 16 bytes a row; zeros where there is none.
    uuids: Vec<u8>,
    rows: u32,
}

/// Texts of some of the rows.
#[derive(Debug, Default)]
struct FoldedBuilder {
    text: String,
    /// Each row that has some, as the difference to the one before, and how long they are.
    rows: Vec<(u32, u32)>,
    last_row: u32,
    grams: HashSet<u64>,
}

impl FoldedBuilder {
    /// The texts of a row, which come in order. `widths`: of the runs of bytes that are to be told apart.
    fn push(&mut self, row: u32, texts: &[Cow<'_, str>], widths: &[usize]) {
        let begin = self.text.len();
        for text in texts {
            let from = self.text.len();
            fold_into(text, &mut self.text);
            gather(&mut self.grams, &self.text.as_bytes()[from..], widths);
            self.text.push(BETWEEN);
        }
        if self.text.len() > begin {
            self.rows.push((row - self.last_row, (self.text.len() - begin) as u32));
            self.last_row = row;
        }
    }

    /// The texts and their filter.
    fn finish(self) -> (Vec<u8>, Vec<u8>) {
        let folded = Folded { text: &self.text, rows: self.rows };
        (postcard::to_stdvec(&folded).expect("texts can be encoded"), Filter::of(&self.grams))
    }
}

fn gather(grams: &mut HashSet<u64>, bytes: &[u8], widths: &[usize]) {
    for width in widths {
        if grams.len() <= MOST_GRAMS {
            grams.extend(bytes.windows(*width).map(gram));
        }
    }
}

/// Of up to eight bytes: themselves, mixed, for a filter wants hashes.
fn gram(bytes: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight[..bytes.len()].copy_from_slice(bytes);
    let mixed = (u64::from_le_bytes(eight) ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

#[derive(Serialize, Deserialize)]
struct Folded<'a> {
    #[serde(borrow)]
    text: &'a str,
    rows: Vec<(u32, u32)>,
}

/// A Bloom filter that is asked where it lies: a search looks at a few bits of each segment's.
struct Filter<'a>(&'a [u8]);

impl Filter<'_> {
    /// About one in a hundred strangers is taken for known.
    const BITS_PER_GRAM: usize = 10;
    const PROBES: u64 = 6;

    fn places(gram: u64, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
        let (begin, step, bits) = (gram >> 32, gram & 0xffff_ffff | 1, bytes as u64 * 8);
        (0..Self::PROBES).map(move |probe| {
            let bit = (begin + probe * step) % bits;
            ((bit / 8) as usize, 1 << (bit % 8))
        })
    }

    /// The bytes of one; none where it could not tell anything.
    fn of(grams: &HashSet<u64>) -> Vec<u8> {
        if grams.len() > MOST_GRAMS {
            return Vec::new();
        }
        let mut bytes = vec![0; (grams.len() * Self::BITS_PER_GRAM).div_ceil(8).max(1)];
        for gram in grams {
            for (byte, bit) in Self::places(*gram, bytes.len()) {
                bytes[byte] |= bit;
            }
        }
        bytes
    }

    /// Never wrong when it says no.
    fn may_hold(&self, gram: u64) -> bool {
        self.0.is_empty() || Self::places(gram, self.0.len()).all(|(byte, bit)| self.0[byte] & bit != 0)
    }
}

/// Those of ids and of failures.
#[derive(Serialize, Deserialize)]
struct Filters<'a>(#[serde(borrow)] &'a [u8], #[serde(borrow)] &'a [u8]);

impl TextsBuilder {
    pub(super) fn push(&mut self, run: &Run) {
        let row = self.rows;
        self.rows += 1;
        let mut ids: Vec<Cow<'_, str>> = vec![Cow::Borrowed(&*run.task_id)];
        ids.extend(run.correlation.value.as_ref().map(|id| Cow::Owned(id.to_string())));
        if let Some(bytes) = run.task_run_id.as_uuid() {
            self.uuids.extend_from_slice(bytes);
        } else {
            self.uuids.extend_from_slice(&[0; UUID_BYTES]);
            ids.push(Cow::Owned(run.task_run_id.to_string()));
        }
        self.ids.push(row, &ids, &[SHORT, LONG]);
        if let Some(raised) = run.closed().and_then(|end| end.exception.as_deref()) {
            let told = [&raised.exception_type, &raised.message].into_iter().flatten();
            self.failures.push(row, &told.map(|text| Cow::Borrowed(&**text)).collect::<Vec<_>>(), &[SHORT]);
        }
    }

    /// All parts, by their place in [`Part::ALL`]. `labels`: texts that runs are found by as well, for the filter of ids.
    pub(super) fn finish<'a>(mut self, labels: impl Iterator<Item = &'a str>) -> [Vec<u8>; Part::ALL.len()] {
        let mut folded = String::new();
        for label in labels {
            folded.clear();
            fold_into(label, &mut folded);
            gather(&mut self.ids.grams, folded.as_bytes(), &[SHORT, LONG]);
        }
        let ((ids, of_ids), (failures, of_failures)) = (self.ids.finish(), self.failures.finish());
        let filters = postcard::to_stdvec(&Filters(&of_ids, &of_failures)).expect("filters can be encoded");
        [filters, ids, failures, self.uuids]
    }
}

/// Where a needle may be found in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MayHold {
    /// In ids, but for run ids that are UUIDs, or in labels.
    pub(super) ids: bool,
    pub(super) failures: bool,
}

fn damaged() -> ColdRowError {
    ColdRowError::damaged("the texts of archived runs")
}

/// Asks [`Part::Filters`]. Never wrong when it says no.
pub(super) fn may_hold(filters: &[u8], needle: &Needle) -> Result<MayHold, ColdRowError> {
    let Filters(ids, failures) = postcard::from_bytes(filters).map_err(|_| damaged())?;
    let needle = needle.folded().as_bytes();
    let holds = |filter: &[u8], widths: &[usize]| {
        let Some(width) = widths.iter().find(|width| needle.len() >= **width) else { return true };
        // From the end: what counts up stands there.
        needle.windows(*width).rev().all(|bytes| Filter(filter).may_hold(gram(bytes)))
    };
    Ok(MayHold { ids: holds(ids, &[LONG, SHORT]), failures: holds(failures, &[SHORT]) })
}

/// Rows of [`Part::Ids`] or [`Part::Failures`] that may hold the needle, in order; those that are left out do not.
pub(super) fn rows_holding(bytes: &[u8], needle: &Needle) -> Result<Vec<u32>, ColdRowError> {
    let Folded { text, rows } = postcard::from_bytes(bytes).map_err(|_| damaged())?;
    let mut holding = Vec::new();
    let (mut rows, mut row, mut end, mut from) = (rows.into_iter(), 0, 0, 0);
    while let Some(found) = needle.find_in_folded(text.get(from..).ok_or_else(damaged)?) {
        while end <= from + found {
            let Some((difference, length)) = rows.next() else { return Ok(holding) };
            (row, end) = (row + difference, end + length as usize);
        }
        holding.push(row);
        from = end;
    }
    Ok(holding)
}

/// A text as it may stand in a UUID: digits that are looked at, and what they are, for each place where it fits.
pub(super) struct UuidNeedle(Vec<(u128, u128)>);

/// Where the text of a UUID has its hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID_CHARACTERS: usize = 36;

impl UuidNeedle {
    /// `None` for what stands in no UUID.
    pub(super) fn new(needle: &Needle) -> Option<Self> {
        let text = needle.folded().as_bytes();
        let mut fits = Vec::new();
        for begin in 0..=UUID_CHARACTERS.checked_sub(text.len())? {
            let (mut looked_at, mut digits, mut fit) = (0_u128, 0_u128, true);
            for (place, byte) in (begin..).zip(text) {
                if HYPHENS.contains(&place) || *byte == b'-' {
                    fit &= HYPHENS.contains(&place) && *byte == b'-';
                    continue;
                }
                let digit = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'a'..=b'f' => byte - b'a' + 10,
                    _ => return None,
                };
                let hyphens_before = HYPHENS.iter().filter(|hyphen| **hyphen < place).count();
                let shift = 4 * (31 - (place - hyphens_before));
                looked_at |= 0xf << shift;
                digits |= u128::from(digit) << shift;
            }
            if fit {
                fits.push((looked_at, digits));
            }
        }
        (!fits.is_empty()).then_some(Self(fits))
    }

    /// Rows of [`Part::Uuids`] that hold it.
    pub(super) fn rows_holding(&self, bytes: &[u8]) -> Result<Vec<u32>, ColdRowError> {
        if !bytes.len().is_multiple_of(UUID_BYTES) {
            return Err(damaged());
        }
        let mut rows = Vec::new();
        for (row, uuid) in (0..).zip(bytes.chunks_exact(UUID_BYTES)) {
            let uuid = u128::from_be_bytes(uuid.try_into().map_err(|_| damaged())?);
            if self.0.iter().any(|(looked_at, digits)| uuid & looked_at == *digits) {
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use hiveboard_wire::EventId;
    use proptest::prelude::*;

    use super::*;

    fn folded(texts: &[Vec<String>], widths: &[usize]) -> (Vec<u8>, Vec<u8>) {
        let mut builder = FoldedBuilder::default();
        for (row, texts) in (0..).zip(texts) {
            builder.push(row, &texts.iter().map(|text| Cow::Borrowed(text.as_str())).collect::<Vec<_>>(), widths);
        }
        let (text, filter) = builder.finish();
        (text, postcard::to_stdvec(&Filters(&filter, &[])).unwrap())
    }

    proptest! {
        #[test]
        fn rows_that_hold_a_text_are_found(
            texts in proptest::collection::vec(proptest::collection::vec("[a-cÄ0-1-]{0,14}", 0..3), 0..20),
            needle in "[a-cÄä0-1-]{1,10}", from in 0_usize..20,
        ) {
            // Of the texts themselves, too, so that something is found.
            let own: String = texts.concat().concat().chars().skip(from).take(9).collect();
            for needle in [needle, own].iter().filter(|needle| !needle.is_empty()) {
                let needle = Needle::new(needle);
                let (bytes, filters) = folded(&texts, &[SHORT, LONG]);
                let wanted: Vec<u32> = (0..)
                    .zip(&texts)
                    .filter(|(_, texts)| texts.iter().any(|text| needle.is_in_text(text)))
                    .map(|(row, _)| row)
                    .collect();
                prop_assert_eq!(rows_holding(&bytes, &needle), Ok(wanted.clone()));
                prop_assert!(wanted.is_empty() || may_hold(&filters, &needle).is_ok_and(|may| may.ids));
            }
        }

        #[test]
        fn a_text_is_found_in_uuids_where_it_stands_in_them(
            uuids in proptest::collection::vec(any::<[u8; 16]>(), 1..20),
            needle in "[0-3-]{1,3}|[0-9a-f]{1,2}|[a-g-]{1,4}", from in 0_usize..36, length in 1_usize..37,
        ) {
            let own = EventId::from_uuid(uuids[0]).to_string();
            let own = own[from..(from + length).min(36)].to_owned();
            for needle in [needle, own] {
                let needle = Needle::new(&needle);
                let wanted: Vec<u32> = (0..)
                    .zip(&uuids)
                    .filter(|(_, uuid)| EventId::from_uuid(**uuid).with_str(|text| needle.find_in_folded(text).is_some()))
                    .map(|(row, _)| row)
                    .collect();
                let found = UuidNeedle::new(&needle).map_or(Ok(Vec::new()), |it| it.rows_holding(&uuids.concat()));
                prop_assert_eq!(found, Ok(wanted));
            }
        }
    }

    #[test]
    fn filters_tell_ids_that_count_up_apart() {
        let texts = |first: u32| -> Vec<Vec<String>> {
            (first..first + 2_000).map(|number| vec![format!("invoice-{number:012}")]).collect()
        };
        let (_, filters) = folded(&texts(10_000), &[SHORT, LONG]);
        let may = |number: u32| may_hold(&filters, &Needle::new(&format!("invoice-{number:012}"))).unwrap().ids;
        assert!((10_000..12_000).all(may));
        assert!((100_000..101_000).filter(|number| may(*number)).count() < 30);
        assert!(!may_hold(&filters, &Needle::new("triage")).unwrap().ids);
        assert!(filters.len() < 12_000, "{}", filters.len());
    }
}
