//! A filter of calls in the numbers of one day file, and the way to its rows.

use std::{fmt::Write, ops::Range};

use hiveboard_wire::Scope;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, params};

use super::cover::cover;

use crate::{
    CallFilter, Result,
    sqlite::{
        day::{Day, DayRange, read_about},
        dictionary,
        keys::{Reference, StoreKey},
        reader::{Deadline, Reader},
        recent::{GRAINS, LABEL_GRAINS, SumKey, SumLabel, Sums},
    },
};

/// Rows between two looks at the clock.
const ROWS_BETWEEN_LOOKS: usize = 4096;

/// Conditions and their parameters; `?1`–`?3` are scope, since and until.
pub(in crate::sqlite) struct CallPredicate {
    scope: u32,
    pub(in crate::sqlite) since: i64,
    pub(in crate::sqlite) until: i64,
    equal: Vec<(&'static str, i64)>,
    /// All that match lie in these blocks (first and last `seq`, ascending), and they are few.
    few: Option<Vec<(i64, i64)>>,
    /// What the blocks with what is asked for are listed under, few or many, and from which block on the table does not know.
    pub(super) listed: Option<(i64, i64)>,
}

impl CallPredicate {
    /// `None` when the file cannot hold a match: a text of the filter is unknown to it.
    pub(in crate::sqlite) fn new(
        connection: &Connection,
        day: &Day,
        key: &StoreKey,
        scope: Scope,
        filter: &CallFilter,
        few_blocks: u32,
    ) -> Result<Option<Self>> {
        let mut equal = Vec::new();
        for (column, text) in [
            ("agent", &filter.agent_id),
            ("project", &filter.project_id),
            ("environment", &filter.environment),
            ("grp", &filter.group),
            ("task_type", &filter.task_type),
            ("model", &filter.model),
            ("version", &filter.version),
        ] {
            let Some(text) = text else { continue };
            let Some(number) = dictionary::find(connection, text)? else { return Ok(None) };
            equal.push((column, number));
        }
        equal.extend(filter.task_id.as_deref().map(|id| ("task", key.task(scope, id))));
        let listed = labels(day, filter).into_iter().flatten().next().map(|label| key.reference(scope, label));
        Ok(Some(Self {
            scope: scope.number(),
            since: filter.since.map_or(i64::MIN, |at| at.0),
            until: filter.until.map_or(i64::MAX, |at| at.0),
            equal,
            few: few(connection, day, key, scope, filter, few_blocks)?,
            listed: listed.map(|reference| (reference, day.recent.references_from())),
        }))
    }

    /// Sums know no tasks.
    pub(super) fn has_sums(&self) -> bool {
        self.equal.iter().all(|(column, _)| *column != "task")
    }

    /// The sums that tell figures grouped by these columns; `None` where only rows do.
    pub(in crate::sqlite) fn sums(&self, day: &Day, by: &[&'static str]) -> Option<KeptSums> {
        let columns = self.equal.iter().map(|(column, _)| *column).chain(by.iter().copied());
        let label = SumLabel::of(columns).filter(|_| day.sums_labels());
        label.map(KeptSums::ByLabel).or_else(|| (self.has_sums() && !self.is_few()).then_some(KeptSums::ByAll))
    }

    /// The window within the day, in parts: with the grain whose sums answer it, or none where rows do.
    pub(in crate::sqlite) fn parts(
        &self,
        range: &DayRange,
        bucket_micros: Option<i64>,
        sums: Option<KeptSums>,
    ) -> Vec<(Option<i64>, Range<i64>)> {
        let window = self.since.max(range.least_timestamp)..self.until.min(range.greatest_timestamp.saturating_add(1));
        let grains = sums.map_or(&[][..], KeptSums::grains).iter().copied();
        let grains: Vec<i64> = grains.filter(|grain| bucket_micros.is_none_or(|width| width % grain == 0)).collect();
        // Where the file ends, a bucket that juts out holds nothing more.
        let reach = (self.since <= range.least_timestamp, self.until > range.greatest_timestamp);
        cover(window, reach, &grains)
    }

    /// `SELECT bucket, figures, by… FROM … WHERE …` of kept sums, with `by` as given to [`Self::sums`]; for [`Self::parameters`] and a grain.
    pub(in crate::sqlite) fn select_sums(&self, sums: KeptSums, figures: &str, by: &[&'static str]) -> String {
        let grain = 4 + self.equal.len();
        let window = format!("WHERE scope = ?1 AND bucket >= ?2 AND bucket < ?3 AND grain = ?{grain}");
        match sums {
            KeptSums::ByAll => {
                let by: String = by.iter().flat_map(|column| [", ", column]).collect();
                format!("SELECT bucket, {figures}{by} FROM call_total {window}{}", self.equalities(4))
            }
            KeptSums::ByLabel(label) => {
                // Whatever it is narrowed to and grouped by is the one label.
                let by = ", value".repeat(by.len());
                let value = if self.equal.is_empty() { "" } else { " AND value = ?4" };
                format!("SELECT bucket, {figures}{by} FROM label_total {window} AND label = {}{value}", label as u8)
            }
        }
    }

    /// `FROM … WHERE …` of the calls from `?4` to `?5` that match; for [`Self::parameters_numbered`].
    pub(super) fn numbered(&self) -> String {
        format!(
            "FROM call WHERE seq BETWEEN ?4 AND ?5 AND scope = ?1 AND timestamp >= ?2 AND timestamp < ?3{}",
            self.equalities(6)
        )
    }

    /// Visits these columns of all rows that match, in no order.
    pub(super) fn visit_rows(
        &self,
        connection: &Connection,
        day: &Day,
        deadline: Deadline,
        columns: &str,
        mut visit: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut statement = connection.prepare_cached(&format!("SELECT {columns} {}", self.numbered()))?;
        let mut count = 0;
        let mut visit_all = |first: i64, last: i64| -> Result<()> {
            deadline.check()?;
            let mut rows = statement.query(self.parameters_numbered(&first, &last).as_slice())?;
            while let Some(row) = rows.next()? {
                count += 1;
                if count % ROWS_BETWEEN_LOOKS == 0 {
                    deadline.check()?;
                }
                visit(row)?;
            }
            Ok(())
        };
        if let Some(few) = &self.few {
            return few.iter().try_for_each(|(first, last)| visit_all(*first, *last));
        }
        let stretches = day.zones.stretches(connection, self.scope, &(self.since..self.until))?;
        stretches.iter().try_for_each(|stretch| visit_all(stretch.first_seq, stretch.last_seq))
    }

    /// ` AND column = ?n` for each narrowed column.
    pub(in crate::sqlite) fn equalities(&self, first: usize) -> String {
        let mut sql = String::new();
        for (place, (column, _)) in self.equal.iter().enumerate() {
            let _infallible = write!(sql, " AND {column} = ?{}", first + place);
        }
        sql
    }

    /// For [`Self::select_sums`].
    pub(in crate::sqlite) fn parameters(&self) -> Vec<&dyn ToSql> {
        let mut parameters: Vec<&dyn ToSql> = vec![&self.scope, &self.since, &self.until];
        parameters.extend(self.values());
        parameters
    }

    /// For [`Self::numbered`].
    pub(super) fn parameters_numbered<'a>(&'a self, first: &'a i64, last: &'a i64) -> Vec<&'a dyn ToSql> {
        let mut parameters: Vec<&dyn ToSql> = vec![&self.scope, &self.since, &self.until, first, last];
        parameters.extend(self.values());
        parameters
    }

    pub(in crate::sqlite) fn values(&self) -> impl Iterator<Item = &dyn ToSql> {
        self.equal.iter().map(|(_, number)| number as &dyn ToSql)
    }

    /// Whether sums that are still in memory count.
    pub(in crate::sqlite) fn admits(&self, key: &SumKey) -> bool {
        key.scope == self.scope
            && (self.since..self.until).contains(&key.bucket)
            && self.equal.iter().all(|(column, number)| key.texts.number(column) == *number)
    }

    pub(super) const fn is_few(&self) -> bool {
        self.few.is_some()
    }

    pub(super) fn few(&self) -> Option<&[(i64, i64)]> {
        self.few.as_deref()
    }

    pub(super) const fn scope(&self) -> &u32 {
        &self.scope
    }
}

/// Sums that a day keeps, for each of their grains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sqlite) enum KeptSums {
    /// By all texts at once.
    ByAll,
    /// By one alone.
    ByLabel(SumLabel),
}

impl KeptSums {
    const fn grains(self) -> &'static [i64] {
        match self {
            Self::ByAll => &GRAINS,
            Self::ByLabel(_) => &LABEL_GRAINS,
        }
    }
}

/// A view of the file for all parts of the window, and the sums that are not in it.
pub(in crate::sqlite) fn one_view<'r>(reader: &'r Reader, day: &Day) -> Result<(Transaction<'r>, Sums)> {
    loop {
        reader.deadline.check()?;
        let (from, recent) = day.recent.sums();
        let connection = reader.connection.unchecked_transaction()?;
        // Otherwise they were taken into the file in between, and would count twice.
        if read_about(&connection, "sums_from")? == from {
            return Ok((connection, recent));
        }
    }
}

/// The blocks that hold all that match, when a label of the filter leads to few; those of a task, however many.
fn few(
    connection: &Connection,
    day: &Day,
    key: &StoreKey,
    scope: Scope,
    filter: &CallFilter,
    few_blocks: u32,
) -> Result<Option<Vec<(i64, i64)>>> {
    if let Some(task_id) = &filter.task_id {
        return blocks_of(connection, day, key.reference(scope, Reference::Task(task_id)), u32::MAX);
    }
    for label in labels(day, filter).into_iter().flatten() {
        if let Some(blocks) = blocks_of(connection, day, key.reference(scope, label), few_blocks)? {
            return Ok(Some(blocks));
        }
    }
    Ok(None)
}

/// What a filter narrows by that the blocks of a day are listed under, the most telling first.
fn labels<'f>(day: &Day, filter: &'f CallFilter) -> [Option<Reference<'f>>; 6] {
    let all = |label: Option<Reference<'f>>| label.filter(|_| day.lists_all_labels());
    [
        filter.agent_id.as_deref().map(Reference::Agent),
        all(filter.model.as_deref().map(Reference::Model)),
        all(filter.project_id.as_deref().map(Reference::Project)),
        all(filter.task_type.as_deref().map(Reference::TaskType)),
        all(filter.group.as_deref().map(Reference::Group)),
        all(filter.environment.as_deref().map(Reference::Environment)),
    ]
}

/// `None` when there are more than so many.
fn blocks_of(connection: &Connection, day: &Day, reference: i64, most: u32) -> Result<Option<Vec<(i64, i64)>>> {
    // What is in memory first: what it has less of is in the table by then.
    let (recent_from, recent) = day.recent.blocks(&[vec![reference]]);
    let mut listed =
        connection.prepare_cached("SELECT 1 FROM reference WHERE key = ?1 AND block < ?2 LIMIT 1 OFFSET ?3")?;
    let left = i64::from(most) - recent.len() as i64;
    if left < 0 || listed.query_row(params![reference, recent_from, left], |_| Ok(())).optional()?.is_some() {
        return Ok(None);
    }
    let mut blocks = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT b.id, b.last_seq FROM reference r CROSS JOIN block b ON b.id = r.block WHERE r.key = ?1 AND r.block < ?2 ORDER BY r.block",
    )?;
    for row in statement.query_map(params![reference, recent_from], |row| Ok((row.get(0)?, row.get(1)?)))? {
        blocks.push(row?);
    }
    let mut end = connection.prepare_cached("SELECT last_seq FROM block WHERE id = ?1")?;
    for block in recent {
        blocks.extend(end.query_row([block], |row| row.get(0)).optional()?.map(|last| (block, last)));
    }
    Ok(Some(blocks))
}
