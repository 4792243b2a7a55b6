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
    heartbeat::Heartbeat,
    interner::Symbol,
    issue::{Issue, IssueRow},
    last_write_wins::{KeyRow, LastWrite, LastWriteRow},
    projections::Projections,
    queue::{Queue, Schedule},
    rows::{AgentRow, RunRow},
    time_buckets::TimeBucket,
    todo::{Todo, TodoRow},
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
    /// Read when asked for.
    pub(crate) const COLUMNS: u8 = crate::archive::FIRST_COLD_TABLE;
    pub(crate) const CHUNKS: u8 = crate::archive::FIRST_COLD_TABLE + 1;
}

/// What changed since the rows were last taken.
#[derive(Debug, Default)]
pub(crate) struct Dirty {
    agents: HashSet<u32>,
    runs: HashSet<u32>,
    runs_gone: Vec<Vec<u8>>,
    minutes: HashSet<(u32, i64)>,
    quarters: HashSet<(u32, i64)>,
    heartbeats: HashSet<(u32, OrderKey)>,
    queues: HashSet<u32>,
    schedules: HashSet<u32>,
    issues: HashSet<(u32, Box<str>)>,
    todos: HashSet<(u32, Box<str>)>,
    projects: HashSet<Symbol>,
    archived: HashSet<(u32, Option<Symbol>)>,
    /// The head that was written last.
    head: u64,
}

impl Dirty {
    pub(crate) fn agent(&mut self, agent: u32) {
        self.agents.insert(agent);
    }

    pub(crate) fn run(&mut self, run: u32) {
        self.runs.insert(run);
    }

    /// Its number may be given to another run from now on.
    pub(crate) fn run_gone(&mut self, run: u32, key: Vec<u8>) {
        self.runs.remove(&run);
        self.runs_gone.push(key);
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

    pub(crate) fn project(&mut self, project: Symbol) {
        self.projects.insert(project);
    }
}

fn encode(value: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("rows hold nothing that cannot be encoded")
}

fn change(table: u8, key: &impl Serialize, value: Option<Vec<u8>>) -> Change {
    Change { table, key: encode(key), value }
}

impl Projections {
    /// Changes with every change of a row's encoding or meaning.
    pub const VERSION: u32 = 5;

    pub(crate) fn run_row_key(&self, number: u32) -> Vec<u8> {
        let run = self.run_at(number);
        run.task_run_id.with_str(|task_run_id| encode(&(&*self.agent_of(run).id, &*run.task_id, task_run_id)))
    }

    /// Rows that changed since the last call, in no particular order.
    pub fn take_changes(&mut self) -> Changes {
        let head = self.head();
        let dirty = std::mem::replace(&mut self.dirty, Dirty { head, ..Dirty::default() });
        let agent = |number: u32| &self.agents[number as usize];
        let id = |number: u32| &*agent(number).id;
        let mut changes = Vec::with_capacity(dirty.agents.len() * 3 + dirty.runs.len());
        if dirty.head != head {
            changes.push(Change { table: table::HEAD, key: Vec::new(), value: Some(encode(&head)) });
        }
        changes.extend(dirty.runs_gone.into_iter().map(|key| Change { table: table::RUNS, key, value: None }));
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
            let row = agent(number).issues.get(&issue_id).map(|issue| encode(&issue.to_row()));
            changes.push(change(table::ISSUES, &(id(number), issue_id), row));
        }
        for (number, todo_id) in dirty.todos {
            let row = agent(number).todos.get(&todo_id).map(|todo| encode(&todo.to_row()));
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
        let (of_archive, segments) = self.archive.as_mut().map(Archive::take_changes).unwrap_or_default();
        changes.extend(of_archive);
        Changes { rows: changes, segments }
    }

    /// Takes rows `(table, key, value)` in, in any order; those of tables from [`crate::FIRST_COLD_TABLE`] on are left out. For projections
    /// that nothing was folded into.
    ///
    /// # Errors
    /// [`UnreadableRow`] for a row that was not written by this version.
    pub fn restored(mut self, rows: impl IntoIterator<Item = (u8, Vec<u8>, Vec<u8>)>) -> Result<Self, UnreadableRow> {
        let (mut heads, mut dead) = (Vec::new(), Vec::new());
        for (table, key, value) in rows {
            match (table, Segment::id_of(&key)) {
                (table::SEGMENTS, Some(id)) => heads.push((id, value)),
                (table::DEAD_ROWS, Some(id)) => dead.push((id, value)),
                (crate::FIRST_COLD_TABLE.., _) => {}
                _ => self.restore_row(table, &key, &value).map_err(|reason| UnreadableRow { table, reason })?,
            }
        }
        for agent in &mut self.agents {
            agent.minutes.advance(agent.last_seen);
            agent.quarters.advance(agent.last_seen);
        }
        let restored = match &mut self.archive {
            Some(archive) => archive.restore(heads, dead),
            None if heads.is_empty() => Ok(()),
            None => Err("there are archived runs and nothing to read them by".to_owned()),
        };
        restored.map_err(|reason| UnreadableRow { table: table::SEGMENTS, reason })?;
        Ok(self)
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
                self.agent_mut(&agent).issues.insert(id, Issue::from_row(row));
            }
            table::TODOS => {
                let (agent, id): (String, Box<str>) = decode(key)?;
                let row: TodoRow = decode(value)?;
                self.agent_mut(&agent).todos.insert(id, Todo::from_row(row));
            }
            table::ARCHIVED => {
                let (agent, version): (String, Option<String>) = decode(key)?;
                let version = version.map(|version| self.interner.get_or_add(&version));
                self.agent_mut(&agent).archived.insert(version, decode(value)?);
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
