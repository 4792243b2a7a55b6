//! Calls, sorted.

use std::{cmp::Reverse, collections::BinaryHeap, ops::Range, sync::Arc};

use hiveboard_text::Needle;
use hiveboard_wire::{Body, CallCost, CostSource, NanoDollars, Scope, Timestamp};
use rusqlite::{OptionalExtension, ToSql};

use super::{predicate::CallPredicate, text};
use crate::{
    CallFilter, CallRow, CallSort, Position, Result,
    sqlite::{
        block::{EventView, Label},
        catalog::Catalog,
        day::{Day, DayRange},
        events::each_event,
        keys::StoreKey,
        reader::{Deadline, Reader},
        zones::Stretch,
    },
};

/// Below this part of a file's time, all that happened in it is looked at; above it, from the block with the greatest figure down.
const SHORT_WINDOW: i64 = 50;

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) scope: Scope,
    pub(super) filter: &'a CallFilter,
    pub(super) order: Order,
    pub(super) limit: usize,
}

/// The sort in plain terms: a figure and a direction, then `seq` in the same direction.
#[derive(Clone, Copy)]
pub(super) struct Order {
    figure: &'static str,
    /// The column of blocks with the greatest of the figure inside.
    greatest: Option<&'static str>,
    descending: bool,
    after: Option<(i64, u64)>,
}

impl Order {
    fn new(sort: CallSort) -> Self {
        let by_time = |after: Option<(Timestamp, Position)>| after.map(|(at, place)| (at.0, place.seq()));
        let by_figure = |after: Option<(i64, Position)>| after.map(|(figure, place)| (figure, place.seq()));
        match sort {
            CallSort::Newest { after } => {
                Self { figure: "timestamp", greatest: None, descending: true, after: by_time(after) }
            }
            CallSort::Oldest { after } => {
                Self { figure: "timestamp", greatest: None, descending: false, after: by_time(after) }
            }
            CallSort::Cost { after } => {
                Self { figure: "cost", greatest: Some("greatest_cost"), descending: true, after: by_figure(after) }
            }
            CallSort::Tokens { after } => {
                let (figure, greatest) = ("(tokens_in + tokens_out)", Some("greatest_tokens"));
                Self { figure, greatest, descending: true, after: by_figure(after) }
            }
        }
    }

    /// In SQL, the least rank that a call of a block may have.
    pub(super) fn least_rank_of_block(self) -> &'static str {
        match (self.greatest, self.descending) {
            (Some("greatest_cost"), _) => "-coalesce(greatest_cost, 0)",
            // See `Self::bound`.
            (Some(_), _) => "-iif(greatest_tokens >= 1 << 53, 1 << 54, coalesce(greatest_tokens, 0))",
            (None, true) => "-greatest_timestamp",
            (None, false) => "least_timestamp",
        }
    }

    /// The most that the figure of a call may be where this is the greatest of its block. Absurd tokens are cut off as a sum there, in and out each by
    /// itself in a call's row.
    fn bound(self, greatest: i64) -> i64 {
        if self.greatest == Some("greatest_tokens") && greatest >= 1 << 53 { 1 << 54 } else { greatest }
    }

    /// The same of a stretch.
    const fn least_rank_of(self, stretch: &Stretch) -> i64 {
        match (self.greatest, self.descending) {
            (Some(_), _) => i64::MIN,
            (None, true) => stretch.greatest_timestamp.saturating_neg(),
            (None, false) => stretch.least_timestamp,
        }
    }

    /// The time in which calls may lie that come after the page before.
    fn narrowed(self, mut time: Range<i64>) -> Range<i64> {
        match self.after {
            Some((at, _)) if self.greatest.is_none() && self.descending => {
                time.end = time.end.min(at.saturating_add(1));
            }
            Some((at, _)) if self.greatest.is_none() => time.start = time.start.max(at),
            _ => {}
        }
        time
    }

    /// The figure of this sort among those of a call.
    pub(super) fn pick(self, timestamp: i64, cost: i64, tokens: i64) -> i64 {
        match self.greatest {
            None => timestamp,
            Some("greatest_cost") => cost,
            Some(_) => tokens,
        }
    }

    /// Whether a call comes after the page before.
    pub(super) fn is_beyond(self, figure: i64, seq: u64) -> bool {
        self.after.is_none_or(|(last, last_seq)| self.rank(figure, seq) > self.rank(last, last_seq))
    }

    /// No call of a day has a lesser one, as far as the day knows without being read.
    fn least_rank_in(self, range: &DayRange) -> i128 {
        match (self.greatest, self.descending) {
            (Some(_), _) => i128::MIN,
            (None, true) => -i128::from(range.greatest_timestamp),
            (None, false) => i128::from(range.least_timestamp),
        }
    }

    /// Ascending in the order of the answer.
    pub(super) fn rank(self, figure: i64, seq: u64) -> Rank {
        let sign = if self.descending { -1 } else { 1 };
        (sign * i128::from(figure), sign * i128::from(seq))
    }
}

/// Figure, then `seq`; the lesser comes first.
type Rank = (i128, i128);

struct Candidate {
    rank: Rank,
    seq: u64,
    day: Arc<Day>,
}

pub(in crate::sqlite) fn calls(
    catalog: &Catalog,
    scope: Scope,
    filter: &CallFilter,
    sort: CallSort,
    limit: usize,
) -> Result<Vec<CallRow>> {
    let Some(key) = catalog.key() else { return Ok(Vec::new()) };
    let (deadline, order) = (catalog.deadline(), Order::new(sort));
    let wanted = Wanted { scope, filter, order, limit };
    let needle = filter.text.as_deref().filter(|text| !text.is_empty()).map(Needle::new);
    let mut best: Vec<Candidate> = Vec::new();
    let mut days = catalog.days_within(filter.since, filter.until);
    // The best first, so that most days have nothing to add. They may overlap in time, since late events lie where they arrived.
    // Each is asked once: the newest grows meanwhile.
    days.sort_by_cached_key(|day| order.least_rank_in(&day.range()));
    for day in days {
        let floor = if best.len() < limit { None } else { best.last().map(|worst| worst.rank) };
        if floor.is_some_and(|floor| order.least_rank_in(&day.range()) > floor.0) {
            continue;
        }
        let found = day.read(deadline, |reader| match &needle {
            Some(needle) => text::in_day(reader, catalog, &day, &key, &wanted, needle),
            None => in_day(reader, catalog, &day, &key, &wanted, floor),
        })?;
        best.extend(found.into_iter().map(|(figure, seq)| Candidate {
            rank: order.rank(figure, seq),
            seq,
            day: Arc::clone(&day),
        }));
        best.sort_by_key(|candidate| candidate.rank);
        best.truncate(limit);
    }
    in_full(scope, &best, deadline)
}

/// The rows of what was found, in its order; what lies in the same block is read together.
fn in_full(scope: Scope, found: &[Candidate], deadline: Deadline) -> Result<Vec<CallRow>> {
    let mut places: Vec<usize> = (0..found.len()).collect();
    places.sort_unstable_by_key(|place| (found[*place].day.number, found[*place].seq));
    let mut rows: Vec<Option<CallRow>> = found.iter().map(|_| None).collect();
    for of_day in places.chunk_by(|a, b| found[*a].day.number == found[*b].day.number) {
        let Some(first) = of_day.first() else { continue };
        let seqs: Vec<u64> = of_day.iter().map(|place| found[*place].seq).collect();
        found[*first].day.read(deadline, |reader| {
            each_event(reader, scope, &seqs, |event| {
                if let Ok(at) = seqs.binary_search(&event.seq()) {
                    rows[of_day[at]] = Some(row(event)?);
                }
                Ok(())
            })
        })?;
    }
    Ok(rows.into_iter().flatten().collect())
}

/// `floor`: nothing of a greater rank is wanted.
fn in_day(
    reader: &mut Reader,
    catalog: &Catalog,
    day: &Day,
    key: &StoreKey,
    wanted: &Wanted<'_>,
    floor: Option<Rank>,
) -> Result<Vec<(i64, u64)>> {
    let Wanted { order, limit, .. } = *wanted;
    let Some(predicate) =
        CallPredicate::new(&reader.connection, day, key, wanted.scope, wanted.filter, catalog.options.few_blocks)?
    else {
        return Ok(Vec::new());
    };
    if let Some(few) = predicate.few() {
        let parts = bounded(reader, few, order)?;
        return best_first(reader, &predicate, parts, order, limit, floor);
    }
    let range = day.range();
    let window =
        predicate.until.min(range.greatest_timestamp).saturating_sub(predicate.since.max(range.least_timestamp));
    let whole = range.greatest_timestamp.saturating_sub(range.least_timestamp);
    match order.greatest {
        Some(greatest) if window >= whole / SHORT_WINDOW => {
            from_the_greatest(reader, &predicate, order, greatest, limit, floor)
        }
        _ => {
            let time = order.narrowed(predicate.since..predicate.until);
            let stretches = day.zones.stretches(&reader.connection, *predicate.scope(), &time)?;
            let parts = stretches.iter().map(|of| (order.least_rank_of(of), of.first_seq, of.last_seq)).collect();
            best_first(reader, &predicate, parts, order, limit, floor)
        }
    }
}

/// Calls whose numbers lie from the second to the third, none of them of a lesser rank than the first.
type Part = (i64, i64, i64);

/// Blocks, with what is known of the calls inside.
fn bounded(reader: &Reader, blocks: &[(i64, i64)], order: Order) -> Result<Vec<Part>> {
    let mut bound_of = reader
        .connection
        .prepare_cached(&format!("SELECT {} FROM block WHERE id = ?1", order.least_rank_of_block()))?;
    let mut parts = Vec::with_capacity(blocks.len());
    for (first, last) in blocks {
        if let Some(bound) = bound_of.query_row([first], |row| row.get(0)).optional()? {
            parts.push((bound, *first, *last));
        }
    }
    Ok(parts)
}

/// Visits parts from the one that may hold the best call down, until no other can hold a better one.
fn best_first(
    reader: &Reader,
    predicate: &CallPredicate,
    mut parts: Vec<Part>,
    order: Order,
    limit: usize,
    floor: Option<Rank>,
) -> Result<Vec<(i64, u64)>> {
    parts.sort_unstable();
    let mut statement =
        reader.connection.prepare_cached(&format!("SELECT {}, seq {}", order.figure, predicate.numbered()))?;
    let mut best: BinaryHeap<(Rank, i64, u64)> = BinaryHeap::new();
    for (bound, first, last) in &parts {
        reader.deadline.check()?;
        let worst = if best.len() < limit { floor } else { best.peek().map(|(worst, ..)| *worst) };
        if worst.is_some_and(|worst| worst.0 < i128::from(*bound)) {
            break;
        }
        let mut rows = statement.query(predicate.parameters_numbered(first, last).as_slice())?;
        while let Some(row) = rows.next()? {
            let (figure, seq) = (row.get(0)?, row.get::<_, i64>(1)? as u64);
            if order.is_beyond(figure, seq) {
                best.push((order.rank(figure, seq), figure, seq));
                if best.len() > limit {
                    best.pop();
                }
            }
        }
    }
    Ok(best.into_iter().map(|(_, figure, seq)| (figure, seq)).collect())
}

/// Blocks by their greatest figure; those listed under the reference `?4`, where there is one: from `?5` on the table does not know them.
pub(in crate::sqlite) fn blocks_statement(greatest: &str, are_listed: bool) -> String {
    let listed = if are_listed {
        "AND (id >= ?5 OR EXISTS (SELECT 1 FROM reference WHERE key = ?4 AND block = b.id))"
    } else {
        ""
    };
    format!(
        "SELECT id, last_seq, {greatest} FROM block b WHERE scope = ?1 AND {greatest} IS NOT NULL
            AND greatest_timestamp >= ?2 AND least_timestamp < ?3 {listed} ORDER BY {greatest} DESC, id DESC"
    )
}

/// Visits blocks by the greatest figure inside, until no block can hold a better one than those found.
fn from_the_greatest(
    reader: &Reader,
    predicate: &CallPredicate,
    order: Order,
    greatest: &str,
    limit: usize,
    floor: Option<Rank>,
) -> Result<Vec<(i64, u64)>> {
    let mut blocks = reader.connection.prepare_cached(&blocks_statement(greatest, predicate.listed.is_some()))?;
    let mut rows_of_block =
        reader.connection.prepare_cached(&format!("SELECT {}, seq {}", order.figure, predicate.numbered()))?;
    let mut block_parameters: Vec<&dyn ToSql> = vec![predicate.scope(), &predicate.since, &predicate.until];
    if let Some((reference, recent_from)) = &predicate.listed {
        block_parameters.push(reference);
        block_parameters.push(recent_from);
    }
    let mut best: BinaryHeap<Reverse<(i64, u64)>> = BinaryHeap::new();
    let mut visited = blocks.query(block_parameters.as_slice())?;
    while let Some(block) = visited.next()? {
        reader.deadline.check()?;
        let (first_seq, last_seq): (i64, i64) = (block.get(0)?, block.get(1)?);
        let most = order.bound(block.get(2)?);
        let bound = order.rank(most, last_seq as u64);
        if best.len() >= limit && best.peek().is_none_or(|Reverse(worst)| *worst > (most, last_seq as u64))
            || floor.is_some_and(|floor| floor < bound)
        {
            break;
        }
        let mut rows = rows_of_block.query(predicate.parameters_numbered(&first_seq, &last_seq).as_slice())?;
        while let Some(row) = rows.next()? {
            let found = (row.get(0)?, row.get::<_, i64>(1)? as u64);
            if order.after.is_none_or(|after| found < after) {
                best.push(Reverse(found));
                if best.len() > limit {
                    best.pop();
                }
            }
        }
    }
    Ok(best.into_iter().map(|Reverse(found)| found).collect())
}

fn row(event: EventView<'_, '_>) -> Result<CallRow> {
    let stored = event.to_stored()?;
    let call = match stored.event.body() {
        Body::LlmCall(call) => call,
        // A row of a call that is none: the figures stay absent.
        _ => hiveboard_wire::body::LlmCall::default(),
    };
    let cost = event.call_cost().unwrap_or(CallCost { amount: NanoDollars(0), source: CostSource::Unknown });
    let owned = |label| event.label(label).map(str::to_owned);
    Ok(CallRow {
        position: Position::from(&stored),
        event_id: stored.event.event_id.to_string(),
        timestamp: stored.event.timestamp,
        agent_id: stored.envelope.agent_id.to_string(),
        project_id: owned(Label::Project),
        task_id: owned(Label::Task),
        task_run_id: owned(Label::TaskRun),
        call_name: call.name.map(String::from),
        model: call.model.map(String::from),
        tokens_in: call.tokens_in,
        tokens_out: call.tokens_out,
        cost: (cost.source != CostSource::Unknown).then_some(cost.amount),
        cost_source: cost.source,
        duration_ms: call.duration_ms.or(stored.event.duration_ms),
        prompt_preview: call.prompt_preview.map(String::from),
        response_preview: call.response_preview.map(String::from),
    })
}
