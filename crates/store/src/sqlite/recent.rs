//! What the newest blocks add to a day's indexes, until it is worth a visit to their pages.
//!
//! References of blocks have keys all over the index, and sums of calls are added to again and again: written by each commit, they would dirty a
//! page each, and more pages the larger the file. So they stay here, and go into their tables sorted, many a page. Nothing is lost with
//! this memory: the file holds the references beside each block and the calls themselves, and says from where on they are not in the
//! tables. Readers take what is here first, and then from the tables only what lies below.

use std::{
    hash::{BuildHasherDefault, Hasher},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use hashbrown::HashMap;
use hiveboard_wire::{CallCost, CostSource, NanoDollars};

use crate::CallTotals;

/// Calls and failures whose sums may wait: at start, they are added up again.
const MOST_SUMMED: u64 = 100_000;

const MINUTE: i64 = 60_000_000;

/// Widths for which sums are kept, µs, each a multiple of the next: for windows of weeks, days, and hours.
pub(super) const GRAINS: [i64; 3] = [360 * MINUTE, 60 * MINUTE, 15 * MINUTE];

/// The same where sums are kept by one label alone.
pub(super) const LABEL_GRAINS: [i64; 4] = [GRAINS[0], GRAINS[1], GRAINS[2], MINUTE];

/// The start of the bucket of that width.
pub(super) const fn floor(timestamp: i64, grain: i64) -> i64 {
    timestamp - timestamp.rem_euclid(grain)
}

/// The texts of a call or failure, as dictionary numbers; zero for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Texts {
    pub(super) agent: i64,
    pub(super) project: i64,
    pub(super) task_type: i64,
    pub(super) model: i64,
    pub(super) environment: i64,
    pub(super) group: i64,
    pub(super) version: i64,
}

impl Texts {
    /// By the name of its column.
    pub(super) fn number(&self, column: &str) -> i64 {
        match column {
            "agent" => self.agent,
            "project" => self.project,
            "task_type" => self.task_type,
            "model" => self.model,
            "environment" => self.environment,
            "grp" => self.group,
            "version" => self.version,
            other => unreachable!("sums know no {other}"),
        }
    }
}

/// What sums are kept by alone, beside those by all texts at once. Not by agent: they are as many as all texts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum SumLabel {
    /// No text at all: everything.
    All = 0,
    Project = 1,
    TaskType = 2,
    Model = 3,
    Environment = 4,
    Group = 5,
    Version = 6,
}

impl SumLabel {
    pub(super) const EACH: [Self; 7] =
        [Self::All, Self::Project, Self::TaskType, Self::Model, Self::Environment, Self::Group, Self::Version];

    /// The column of the other table that tells it.
    pub(super) const fn column(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Project => Some("project"),
            Self::TaskType => Some("task_type"),
            Self::Model => Some("model"),
            Self::Environment => Some("environment"),
            Self::Group => Some("grp"),
            Self::Version => Some("version"),
        }
    }

    /// What tells sums by all these columns.
    pub(super) fn of<'c>(columns: impl IntoIterator<Item = &'c str>) -> Option<Self> {
        let mut label = Self::All;
        for column in columns {
            if label.column() == Some(column) {
                continue;
            }
            if label != Self::All {
                return None;
            }
            label = Self::EACH.into_iter().find(|label| label.column() == Some(column))?;
        }
        Some(label)
    }
}

/// Whose sums, of which minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SumKey {
    pub(super) scope: u32,
    pub(super) bucket: i64,
    pub(super) texts: Texts,
}

/// What is summed up of one key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) calls: CallTotals,
    pub(super) failures: u64,
}

impl Sum {
    pub(super) fn add(&mut self, more: &Self) {
        self.calls.add(&more.calls);
        self.failures = self.failures.saturating_add(more.failures);
    }
}

/// Sums of calls and failures by bucket and texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// Calls and failures inside.
    pub(super) count: u64,
    pub(super) by: HashMap<SumKey, Sum>,
}

impl Sums {
    pub(super) fn add(&mut self, scope: u32, timestamp: i64, texts: Texts, cost: CallCost, tokens: (i64, i64)) {
        self.count += 1;
        let estimated = cost.source == CostSource::Estimated;
        self.at(scope, timestamp, texts).calls.add(&CallTotals {
            call_count: 1,
            cost: cost.amount,
            estimated_cost: if estimated { cost.amount } else { NanoDollars(0) },
            tokens_in: tokens.0 as u64,
            tokens_out: tokens.1 as u64,
        });
    }

    pub(super) fn add_failure(&mut self, scope: u32, timestamp: i64, texts: Texts) {
        self.count += 1;
        self.at(scope, timestamp, texts).failures += 1;
    }

    fn at(&mut self, scope: u32, timestamp: i64, texts: Texts) -> &mut Sum {
        self.by.entry(SumKey { scope, bucket: floor(timestamp, MINUTE), texts }).or_default()
    }

    fn merge(&mut self, more: &Self) {
        self.count += more.count;
        for (key, sum) in &more.by {
            self.by.entry(*key).or_default().add(sum);
        }
    }
}

/// A block under one of its references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    pub(super) reference: i64,
    pub(super) block: i64,
}

#[derive(Default)]
pub(super) struct Recent(RwLock<Inner>);

/// References are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed")
    }

    fn write_i64(&mut self, number: i64) {
        // The table looks at the upper and the lower bits; references have 47.
        self.0 = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[derive(Default)]
struct Inner {
    /// References of blocks from here on are here.
    references_from: i64,
    references: HashMap<i64, Vec<i64>, BuildHasherDefault<AsItIs>>,
    listed: usize,
    /// Calls from here on are summed up here.
    sums_from: i64,
    sums: Sums,
}

impl Recent {
    pub(super) fn new(references_from: i64, sums_from: i64) -> Self {
        Self(RwLock::new(Inner { references_from, sums_from, ..Inner::default() }))
    }

    /// Adds what a commit brought.
    pub(super) fn add(&self, listed: &[Listed], sums: &Sums) {
        let mut inner = self.write();
        inner.listed += listed.len();
        for one in listed {
            inner.references.entry(one.reference).or_default().push(one.block);
        }
        inner.sums.merge(sums);
    }

    /// The blocks listed under one reference of each set, ascending, and from which block on they stand here. To be asked before the table is.
    pub(super) fn blocks(&self, sets: &[Vec<i64>]) -> (i64, Vec<i64>) {
        let inner = self.read();
        let of = |set: &[i64]| {
            let mut blocks: Vec<i64> =
                set.iter().filter_map(|reference| inner.references.get(reference)).flatten().copied().collect();
            if set.len() > 1 {
                blocks.sort_unstable();
                blocks.dedup();
            }
            blocks
        };
        let Some((first, others)) = sets.split_first() else { return (inner.references_from, Vec::new()) };
        let mut blocks = of(first);
        for other in others {
            let also = of(other);
            blocks.retain(|block| also.binary_search(block).is_ok());
        }
        (inner.references_from, blocks)
    }

    pub(super) fn references_from(&self) -> i64 {
        self.read().references_from
    }

    pub(super) fn listed(&self) -> usize {
        self.read().listed
    }

    /// All that is listed, sorted.
    pub(super) fn all_listed(&self) -> Vec<Listed> {
        let inner = self.read();
        let mut all: Vec<Listed> = inner
            .references
            .iter()
            .flat_map(|(reference, blocks)| blocks.iter().map(|block| Listed { reference: *reference, block: *block }))
            .collect();
        all.sort_unstable();
        all
    }

    /// References of blocks below are in the table by now.
    pub(super) fn references_written(&self, from: i64) {
        let mut inner = self.write();
        inner.references.retain(|_, blocks| {
            blocks.retain(|block| *block >= from);
            !blocks.is_empty()
        });
        inner.listed = inner.references.values().map(Vec::len).sum();
        inner.references_from = from;
    }

    /// The sums that are not in the table, and from which call on.
    pub(super) fn sums(&self) -> (i64, Sums) {
        let inner = self.read();
        (inner.sums_from, inner.sums.clone())
    }

    pub(super) fn sums_are_many(&self, most: usize) -> bool {
        let inner = self.read();
        inner.sums.count >= MOST_SUMMED || inner.sums.by.len() >= most
    }

    /// Sums of calls below are in the table by now.
    pub(super) fn sums_written(&self, from: i64) {
        let mut inner = self.write();
        inner.sums = Sums::default();
        inner.sums_from = from;
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
