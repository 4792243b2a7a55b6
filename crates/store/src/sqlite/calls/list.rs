//! Calls, sorted.

use std::sync::Arc;

use hiveboard_wire::{Body, CallCost, CostSource, NanoDollars, Scope};

use super::narrow::Narrow;
use crate::{
    CallFilter, CallRow, CallSort, Result,
    sqlite::{
        block::{EventView, Label},
        day::Day,
        events::with_event,
        keys::StoreKey,
        reader::Reader,
        store::Shared,
    },
};

/// The sort in plain terms: a figure and a direction, then `seq` in the same direction.
#[derive(Clone, Copy)]
struct Order {
    figure: &'static str,
    descending: bool,
    after: Option<(i64, u64)>,
}

impl Order {
    fn new(sort: CallSort) -> Self {
        let by_time = |after: Option<(hiveboard_wire::Timestamp, u64)>| after.map(|(at, seq)| (at.0, seq));
        match sort {
            CallSort::Newest { after } => Self { figure: "timestamp", descending: true, after: by_time(after) },
            CallSort::Oldest { after } => Self { figure: "timestamp", descending: false, after: by_time(after) },
            CallSort::Cost { after } => Self { figure: "cost", descending: true, after },
            CallSort::Tokens { after } => {
                Self { figure: "(coalesce(tokens_in, 0) + coalesce(tokens_out, 0))", descending: true, after }
            }
        }
    }

    /// Ascending in the order of the answer.
    fn rank(self, figure: i64, seq: u64) -> (i128, i128) {
        let sign = if self.descending { -1 } else { 1 };
        (sign * i128::from(figure), sign * i128::from(seq))
    }
}

struct Candidate {
    rank: (i128, i128),
    seq: u64,
    day: Arc<Day>,
}

pub(in crate::sqlite) fn calls(
    shared: &Shared,
    scope: Scope,
    filter: &CallFilter,
    sort: CallSort,
    limit: usize,
) -> Result<Vec<CallRow>> {
    let Some(key) = shared.key() else { return Ok(Vec::new()) };
    let order = Order::new(sort);
    let mut best: Vec<Candidate> = Vec::new();
    for day in shared.days_within(filter.since, filter.until) {
        // Days may overlap in time, since late events lie where they arrived.
        let found = day.read(|reader| in_day(reader, &key, scope, filter, order, limit))?;
        best.extend(found.into_iter().map(|(figure, seq)| Candidate {
            rank: order.rank(figure, seq),
            seq,
            day: Arc::clone(&day),
        }));
        best.sort_by_key(|candidate| candidate.rank);
        best.truncate(limit);
    }
    let mut rows = Vec::with_capacity(best.len());
    for candidate in best {
        rows.extend(candidate.day.read(|reader| with_event(reader, scope, candidate.seq, row))?);
    }
    Ok(rows)
}

fn in_day(
    reader: &mut Reader,
    key: &StoreKey,
    scope: Scope,
    filter: &CallFilter,
    order: Order,
    limit: usize,
) -> Result<Vec<(i64, u64)>> {
    let Some(narrow) = Narrow::new(&reader.connection, key, scope, filter)? else { return Ok(Vec::new()) };
    let (figure, direction, beyond) = (order.figure, if order.descending { "DESC" } else { "ASC" }, if order.descending { "<" } else { ">" });
    let mut parameters = narrow.parameters();
    let mut sql = format!("SELECT {figure}, seq FROM call WHERE {}", narrow.conditions());
    let after = order.after.map(|(figure, seq)| (figure, seq as i64));
    if let Some((after_figure, after_seq)) = &after {
        parameters.push(after_figure);
        parameters.push(after_seq);
        let at = parameters.len();
        sql.push_str(&format!(" AND ({figure}, seq) {beyond} (?{}, ?{at})", at - 1));
    }
    let limit = limit as i64;
    parameters.push(&limit);
    sql.push_str(&format!(" ORDER BY {figure} {direction}, seq {direction} LIMIT ?{}", parameters.len()));
    let mut statement = reader.connection.prepare_cached(&sql)?;
    let rows = statement.query_map(parameters.as_slice(), |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
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
        seq: stored.seq,
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
