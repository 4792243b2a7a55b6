//! Figures of a segment's runs, a column each; columns that are looked at together lie together, so that a query reads what it looks at and
//! little more.

use std::{cell::OnceCell, sync::Arc};

use hashbrown::HashMap;

use super::cold::ColdRowError;

/// What is kept of each run beside its row. Labels are numbers of the segment's own dictionary, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Column {
    Hash,
    TaskHash,
    /// 0 where there is none.
    CorrelationHash,
    First,
    End,
    /// Microseconds.
    Duration,
    /// Of the sketch: its logarithm is taken once.
    DurationBucket,
    /// Nano-dollars.
    Cost,
    EstimatedCost,
    TokensIn,
    TokensOut,
    Errors,
    Calls,
    /// Place in [`super::ENDED`].
    Status,
    /// See [`flag`].
    Flags,
    Agent,
    Project,
    TaskType,
    Version,
    Environment,
    Group,
}

const COLUMNS: usize = 21;
/// The first column that holds labels.
const LABELS: usize = Column::Agent as usize;

/// Parts of a segment's columns that are written and read each by itself. Behind the columns of a part stand the dictionaries of its labels.
pub(super) const PARTS: usize = 7;

const LAYOUT: [&[Column]; PARTS] = [
    // What tells a run's place in a list, and whether it is in the window.
    &[Column::Hash, Column::First, Column::End],
    &[Column::Duration, Column::DurationBucket],
    &[Column::Cost, Column::EstimatedCost],
    &[Column::TokensIn, Column::TokensOut],
    // A byte each, mostly.
    &[
        Column::Errors,
        Column::Calls,
        Column::Status,
        Column::Flags,
        Column::Project,
        Column::TaskType,
        Column::Version,
        Column::Environment,
        Column::Group,
    ],
    &[Column::Agent],
    &[Column::TaskHash, Column::CorrelationHash],
];

/// The part of a column, and its place in it.
const fn place_of(column: Column) -> (usize, usize) {
    let mut part = 0;
    while part < PARTS {
        let mut place = 0;
        while place < LAYOUT[part].len() {
            if LAYOUT[part][place] as usize == column as usize {
                return (part, place);
            }
            place += 1;
        }
        part += 1;
    }
    panic!("every column is in a part")
}

fn labels_of(part: usize) -> impl Iterator<Item = Column> {
    LAYOUT[part].iter().copied().filter(|column| *column as usize >= LABELS)
}

pub(crate) mod flag {
    pub(crate) const ESCALATED: i64 = 1;
    pub(crate) const HAS_COST: i64 = 2;
    pub(crate) const HAS_TOKENS: i64 = 4;
}

/// Columns to be written.
#[derive(Debug)]
pub(super) struct ColumnsBuilder {
    columns: [Vec<i64>; COLUMNS],
    dictionaries: [HashMap<Box<str>, i64>; COLUMNS - LABELS],
}

impl ColumnsBuilder {
    pub(super) fn new() -> Self {
        Self { columns: std::array::from_fn(|_| Vec::new()), dictionaries: std::array::from_fn(|_| HashMap::new()) }
    }

    pub(super) fn rows(&self) -> usize {
        self.columns[0].len()
    }

    pub(super) fn put(&mut self, column: Column, value: i64) {
        self.columns[column as usize].push(value);
    }

    /// Answers whether the label is new here.
    pub(super) fn put_label(&mut self, column: Column, text: Option<&str>) -> bool {
        let dictionary = &mut self.dictionaries[column as usize - LABELS];
        let next = dictionary.len() as i64 + 1;
        let Some(text) = text else {
            self.columns[column as usize].push(0);
            return false;
        };
        let (number, is_new) = match dictionary.get(text) {
            Some(number) => (*number, false),
            None => (*dictionary.entry(text.into()).or_insert(next), true),
        };
        self.columns[column as usize].push(number);
        is_new
    }

    /// Each part: `[rows][where each column and dictionary begins][columns][dictionaries][padding]`, numbers in little-endian.
    pub(super) fn finish(self) -> [Vec<u8>; PARTS] {
        let rows = self.rows() as u32;
        let Self { columns, mut dictionaries } = self;
        std::array::from_fn(|part| {
            let pieces = LAYOUT[part].len() + labels_of(part).count();
            let mut bytes = vec![0; 4 * (1 + pieces)];
            bytes[..4].copy_from_slice(&rows.to_le_bytes());
            let begin = |piece: usize, bytes: &mut Vec<u8>| {
                let place = bytes.len() as u32;
                bytes[4 * (1 + piece)..4 * (2 + piece)].copy_from_slice(&place.to_le_bytes());
            };
            for (piece, column) in LAYOUT[part].iter().enumerate() {
                begin(piece, &mut bytes);
                put_integers(&mut bytes, &columns[*column as usize]);
            }
            for (piece, column) in (LAYOUT[part].len()..).zip(labels_of(part)) {
                begin(piece, &mut bytes);
                let dictionary = std::mem::take(&mut dictionaries[column as usize - LABELS]);
                let mut texts: Vec<(i64, Box<str>)> =
                    dictionary.into_iter().map(|(text, number)| (number, text)).collect();
                texts.sort_unstable();
                let texts: Vec<&str> = texts.iter().map(|(_, text)| &**text).collect();
                bytes = postcard::to_extend(&texts, bytes).expect("texts can be encoded");
            }
            // Integers are read eight bytes at a time.
            bytes.extend([0; 8]);
            bytes
        })
    }

    /// Texts of a label that were put in, in no order.
    pub(super) fn texts(&self, column: Column) -> impl Iterator<Item = &str> {
        self.dictionaries[column as usize - LABELS].keys().map(|text| &**text)
    }
}

/// The least value, the width of the differences in bytes, the differences.
fn put_integers(bytes: &mut Vec<u8>, values: &[i64]) {
    let least = values.iter().copied().min().unwrap_or(0);
    let greatest = values.iter().copied().max().unwrap_or(0);
    let span = greatest.wrapping_sub(least) as u64;
    let width = (64 - span.leading_zeros() as usize).div_ceil(8);
    bytes.extend(least.to_le_bytes());
    bytes.push(width as u8);
    for value in values {
        bytes.extend(&(value.wrapping_sub(least) as u64).to_le_bytes()[..width]);
    }
}

/// The bytes of a part: of memory or of the disk.
#[derive(Debug, Clone)]
pub(super) enum PartBytes {
    Pinned(Arc<[Vec<u8>; PARTS]>, usize),
    Read(Arc<Vec<u8>>),
}

impl PartBytes {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Pinned(parts, part) => &parts[*part],
            Self::Read(bytes) => bytes,
        }
    }
}

/// Columns as they were written; each part is read when one of its columns is asked for.
pub(super) struct Columns<'a> {
    rows: usize,
    read: Box<dyn Fn(usize) -> Result<PartBytes, ColdRowError> + 'a>,
    parts: [OnceCell<PartBytes>; PARTS],
}

impl<'a> Columns<'a> {
    pub(super) fn new(rows: usize, read: impl Fn(usize) -> Result<PartBytes, ColdRowError> + 'a) -> Self {
        Self { rows, read: Box::new(read), parts: std::array::from_fn(|_| OnceCell::new()) }
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    fn piece(&self, part: usize, piece: usize) -> Result<&[u8], ColdRowError> {
        let known = if let Some(known) = self.parts[part].get() {
            known
        } else {
            let bytes = (self.read)(part)?;
            if number_at(bytes.bytes(), 0) != Some(self.rows as u32) {
                return Err(damaged());
            }
            self.parts[part].get_or_init(|| bytes)
        };
        let bytes = known.bytes();
        let from = number_at(bytes, 4 * (1 + piece)).ok_or_else(damaged)? as usize;
        bytes.get(from..).ok_or_else(damaged)
    }

    pub(super) fn integers(&self, column: Column) -> Result<Integers<'_>, ColdRowError> {
        let (part, place) = place_of(column);
        let (head, differences) = self.piece(part, place)?.split_at_checked(9).ok_or_else(damaged)?;
        let least = i64::from_le_bytes(head[..8].try_into().map_err(|_| damaged())?);
        let width = usize::from(head[8]);
        if width > 8 || differences.len() < self.rows * width + 8 - width {
            return Err(damaged());
        }
        let mask = if width == 0 { 0 } else { u64::MAX >> (64 - 8 * width) };
        Ok(Integers { least, width, mask, differences, rows: self.rows })
    }

    /// Texts of a label's numbers: that of number 1 first.
    pub(super) fn texts(&self, column: Column) -> Result<Vec<&str>, ColdRowError> {
        let (part, _) = place_of(column);
        let place = labels_of(part).position(|other| other == column).ok_or_else(damaged)?;
        let piece = self.piece(part, LAYOUT[part].len() + place)?;
        postcard::take_from_bytes(piece).map(|(texts, _)| texts).map_err(|_| damaged())
    }
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Integers<'a> {
    least: i64,
    width: usize,
    mask: u64,
    differences: &'a [u8],
    rows: usize,
}

impl Integers<'_> {
    /// Of a row that there is.
    pub(super) fn get(&self, row: usize) -> i64 {
        let from = row * self.width;
        let eight = self.differences.get(from..from + 8).and_then(|eight| eight.try_into().ok()).unwrap_or_default();
        self.least.wrapping_add((u64::from_le_bytes(eight) & self.mask) as i64)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        (0..self.rows).map(|row| self.get(row))
    }
}

fn number_at(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..place + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn damaged() -> ColdRowError {
    ColdRowError::damaged("a column of archived runs")
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_put_in_comes_out(values in proptest::collection::vec(proptest::prelude::any::<i64>(), 0..50), shift in 0_u32..64, labels in proptest::collection::vec(proptest::option::of("[a-c]{0,2}"), 50)) {
            let values: Vec<i64> = values.into_iter().map(|value| value >> shift).collect();
            let mut builder = ColumnsBuilder::new();
            for (value, label) in values.iter().zip(&labels) {
                for column in [Column::Hash, Column::TaskHash, Column::CorrelationHash, Column::First, Column::End, Column::Duration, Column::DurationBucket, Column::Cost, Column::EstimatedCost, Column::TokensIn, Column::TokensOut, Column::Errors, Column::Calls, Column::Status, Column::Flags] {
                    builder.put(column, *value);
                }
                for column in [Column::Agent, Column::Project, Column::TaskType, Column::Version, Column::Environment, Column::Group] {
                    builder.put_label(column, label.as_deref());
                }
            }
            let rows = builder.rows();
            let parts = Arc::new(builder.finish());
            let columns = Columns::new(rows, |part| Ok(PartBytes::Pinned(Arc::clone(&parts), part)));
            let failed = |error: ColdRowError| proptest::test_runner::TestCaseError::fail(error.0);
            for column in [Column::Hash, Column::Flags, Column::Calls, Column::EstimatedCost, Column::CorrelationHash] {
                let back: Vec<i64> = columns.integers(column).map_err(failed)?.iter().collect();
                proptest::prop_assert_eq!(&back, &values);
            }
            for column in [Column::Agent, Column::Project, Column::Group] {
                let texts = columns.texts(column).map_err(failed)?;
                let numbers = columns.integers(column).map_err(failed)?;
                let back: Vec<Option<&str>> = numbers.iter().map(|number| (number > 0).then(|| texts[number as usize - 1])).collect();
                let given: Vec<Option<&str>> = labels.iter().take(values.len()).map(Option::as_deref).collect();
                proptest::prop_assert_eq!(back, given);
            }
        }
    }

    #[test]
    fn damaged_columns_are_an_error() {
        let mut builder = ColumnsBuilder::new();
        for column in [Column::Hash, Column::First] {
            builder.put(column, i64::MAX);
        }
        let [sound, ..] = builder.finish();
        let read = |bytes: &[u8], rows: usize| {
            let bytes = Arc::new(bytes.to_vec());
            let columns = Columns::new(rows, move |_| Ok(PartBytes::Read(Arc::clone(&bytes))));
            columns.integers(Column::First).map(|column| column.get(0))
        };
        assert_eq!(read(&sound, 1), Ok(i64::MAX));
        assert!(read(&sound[..3], 1).is_err());
        assert!(read(&sound[..30], 1).is_err());
        assert!(read(&sound, 2).is_err(), "it has one row");
    }
}
