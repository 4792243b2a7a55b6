//! Takes what is recent into the tables, a little with each commit: see [`Recent`].

use rusqlite::{Connection, params, params_from_iter};

use super::super::{
    day::set_about,
    recent::{GRAINS, LABEL_GRAINS, Listed, Recent, Sum, SumKey, SumLabel, Sums, Texts, floor},
};
use crate::{Result, StoreOptions};

/// References taken into the table with a commit, at least; and so many for each that it brings, so that the work ends.
const AT_LEAST: usize = 64;
const FOR_EACH: usize = 4;

/// References on their way into the table, in its order.
#[derive(Default)]
pub(super) struct Fold {
    /// Empty while none are under way.
    sorted: Vec<Listed>,
    done: usize,
    /// Blocks below are among `sorted`.
    until: i64,
    /// What the transaction under way has done; counts once it is committed.
    pending: Pending,
}

#[derive(Default)]
struct Pending {
    references: usize,
    sums_from: Option<i64>,
}

impl Fold {
    /// To be called in the transaction of a commit that begins at `next_seq` and lists so many references.
    pub(super) fn step(
        &mut self,
        connection: &Connection,
        recent: &Recent,
        options: &StoreOptions,
        next_seq: i64,
        brought: usize,
    ) -> Result<()> {
        self.pending = Pending::default();
        if self.sorted.is_empty() && recent.listed() >= options.recent_references {
            self.begin(recent, next_seq);
        }
        self.write_references(connection, (brought * FOR_EACH).max(AT_LEAST))?;
        if recent.sums_are_many(options.recent_sums) {
            self.write_sums(connection, recent, next_seq)?;
        }
        Ok(())
    }

    /// All that is left, in a transaction of the caller's.
    pub(super) fn finish(&mut self, connection: &Connection, recent: &Recent, next_seq: i64) -> Result<()> {
        self.pending = Pending::default();
        // Those under way are among all; those in the table already are left as they are.
        self.begin(recent, next_seq);
        self.write_references(connection, usize::MAX)?;
        self.write_sums(connection, recent, next_seq)
    }

    fn begin(&mut self, recent: &Recent, next_seq: i64) {
        self.sorted = recent.all_listed();
        self.done = 0;
        self.until = next_seq;
    }

    fn write_references(&mut self, connection: &Connection, most: usize) -> Result<()> {
        let left = &self.sorted[self.done..];
        let part = &left[..left.len().min(most)];
        if part.is_empty() {
            return Ok(());
        }
        let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO reference(key, block) VALUES (?1, ?2)")?;
        for listed in part {
            insert.execute(params![listed.reference, listed.block])?;
        }
        if part.len() == left.len() {
            set_about(connection, "references_from", self.until)?;
        }
        self.pending.references = part.len();
        Ok(())
    }

    fn write_sums(&mut self, connection: &Connection, recent: &Recent, next_seq: i64) -> Result<()> {
        let (_, sums) = recent.sums();
        write_sums(connection, &sums)?;
        write_label_sums(connection, &sums)?;
        set_about(connection, "sums_from", next_seq)?;
        self.pending.sums_from = Some(next_seq);
        Ok(())
    }

    /// The transaction was committed; before what it brought is added to the recent.
    pub(super) fn committed(&mut self, recent: &Recent) {
        let pending = std::mem::take(&mut self.pending);
        self.done += pending.references;
        if !self.sorted.is_empty() && self.done == self.sorted.len() {
            recent.references_written(self.until);
            self.sorted = Vec::new();
            self.done = 0;
        }
        if let Some(from) = pending.sums_from {
            recent.sums_written(from);
        }
    }
}

/// Integers that overflow turn into reals in SQLite; `min()` brings them back.
const OR_ADD: &str = "ON CONFLICT DO UPDATE SET
    calls = calls + excluded.calls,
    cost = min(cost + excluded.cost, 1 << 62),
    estimated_cost = min(estimated_cost + excluded.estimated_cost, 1 << 62),
    tokens_in = min(tokens_in + excluded.tokens_in, 1 << 62),
    tokens_out = min(tokens_out + excluded.tokens_out, 1 << 62),
    failures = failures + excluded.failures";

/// Adds sums to those kept by all texts, for each grain.
pub(super) fn write_sums(connection: &Connection, sums: &Sums) -> Result<()> {
    let mut statement = connection.prepare_cached(&format!(
        "INSERT INTO call_total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) {OR_ADD}"
    ))?;
    let mut added: Vec<(SumKey, Sum)> = sums.by.iter().map(|(key, sum)| (*key, *sum)).collect();
    for grain in GRAINS.into_iter().rev() {
        let coarser = |(key, sum): (SumKey, Sum)| (SumKey { bucket: floor(key.bucket, grain), ..key }, sum);
        added = together(added.into_iter().map(coarser).collect());
        for (SumKey { scope, bucket, texts }, sum) in &added {
            let Texts { agent, project, task_type, model, environment, group, version } = *texts;
            let key = [(*scope).into(), grain, *bucket, agent, project, task_type, model, environment, group, version];
            statement.execute(params_from_iter(key.into_iter().chain(figures(sum))))?;
        }
    }
    Ok(())
}

/// Adds sums to those kept by one label alone, for each grain.
pub(super) fn write_label_sums(connection: &Connection, sums: &Sums) -> Result<()> {
    let mut statement = connection.prepare_cached(&format!(
        "INSERT INTO label_total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) {OR_ADD}"
    ))?;
    for label in SumLabel::EACH {
        let value = |key: &SumKey| label.column().map_or(0, |column| key.texts.number(column));
        let mut added: Vec<((u32, i64, i64), Sum)> =
            sums.by.iter().map(|(key, sum)| ((key.scope, key.bucket, value(key)), *sum)).collect();
        for grain in LABEL_GRAINS.into_iter().rev() {
            let coarser = |((scope, bucket, value), sum)| ((scope, floor(bucket, grain), value), sum);
            added = together(added.into_iter().map(coarser).collect());
            for ((scope, bucket, value), sum) in &added {
                let key = [(*scope).into(), label as i64, grain, *bucket, *value];
                statement.execute(params_from_iter(key.into_iter().chain(figures(sum))))?;
            }
        }
    }
    Ok(())
}

/// Calls, cost, estimated cost, tokens in and out, failures; as a table takes them.
fn figures(Sum { calls, failures }: &Sum) -> [i64; 6] {
    let bounded = |figure: u64| i64::try_from(figure).unwrap_or(i64::MAX).min(1 << 62);
    [
        bounded(calls.call_count),
        calls.cost.0.min(1 << 62),
        calls.estimated_cost.0.min(1 << 62),
        bounded(calls.tokens_in),
        bounded(calls.tokens_out),
        bounded(*failures),
    ]
}

/// Sums that have a key in common, added up; by key, which is the order of the table. Each grain is made of the finer one's.
fn together<K: Ord>(mut all: Vec<(K, Sum)>) -> Vec<(K, Sum)> {
    all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    all.dedup_by(|(key, more), (kept, sum)| {
        let same = key == kept;
        if same {
            sum.add(more);
        }
        same
    });
    all
}
