//! Figures of a segment's runs, a column each, so that a query reads what it looks at and no more.

use hashbrown::HashMap;

use super::cold::ColdRowError;

/// What is kept of each run beside its row. Labels are numbers of the segment's own dictionary, 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// `[rows][where each part begins][columns][dictionaries][padding]`, numbers in little-endian.
    pub(super) fn finish(self) -> Vec<u8> {
        let rows = self.rows();
        let parts = COLUMNS + self.dictionaries.len();
        let mut bytes = vec![0; 4 * (1 + parts)];
        bytes[..4].copy_from_slice(&(rows as u32).to_le_bytes());
        let begin = |part: usize, bytes: &mut Vec<u8>| {
            let place = bytes.len() as u32;
            bytes[4 * (1 + part)..4 * (2 + part)].copy_from_slice(&place.to_le_bytes());
        };
        for (part, column) in self.columns.iter().enumerate() {
            begin(part, &mut bytes);
            put_integers(&mut bytes, column);
        }
        for (part, dictionary) in self.dictionaries.into_iter().enumerate() {
            begin(COLUMNS + part, &mut bytes);
            let mut texts: Vec<(i64, Box<str>)> = dictionary.into_iter().map(|(text, number)| (number, text)).collect();
            texts.sort_unstable();
            let texts: Vec<&str> = texts.iter().map(|(_, text)| &**text).collect();
            bytes = postcard::to_extend(&texts, bytes).expect("texts can be encoded");
        }
        // Integers are read eight bytes at a time.
        bytes.extend([0; 8]);
        bytes
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

/// Columns as they were written.
#[derive(Debug, Clone)]
pub(super) struct Columns<B> {
    bytes: B,
    rows: usize,
}

impl<B: AsRef<[u8]>> Columns<B> {
    pub(super) fn new(bytes: B) -> Result<Self, ColdRowError> {
        let rows = number_at(bytes.as_ref(), 0).ok_or_else(damaged)? as usize;
        Ok(Self { bytes, rows })
    }

    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    fn part(&self, part: usize) -> Result<&[u8], ColdRowError> {
        let bytes = self.bytes.as_ref();
        let from = number_at(bytes, 4 * (1 + part)).ok_or_else(damaged)? as usize;
        bytes.get(from..).ok_or_else(damaged)
    }

    pub(super) fn integers(&self, column: Column) -> Result<Vec<i64>, ColdRowError> {
        let part = self.part(column as usize)?;
        let (head, differences) = part.split_at_checked(9).ok_or_else(damaged)?;
        let least = i64::from_le_bytes(head[..8].try_into().map_err(|_| damaged())?);
        let width = usize::from(head[8]);
        if width > 8 || differences.len() < self.rows * width + 8 - width {
            return Err(damaged());
        }
        if width == 0 {
            return Ok(vec![least; self.rows]);
        }
        let mask = u64::MAX >> (64 - 8 * width);
        let value = |row: usize| {
            let eight: [u8; 8] = differences[row * width..row * width + 8].try_into().unwrap_or_default();
            least.wrapping_add((u64::from_le_bytes(eight) & mask) as i64)
        };
        Ok((0..self.rows).map(value).collect())
    }

    /// Texts of a label's numbers: that of number 1 first.
    pub(super) fn texts(&self, column: Column) -> Result<Vec<&str>, ColdRowError> {
        let part = self.part(COLUMNS + column as usize - LABELS)?;
        postcard::take_from_bytes(part).map(|(texts, _)| texts).map_err(|_| damaged())
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
            let columns = Columns::new(builder.finish()).map_err(|error| proptest::test_runner::TestCaseError::fail(error.0))?;
            proptest::prop_assert_eq!(columns.rows(), values.len());
            proptest::prop_assert_eq!(columns.integers(Column::Flags), Ok(values.clone()));
            let texts = columns.texts(Column::Group).map_err(|error| proptest::test_runner::TestCaseError::fail(error.0))?;
            let numbers = columns.integers(Column::Group).map_err(|error| proptest::test_runner::TestCaseError::fail(error.0))?;
            let back: Vec<Option<&str>> = numbers.iter().map(|number| (*number > 0).then(|| texts[*number as usize - 1])).collect();
            let given: Vec<Option<&str>> = labels.iter().take(values.len()).map(Option::as_deref).collect();
            proptest::prop_assert_eq!(back, given);
        }
    }

    #[test]
    fn damaged_columns_are_an_error() {
        let mut builder = ColumnsBuilder::new();
        for column in [Column::Hash, Column::First] {
            builder.put(column, i64::MAX);
        }
        let bytes = builder.finish();
        assert!(Columns::new(&bytes[..3]).is_err());
        assert!(Columns::new(&bytes[..40]).and_then(|columns| columns.integers(Column::First)).is_err());
    }
}
