//! The projections' rows: what changed since the last time, and back from rows to projections.
//!
//! A row's key and value are opaque to the store. Values are postcard; another encoding means another [`Projections::VERSION`], and
//! the server then rebuilds from the events.

use std::sync::Arc;

use hashbrown::HashSet;
use hiveboard_wire::OrderKey;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    agent::Agent,
    archive::{Archive, Segment},
    failures::{Leaf, LeafRow},
    heartbeat::Heartbeat,
    interner::{Interner, Symbol},
    issue::{Issue, IssueRow},
    last_write_wins::{KeyRow, LastWrite, LastWriteRow},
    packed::Packed,
    projections::Projections,
    queue::{Queue, Schedule},
    rows::{AgentRow, RunRow},
    time_buckets::TimeBucket,
    todo::{Todo, TodoRow},
    totals::SlotRow,
    view::StateKind,
};

/// A row to write, or to delete when `value` is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub table: u8,
    pub key: Vec<u8>,
    pub value: Option<Vec<u8>>,
}

/// What changed since the last time: rows, and segments of the archive that are new.
#[derive(Debug, Default)]
pub struct Changes {
    rows: Vec<Change>,
    segments: Vec<Arc<Segment>>,
}

impl Changes {
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.segments.is_empty()
    }

    /// Takes the rows out, compressing what is new in the archive: better not under a lock.
    pub fn take_rows(&mut self) -> Vec<Change> {
        let mut rows = std::mem::take(&mut self.rows);
        rows.extend(self.segments.iter().flat_map(|segment| segment.changes()));
        rows
    }

    /// To be called when the rows are on disk: until then, segments are kept in memory as well.
    pub fn saved(self) {
        self.segments.iter().for_each(|segment| segment.release());
    }
}

/// A row that these projections did not write; rebuild them from the events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a row of projection table {table} cannot be read: {reason}")]
pub struct UnreadableRow {
    pub table: u8,
    pub reason: String,
}

pub(crate) mod table {
    /// One row without a key: the greatest `seq` folded in.
    pub(crate) const HEAD: u8 = 0;
    pub(crate) const AGENTS: u8 = 1;
    pub(crate) const RUNS: u8 = 2;
    pub(crate) const MINUTES: u8 = 3;
    pub(crate) const QUARTERS: u8 = 4;
    pub(crate) const HEARTBEATS: u8 = 5;
    pub(crate) const QUEUES: u8 = 6;
    pub(crate) const SCHEDULES: u8 = 7;
    pub(crate) const ISSUES: u8 = 8;
    pub(crate) const TODOS: u8 = 9;
    pub(crate) const PROJECTS: u8 = 10;
    /// Heads of segments, and which rows of a segment are dead.
    pub(crate) const SEGMENTS: u8 = 11;
    pub(crate) const DEAD_ROWS: u8 = 12;
    /// Sums of archived runs, by agent and version.
    pub(crate) const ARCHIVED: u8 = 13;
    /// Sums of ended runs, by grain and slot.
    pub(crate) const TOTALS: u8 = 14;
    /// Groups of failures, by the hash of all they are grouped by.
    pub(crate) const FAILURES: u8 = 15;
    /// States of agents, by when they began.
    pub(crate) const STATES: u8 = 16;
    /// Read when asked for.
    pub(crate) const COLUMNS: u8 = crate::archive::FIRST_COLD_TABLE;
    pub(crate) const CHUNKS: u8 = crate::archive::FIRST_COLD_TABLE + 1;
    pub(crate) const TEXTS: u8 = crate::archive::FIRST_COLD_TABLE + 2;
}

/// Projections that rows are taken into, one after the other in any order, so that all of them need never be in memory at once.
#[derive(Debug)]
pub struct Restoring {
    projections: Projections,
    /// Of segments, by their number; likewise which of their rows are dead.
    heads: Vec<(u32, Vec<u8>)>,
    dead: Vec<(u32, Vec<u8>)>,
}

impl Restoring {
    /// For projections that nothing was folded into.
    pub const fn new(projections: Projections) -> Self {
        Self { projections, heads: Vec::new(), dead: Vec::new() }
    }

    /// Rows of tables from [`crate::FIRST_COLD_TABLE`] on are left out.
    ///
    /// # Errors
    /// [`UnreadableRow`] for a row that was not written by this version.
    pub fn take(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<(), UnreadableRow> {
        match (table, Segment::id_of(key)) {
            (table::SEGMENTS, Some(id)) => self.heads.push((id, value.to_vec())),
            (table::DEAD_ROWS, Some(id)) => self.dead.push((id, value.to_vec())),
            (crate::FIRST_COLD_TABLE.., _) => {}
            _ => {
                let restored = self.projections.restore_row(table, key, value);
                return restored.map_err(|reason| UnreadableRow { table, reason });
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`UnreadableRow`] for segments that cannot be read.
    pub fn done(self) -> Result<Projections, UnreadableRow> {
        let Self { mut projections, heads, dead } = self;
        for agent in &mut projections.agents {
            agent.minutes.advance(agent.last_seen);
            agent.quarters.advance(agent.last_seen);
            projections.totals.advance(agent.last_seen);
        }
        let restored = match &mut projections.archive {
            Some(archive) => archive.restore(heads, dead),
            None if heads.is_empty() => Ok(()),
            None => Err("there are archived runs and nothing to read them by".to_owned()),
        };
        restored.map_err(|reason| UnreadableRow { table: table::SEGMENTS, reason })?;
        Ok(projections)
    }
}

/// What changed since the rows were last taken.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    agents: HashSet<u32>,
    runs: HashSet<u32>,
    /// Table and key.
    gone: Vec<(u8, Vec<u8>)>,
    minutes: HashSet<(u32, i64)>,
    quarters: HashSet<(u32, i64)>,
    heartbeats: HashSet<(u32, OrderKey)>,
    queues: HashSet<u32>,
    schedules: HashSet<u32>,
    issues: HashSet<(u32, Box<str>)>,
    todos: HashSet<(u32, Box<str>)>,
    projects: HashSet<Symbol>,
    archived: HashSet<(u32, Option<Symbol>)>,
    failures: HashSet<u64>,
    states: HashSet<(u32, i64)>,
    /// The head that was written last.
    head: u64,
}

impl Dirty {
    /// Takes about so many out; of those rows there are most of. Rows that are gone go first: the same key may have come back.
    fn split_off(&mut self, most: usize) -> Self {
        fn some<T: Eq + std::hash::Hash>(from: &mut HashSet<T>, left: &mut usize) -> HashSet<T> {
            if from.len() <= *left {
                *left -= from.len();
                return std::mem::take(from);
            }
            let taken = from.extract_if(|_| {
                left.checked_sub(1).is_some_and(|less| {
                    *left = less;
                    true
                })
            });
            taken.collect()
        }
        let mut left = most;
        Self {
            gone: std::mem::take(&mut self.gone),
            runs: some(&mut self.runs, &mut left),
            heartbeats: some(&mut self.heartbeats, &mut left),
            minutes: some(&mut self.minutes, &mut left),
            quarters: some(&mut self.quarters, &mut left),
            agents: some(&mut self.agents, &mut left),
            ..Self::default()
        }
    }

    pub(crate) fn agent(&mut self, agent: u32) {
        self.agents.insert(agent);
    }

    pub(crate) fn run(&mut self, run: u32) {
        self.runs.insert(run);
    }

    /// Its number may be given to another run from now on.
    pub(crate) fn run_gone(&mut self, run: u32, key: Vec<u8>) {
        self.runs.remove(&run);
        self.gone.push((table::RUNS, key));
    }

    /// Likewise.
    pub(crate) fn agent_gone(&mut self, number: u32, agent: &Agent, interner: &Interner) {
        let id = &*agent.id;
        for of_agents in [&mut self.agents, &mut self.queues, &mut self.schedules] {
            of_agents.remove(&number);
        }
        for table in [table::AGENTS, table::QUEUES, table::SCHEDULES] {
            self.gone.push((table, encode(&id)));
        }
        // What it holds, and what it lost since the rows were last taken.
        let changed = take_of(&mut self.minutes, number);
        self.gone_with(table::MINUTES, id, changed.into_iter().chain(agent.minutes.slots()));
        let changed = take_of(&mut self.quarters, number);
        self.gone_with(table::QUARTERS, id, changed.into_iter().chain(agent.quarters.slots()));
        let changed = take_of(&mut self.heartbeats, number);
        let keys = changed.iter().chain(agent.heartbeats.keys()).map(KeyRow::from);
        self.gone_with(table::HEARTBEATS, id, keys);
        let changed = take_of(&mut self.issues, number);
        self.gone_with(table::ISSUES, id, changed.iter().chain(agent.issues.keys()));
        let changed = take_of(&mut self.todos, number);
        self.gone_with(table::TODOS, id, changed.iter().chain(agent.todos.keys()));
        let changed = take_of(&mut self.archived, number);
        let versions = changed.iter().chain(agent.archived.keys()).map(|version| interner.optional(*version));
        self.gone_with(table::ARCHIVED, id, versions);
        let changed = take_of(&mut self.states, number);
        self.gone_with(table::STATES, id, changed.into_iter().chain(agent.states.instants()));
    }

    fn gone_with(&mut self, table: u8, agent_id: &str, keys: impl Iterator<Item = impl Serialize>) {
        self.gone.extend(keys.map(|key| (table, encode(&(agent_id, key)))));
    }

    pub(crate) fn archived(&mut self, agent: u32, version: Option<Symbol>) {
        self.archived.insert((agent, version));
    }

    pub(crate) fn buckets(&mut self, agent: u32, minute: Option<i64>, quarter: Option<i64>) {
        self.minutes.extend(minute.map(|slot| (agent, slot)));
        self.quarters.extend(quarter.map(|slot| (agent, slot)));
    }

    pub(crate) fn buckets_gone(&mut self, agent: u32, minutes: Vec<i64>, quarters: Vec<i64>) {
        self.minutes.extend(minutes.into_iter().map(|slot| (agent, slot)));
        self.quarters.extend(quarters.into_iter().map(|slot| (agent, slot)));
    }

    pub(crate) fn heartbeat(&mut self, agent: u32, key: &OrderKey, gone: Option<OrderKey>) {
        self.heartbeats.insert((agent, key.clone()));
        self.heartbeats.extend(gone.map(|key| (agent, key)));
    }

    pub(crate) fn queue(&mut self, agent: u32) {
        self.queues.insert(agent);
    }

    pub(crate) fn schedule(&mut self, agent: u32) {
        self.schedules.insert(agent);
    }

    pub(crate) fn issue(&mut self, agent: u32, id: Box<str>) {
        self.issues.insert((agent, id));
    }

    pub(crate) fn todo(&mut self, agent: u32, id: Box<str>) {
        self.todos.insert((agent, id));
    }

    pub(crate) fn failures(&mut self, leaves: Vec<u64>) {
        self.failures.extend(leaves);
    }

    pub(crate) fn state(&mut self, agent: u32, at_micros: i64) {
        self.states.insert((agent, at_micros));
    }

    pub(crate) fn project(&mut self, project: Symbol) {
        self.projects.insert(project);
    }
}

/// Takes out what is of that agent.
fn take_of<T: Eq + std::hash::Hash>(from: &mut HashSet<(u32, T)>, agent: u32) -> Vec<T> {
    from.extract_if(|(of, _)| *of == agent).map(|(_, what)| what).collect()
}

fn encode(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("rows hold nothing that cannot be encoded")
}

fn change(table: u8, key: &impl Serialize, value: Option<Vec<u8>>) -> Change {
    Change { table, key: encode(key), value }
}

impl Projections {
    /// Changes with every change of a row's encoding or meaning.
    pub const VERSION: u32 = 7;

    pub(crate) fn run_row_key(&self, number: u32) -> Vec<u8> {
        let run = self.run_at(number);
        run.task_run_id.with_str(|task_run_id| encode(&(&*self.agent_of(run).id, &*run.task_id, task_run_id)))
    }

    /// Rows that changed since the last call, in no particular order.
    pub fn take_changes(&mut self) -> Changes {
        let head = self.head();
        let dirty = std::mem::replace(&mut self.dirty, Dirty { head, ..Dirty::default() });
        let dirty_totals = self.totals.take_dirty();
        let is_ahead = dirty.head != head;
        let mut changes = self.rows_of(dirty);
        if is_ahead {
            changes.push(Change { table: table::HEAD, key: Vec::new(), value: Some(encode(&head)) });
        }
        for key in dirty_totals {
            let row = self.totals.get(key).map(|slot| encode(&slot.to_row(|label| self.interner.text(label))));
            changes.push(change(table::TOTALS, &key, row));
        }
        let (of_archive, segments) = self.archive.as_mut().map(Archive::take_changes).unwrap_or_default();
        changes.extend(of_archive);
        Changes { rows: changes, segments }
    }

    /// Some of the rows that changed, about `most`, so that nobody waits for all of them. They tell of events that no head among them
    /// names: they are to be written together with what [`Self::take_changes`] answers after them.
    pub fn take_some_rows(&mut self, most: usize) -> Vec<Change> {
        let part = self.dirty.split_off(most);
        self.rows_of(part)
    }

    fn rows_of(&self, dirty: Dirty) -> Vec<Change> {
        let agent = |number: u32| &self.agents[number as usize];
        let id = |number: u32| &*agent(number).id;
        let mut changes = Vec::with_capacity(dirty.agents.len() * 3 + dirty.runs.len());
        changes.extend(dirty.gone.into_iter().map(|(table, key)| Change { table, key, value: None }));
        for number in dirty.agents {
            let row = AgentRow::new(agent(number), &self.interner);
            changes.push(change(table::AGENTS, &id(number), Some(encode(&row))));
        }
        for number in dirty.runs {
            let run = self.run_at(number);
            let value = run
                .task_run_id
                .with_str(|task_run_id| encode(&RunRow::new(run, &self.agent_of(run).id, task_run_id, &self.interner)));
            changes.push(Change { table: table::RUNS, key: self.run_row_key(number), value: Some(value) });
        }
        for (number, slot) in dirty.minutes {
            changes.push(change(table::MINUTES, &(id(number), slot), agent(number).minutes.get(slot).map(encode)));
        }
        for (number, slot) in dirty.quarters {
            changes.push(change(table::QUARTERS, &(id(number), slot), agent(number).quarters.get(slot).map(encode)));
        }
        for (number, key) in dirty.heartbeats {
            let value = agent(number).heartbeats.get(&key).map(encode);
            changes.push(change(table::HEARTBEATS, &(id(number), KeyRow::from(&key)), value));
        }
        for number in dirty.queues {
            let row = agent(number).queue.as_ref().map(|latest| encode(&latest.to_row(Clone::clone)));
            changes.push(change(table::QUEUES, &id(number), row));
        }
        for number in dirty.schedules {
            let row = agent(number).schedule.as_ref().map(|latest| encode(&latest.to_row(Clone::clone)));
            changes.push(change(table::SCHEDULES, &id(number), row));
        }
        for (number, issue_id) in dirty.issues {
            let row = agent(number).issues.get(&issue_id).map(|issue| encode(&issue.open().to_row()));
            changes.push(change(table::ISSUES, &(id(number), issue_id), row));
        }
        for (number, todo_id) in dirty.todos {
            let row = agent(number).todos.get(&todo_id).map(|todo| encode(&todo.open().to_row()));
            changes.push(change(table::TODOS, &(id(number), todo_id), row));
        }
        for project in dirty.projects {
            let count = self.project_events.get(&project).map(encode);
            changes.push(change(table::PROJECTS, &self.interner.text(project), count));
        }
        for (number, version) in dirty.archived {
            let tally = agent(number).archived.get(&version).filter(|tally| tally.runs > 0);
            let key = (id(number), self.interner.optional(version));
            changes.push(change(table::ARCHIVED, &key, tally.map(encode)));
        }
        for leaf in dirty.failures {
            let row = self.failures.get(leaf).map(|leaf| encode(&leaf.to_row(id(leaf.at.agent), &self.interner)));
            changes.push(change(table::FAILURES, &leaf, row));
        }
        for (number, at_micros) in dirty.states {
            let state = agent(number).states.get(at_micros).map(|state| encode(&state));
            changes.push(change(table::STATES, &(id(number), at_micros), state));
        }
        changes
    }

    /// Takes rows `(table, key, value)` in; see [`Restoring`].
    ///
    /// # Errors
    /// [`UnreadableRow`] for a row that was not written by this version.
    pub fn restored(self, rows: impl IntoIterator<Item = (u8, Vec<u8>, Vec<u8>)>) -> Result<Self, UnreadableRow> {
        let mut restoring = Restoring::new(self);
        for (table, key, value) in rows {
            restoring.take(table, &key, &value)?;
        }
        restoring.done()
    }

    fn restore_row(&mut self, table: u8, key: &[u8], value: &[u8]) -> Result<(), String> {
        match table {
            table::HEAD => {
                let head = decode(value)?;
                self.order_log.saw(head);
                self.dirty.head = head;
            }
            table::AGENTS => {
                let agent = self.agent_for(&decode::<String>(key)?);
                decode::<AgentRow>(value)?.restore(&mut self.agents[agent], &mut self.interner);
            }
            table::RUNS => {
                let row: RunRow<'_> = postcard::from_bytes(value).map_err(|error| error.to_string())?;
                let agent = self.agent_number(row.agent_id());
                let run = row.into_run(agent, &mut self.interner);
                self.restore_run(run);
            }
            table::MINUTES => {
                let (agent, slot): (String, i64) = decode(key)?;
                let bucket: TimeBucket = decode(value)?;
                self.agent_mut(&agent).minutes.put(slot, bucket);
            }
            table::QUARTERS => {
                let (agent, slot): (String, i64) = decode(key)?;
                let bucket: TimeBucket = decode(value)?;
                self.agent_mut(&agent).quarters.put(slot, bucket);
            }
            table::HEARTBEATS => {
                let (agent, key): (String, KeyRow) = decode(key)?;
                let heartbeat: Heartbeat = decode(value)?;
                self.agent_mut(&agent).heartbeats.put(key.into(), heartbeat);
            }
            table::QUEUES => {
                let row: LastWriteRow<Queue> = decode(value)?;
                self.agent_mut(&decode::<String>(key)?).queue = Some(LastWrite::from_row(row, |queue| queue));
            }
            table::SCHEDULES => {
                let row: LastWriteRow<Schedule> = decode(value)?;
                self.agent_mut(&decode::<String>(key)?).schedule = Some(LastWrite::from_row(row, |schedule| schedule));
            }
            table::ISSUES => {
                let (agent, id): (String, Box<str>) = decode(key)?;
                let row: IssueRow = decode(value)?;
                self.agent_mut(&agent).issues.insert(id, Packed::new(&Issue::from_row(row)));
            }
            table::TODOS => {
                let (agent, id): (String, Box<str>) = decode(key)?;
                let row: TodoRow = decode(value)?;
                self.agent_mut(&agent).todos.insert(id, Packed::new(&Todo::from_row(row)));
            }
            table::ARCHIVED => {
                let (agent, version): (String, Option<String>) = decode(key)?;
                let version = version.map(|version| self.interner.get_or_add(&version));
                self.agent_mut(&agent).archived.insert(version, decode(value)?);
            }
            table::TOTALS => {
                let row: SlotRow<'_> = postcard::from_bytes(value).map_err(|error| error.to_string())?;
                let slot = row.into_slot(|label| self.interner.get_or_add(label));
                self.totals.put(decode(key)?, slot)?;
            }
            table::FAILURES => {
                let row: LeafRow = decode(value)?;
                let agent = self.agent_number(&row.at.0);
                self.failures.put(decode(key)?, Leaf::from_row(row, agent, &mut self.interner));
            }
            table::STATES => {
                let (agent, at_micros): (String, i64) = decode(key)?;
                let state: StateKind = decode(value)?;
                self.agent_mut(&agent).states.put(at_micros, state);
            }
            table::PROJECTS => {
                let project = self.interner.get_or_add(&decode::<String>(key)?);
                self.project_events.insert(project, decode(value)?);
            }
            _ => return Err("there is no such table".to_owned()),
        }
        Ok(())
    }

    fn agent_for(&mut self, agent_id: &str) -> usize {
        self.agent_number(agent_id) as usize
    }

    fn agent_mut(&mut self, agent_id: &str) -> &mut Agent {
        let at = self.agent_for(agent_id);
        &mut self.agents[at]
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    postcard::from_bytes(bytes).map_err(|error| error.to_string())
}
