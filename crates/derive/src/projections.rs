//! All that is derived from the events of one scope, and how one event changes it.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher},
    sync::Arc,
};

use hashbrown::{HashMap, HashTable};
use hiveboard_wire::{Body, CallCost, EventType, Kind, OrderKey, StoredEvent, Timestamp};

use crate::{
    agent::Agent,
    interner::{Interner, Symbol},
    issue::{Issue, issue_id},
    last_write_wins::offer,
    persist::Dirty,
    queue::{Queue, Schedule},
    run::{Run, Standing},
    todo::{Todo, todo_id},
};

/// Issues and to-dos kept an agent; of more, those closed longest ago go.
pub(crate) const MOST_ITEMS: usize = 1_000;

/// The folded state of one scope. See the crate's description for how the server uses it.
#[derive(Debug, Default)]
pub struct Projections {
    pub(crate) interner: Interner,
    pub(crate) agents: Vec<Agent>,
    agent_numbers: HashMap<Arc<str>, u32>,
    runs: Vec<Run>,
    /// By [`run_hash`].
    run_numbers: HashTable<u32>,
    /// By task id; runs of one task follow one another by `same_task`.
    task_heads: HashTable<u32>,
    same_task: Vec<u32>,
    /// By first timestamp, then [`run_hash`], which does not depend on the order of arrival.
    pub(crate) by_first: BTreeSet<(Timestamp, u64, u32)>,
    /// Ended runs by their end.
    pub(crate) by_end: BTreeSet<(Timestamp, u32)>,
    /// Runs without an end.
    pub(crate) open: BTreeSet<u32>,
    pub(crate) project_events: HashMap<Symbol, u64>,
    pub(crate) aliases: HashMap<Box<str>, Box<str>>,
    pub(crate) order_log: crate::order_log::OrderLog,
    pub(crate) dirty: Dirty,
}

const NO_RUN: u32 = u32::MAX;

/// FNV-1a: the same on every machine and in every version, for it is part of cursors.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        // FNV's high bits are weak, and the table wants them.
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn hash_texts(texts: &[&str]) -> u64 {
    let mut hasher = BuildHasherDefault::<Fnv>::default().build_hasher();
    for text in texts {
        text.hash(&mut hasher);
    }
    hasher.finish()
}

pub(crate) fn run_hash(agent_id: &str, task_id: &str, task_run_id: &str) -> u64 {
    hash_texts(&[agent_id, task_id, task_run_id])
}

impl Projections {
    pub fn new() -> Self {
        Self::default()
    }

    /// Folds one event in. Repeated events must have been left out before.
    ///
    /// `call_cost` is that of a model call, as worked out when it arrived.
    pub fn apply(&mut self, stored: &StoredEvent, body: &Body, call_cost: Option<CallCost>) {
        let event = &stored.event;
        let key = event.order_key(body);
        self.order_log.saw(stored.seq);
        let number = self.agent_number(&stored.envelope.agent_id);
        if let Some(project) = event.project_id.as_deref() {
            let project = self.interner.get_or_add(project);
            *self.project_events.entry(project).or_default() += 1;
            self.dirty.project(project);
        }
        let agent = &mut self.agents[number as usize];
        agent.fold(stored, &key, body, &mut self.interner);
        self.dirty.agent(number);
        self.apply_buckets(number, &key, stored, body, call_cost);
        self.apply_items(number, &key, stored, body);
        if event.task_id.is_some() {
            self.apply_run(number, &key, stored, body, call_cost);
        }
    }

    fn apply_buckets(
        &mut self,
        number: u32,
        key: &OrderKey,
        stored: &StoredEvent,
        body: &Body,
        call_cost: Option<CallCost>,
    ) {
        let agent = &mut self.agents[number as usize];
        let now = agent.last_seen.max(stored.received_at);
        let minute = agent.minutes.count(key.timestamp, body, call_cost);
        let quarter = agent.quarters.count(key.timestamp, body, call_cost);
        self.dirty.buckets(number, minute, quarter);
        self.dirty.buckets_gone(number, agent.minutes.advance(now), agent.quarters.advance(now));
    }

    /// What belongs to the agent alone: heartbeats, queue, schedule, issues, to-dos.
    fn apply_items(&mut self, number: u32, key: &OrderKey, stored: &StoredEvent, body: &Body) {
        let agent = &mut self.agents[number as usize];
        let dirty = &mut self.dirty;
        match body {
            Body::Heartbeat { summary } => {
                let gone = agent.heartbeats.fold(key, stored, summary.as_deref());
                dirty.heartbeat(number, key, gone);
                if stored.event.kind == Some(Kind::QueueSnapshot) {
                    // A queue snapshot may travel as the payload of a heartbeat.
                    let payload = stored.event.payload.as_deref();
                    let (body, _) = Body::read(EventType::Custom, Some(Kind::QueueSnapshot), payload);
                    if let Body::QueueSnapshot(snapshot) = body
                        && offer(&mut agent.queue, key, || Queue::new(&snapshot))
                    {
                        dirty.queue(number);
                    }
                }
            }
            Body::QueueSnapshot(snapshot) if offer(&mut agent.queue, key, || Queue::new(snapshot)) => {
                dirty.queue(number);
            }
            Body::Scheduled(scheduled) if offer(&mut agent.schedule, key, || Schedule::new(scheduled)) => {
                dirty.schedule(number);
            }
            Body::Issue(body) => {
                let id = issue_id(body);
                agent.issues.entry(id.clone()).or_insert_with(Issue::new).fold(key, body);
                dirty.issue(number, id);
                if agent.issues.len() > MOST_ITEMS {
                    agent.issues_dropped += 1;
                    let open = |issue: &Issue| issue.status() == crate::view::IssueStatus::Open;
                    let oldest = agent.issues.iter().min_by_key(|(id, issue)| (open(issue), issue.last(), *id));
                    let id = oldest.map(|(id, _)| id.clone()).expect("there are more than none");
                    agent.issues.remove(&id);
                    dirty.issue(number, id);
                }
            }
            Body::Todo(body) => {
                let id = todo_id(body);
                agent.todos.entry(id.clone()).or_insert_with(Todo::new).fold(key, body);
                dirty.todo(number, id);
                if agent.todos.len() > MOST_ITEMS {
                    agent.todos_dropped += 1;
                    let oldest = agent.todos.iter().min_by_key(|(id, todo)| (todo.is_active(), todo.last(), *id));
                    let id = oldest.map(|(id, _)| id.clone()).expect("there are more than none");
                    agent.todos.remove(&id);
                    dirty.todo(number, id);
                }
            }
            _ => {}
        }
    }

    fn apply_run(
        &mut self,
        agent: u32,
        key: &OrderKey,
        stored: &StoredEvent,
        body: &Body,
        call_cost: Option<CallCost>,
    ) {
        let task_id = stored.event.task_id.as_deref().unwrap_or("");
        let task_run_id = stored.event.task_run_id.as_deref().unwrap_or("");
        let (number, hash) = self.run_number(agent, task_id, task_run_id);
        let run = &mut self.runs[number as usize];
        let (before, first) = (run.standing(), run.first);
        let is_new = first == Timestamp::MAX;
        run.fold(stored, key, body, call_cost, &mut self.interner);
        let (after, new_first) = (run.standing(), run.first);
        if new_first != first {
            if !is_new {
                self.by_first.remove(&(first, hash, number));
                self.order_log.note(stored.seq, number, first);
            }
            self.by_first.insert((new_first, hash, number));
        }
        self.dirty.run(number);
        let agent = &mut self.agents[agent as usize];
        if agent.stuck_runs.contains(&number) {
            // It may resume by this.
            agent.deadline = Timestamp::MIN;
        }
        self.follow(number, (!is_new).then_some(before), after);
    }

    /// Keeps the indexes and the roll-ups in step with a run. `before` is `None` for a new one.
    fn follow(&mut self, number: u32, before: Option<Standing>, after: Standing) {
        let agent_number = self.runs[number as usize].agent;
        let agent = &mut self.agents[agent_number as usize];
        if before.is_none_or(|before| before.open != after.open) {
            if after.open {
                self.open.insert(number);
                agent.open.insert(number);
            } else {
                self.open.remove(&number);
                agent.open.remove(&number);
                agent.stuck_runs.remove(&number);
            }
        }
        if after.pending {
            agent.pending.insert(number);
        } else if before.is_some_and(|before| before.pending) {
            agent.pending.remove(&number);
        }
        agent.fold_end(before.and_then(|before| before.latest_end), after.latest_end);
        let ended = before.and_then(|before| before.ended);
        if ended == after.ended {
            return;
        }
        if let Some(ended) = ended {
            self.by_end.remove(&(ended.at, number));
            let slots = (agent.minutes.remove_ended(ended), agent.quarters.remove_ended(ended));
            self.dirty.buckets(agent_number, slots.0, slots.1);
        }
        if let Some(ended) = after.ended {
            self.by_end.insert((ended.at, number));
            let slots = (agent.minutes.add_ended(ended), agent.quarters.add_ended(ended));
            self.dirty.buckets(agent_number, slots.0, slots.1);
        }
    }

    pub(crate) fn agent_number(&mut self, agent_id: &str) -> u32 {
        if let Some(number) = self.agent_numbers.get(agent_id) {
            return *number;
        }
        let id: Arc<str> = Arc::from(agent_id);
        let number = self.agents.len() as u32;
        self.agents.push(Agent::new(Arc::clone(&id)));
        self.agent_numbers.insert(id, number);
        number
    }

    pub(crate) fn known_agent_number(&self, agent_id: &str) -> Option<usize> {
        self.agent_numbers.get(agent_id).map(|number| *number as usize)
    }

    pub(crate) fn find_agent(&self, agent_id: &str) -> Option<&Agent> {
        self.agent_numbers.get(agent_id).map(|number| &self.agents[*number as usize])
    }

    pub(crate) fn run_at(&self, number: u32) -> &Run {
        &self.runs[number as usize]
    }

    pub(crate) fn run_at_mut(&mut self, number: u32) -> &mut Run {
        &mut self.runs[number as usize]
    }

    pub(crate) fn agent_of(&self, run: &Run) -> &Agent {
        &self.agents[run.agent as usize]
    }

    pub(crate) fn all_runs(&self) -> &[Run] {
        &self.runs
    }

    fn hash_of(&self, number: u32) -> u64 {
        let run = self.run_at(number);
        run.task_run_id.with_str(|task_run_id| run_hash(&self.agent_of(run).id, &run.task_id, task_run_id))
    }

    pub(crate) fn find_run(&self, agent_id: &str, task_id: &str, task_run_id: &str) -> Option<u32> {
        let agent = *self.agent_numbers.get(agent_id)?;
        let is_it = |number: &u32| {
            let run = self.run_at(*number);
            run.agent == agent && *run.task_id == *task_id && run.task_run_id.is(task_run_id)
        };
        self.run_numbers.find(run_hash(agent_id, task_id, task_run_id), is_it).copied()
    }

    /// Numbers of all runs of a task, of any agent.
    pub(crate) fn runs_of(&self, task_id: &str) -> impl Iterator<Item = u32> {
        let head = self.task_heads.find(hash_texts(&[task_id]), |number| *self.run_at(*number).task_id == *task_id);
        std::iter::successors(head.copied(), |number| {
            Some(self.same_task[*number as usize]).filter(|next| *next != NO_RUN)
        })
    }

    fn run_number(&mut self, agent: u32, task_id: &str, task_run_id: &str) -> (u32, u64) {
        let hash = run_hash(&self.agents[agent as usize].id, task_id, task_run_id);
        let runs = &self.runs;
        let is_it = |number: &u32| {
            let run = &runs[*number as usize];
            run.agent == agent && *run.task_id == *task_id && run.task_run_id.is(task_run_id)
        };
        if let Some(number) = self.run_numbers.find(hash, is_it) {
            return (*number, hash);
        }
        (self.insert_run(Run::new(agent, task_id, task_run_id), hash), hash)
    }

    fn insert_run(&mut self, run: Run, hash: u64) -> u32 {
        let number = self.runs.len() as u32;
        let task_hash = hash_texts(&[&run.task_id]);
        self.agents[run.agent as usize].runs.push(number);
        self.runs.push(run);
        let (runs, agents) = (&self.runs, &self.agents);
        let rehash = |number: &u32| {
            let run = &runs[*number as usize];
            run.task_run_id.with_str(|text| run_hash(&agents[run.agent as usize].id, &run.task_id, text))
        };
        self.run_numbers.insert_unique(hash, number, rehash);
        let rehash_task = |number: &u32| hash_texts(&[&runs[*number as usize].task_id]);
        let task_id = &runs[number as usize].task_id;
        if let Some(head) = self.task_heads.find_mut(task_hash, |head| runs[*head as usize].task_id == *task_id) {
            self.same_task.push(*head);
            *head = number;
        } else {
            self.same_task.push(NO_RUN);
            self.task_heads.insert_unique(task_hash, number, rehash_task);
        }
        number
    }

    /// Takes a run in as it was folded before; its roll-ups are in the agent's time buckets already.
    pub(crate) fn restore_run(&mut self, run: Run) {
        let standing = run.standing();
        let agent = run.agent as usize;
        let first = run.first;
        let hash = run.task_run_id.with_str(|text| run_hash(&self.agents[agent].id, &run.task_id, text));
        let number = self.insert_run(run, hash);
        self.by_first.insert((first, hash, number));
        if standing.open {
            self.open.insert(number);
            self.agents[agent].open.insert(number);
        }
        if standing.pending {
            self.agents[agent].pending.insert(number);
        }
        if let Some(ended) = standing.ended {
            self.by_end.insert((ended.at, number));
        }
        self.agents[agent].fold_end(None, standing.latest_end);
    }

    /// Forgets runs whose last sign is older than `before`, as their events go by retention. Rare and not cheap: the indexes are built anew.
    pub fn forget_runs(&mut self, before: Timestamp) -> usize {
        let numbers = 0..self.runs.len() as u32;
        let gone: Vec<u32> = numbers.filter(|number| self.run_at(*number).last_sign < before).collect();
        if gone.is_empty() {
            return 0;
        }
        let is_gone = |run: &Run| run.last_sign < before;
        for number in gone.iter().copied() {
            self.dirty.run_gone(self.run_row_key(number));
        }
        let changed: Vec<u64> = self.dirty.take_runs().into_iter().map(|number| self.hash_of(number)).collect();
        let kept: Vec<Run> = std::mem::take(&mut self.runs).into_iter().filter(|run| !is_gone(run)).collect();
        self.run_numbers.clear();
        self.task_heads.clear();
        self.same_task.clear();
        self.by_first.clear();
        self.by_end.clear();
        self.open.clear();
        self.order_log.clear();
        for agent in &mut self.agents {
            agent.runs.clear();
            agent.open.clear();
            agent.pending.clear();
            agent.stuck_runs.clear();
            agent.deadline = Timestamp::MIN;
            agent.last_end = None;
        }
        for run in kept {
            self.restore_run(run);
        }
        for hash in changed {
            if let Some(number) = self.run_numbers.find(hash, |number| self.hash_of(*number) == hash) {
                self.dirty.run(*number);
            }
        }
        gone.len()
    }

    /// Projects whose events count as another's, by slug.
    pub fn set_project_aliases(&mut self, aliases: impl IntoIterator<Item = (String, String)>) {
        self.aliases = aliases.into_iter().map(|(from, to)| (from.into(), to.into())).collect();
    }

    /// The project that events of `project` count for.
    pub(crate) fn canonical<'a>(&'a self, project: &'a str) -> &'a str {
        // A chain longer than this would be a circle.
        (0..8).fold(project, |project, _| self.aliases.get(project).map_or(project, |to| to))
    }

    /// The greatest `seq` folded in. Rows carry it, so that a replay leaves out what they know.
    pub const fn head(&self) -> u64 {
        self.order_log.head()
    }

    pub fn run_count(&self) -> usize {
        self.runs.len()
    }

    pub fn agent_count(&self) -> usize {
        self.agents.len()
    }
}
