//! All that is derived from the events of one scope, and how one event changes it.

use std::{collections::BTreeSet, sync::Arc};

use hashbrown::{HashMap, HashTable};
use hiveboard_wire::{Body, CallCost, Envelope, EventType, Kind, OrderKey, StoredEvent, Timestamp};

use crate::{
    agenda::Agenda,
    agent::Agent,
    aliases::Aliases,
    archive::{Archive, ArchiveLimits, ColdRowError, ColdRows, SegmentBuilder, Snapshot},
    failures::{Failure, Failures, Happened, Where},
    hash::{run_hash, task_hash},
    interner::{Interner, Process, Symbol},
    issue::{Issue, IssueGlance, issue_id},
    last_write_wins::offer,
    packed,
    persist::Dirty,
    queue::{Queue, Schedule},
    run::{Run, Standing},
    todo::{Todo, TodoGlance, todo_id},
    totals::{Entry, Totals},
    view::IssueStatus,
};

/// What the events tell that arrived together under one envelope, and what the last of them was looked up for.
#[derive(Clone, Copy)]
struct Arrival<'a> {
    envelope: &'a Arc<Envelope>,
    received_at: Timestamp,
    agent: u32,
    instance: Option<Process>,
    project: Option<(&'a str, Symbol)>,
}

impl Arrival<'_> {
    fn is_of(&self, stored: &StoredEvent) -> bool {
        Arc::ptr_eq(self.envelope, &stored.envelope) && self.received_at == stored.received_at
    }
}

/// Issues and to-dos kept an agent; of more, those closed longest ago go.
pub(crate) const MOST_ITEMS: usize = 1_000;

/// The folded state of one scope. See the crate's description for how the server uses it.
#[derive(Debug, Default)]
pub struct Projections {
    pub(crate) interner: Interner,
    /// A number that is free is given again.
    pub(crate) agents: Vec<Agent>,
    pub(crate) free_agents: Vec<u32>,
    pub(crate) agent_numbers: HashMap<Arc<str>, u32>,
    /// Those in memory. A number that is free is given again.
    pub(crate) runs: Vec<Run>,
    free: Vec<u32>,
    /// By [`run_hash`].
    run_numbers: HashTable<u32>,
    /// By [`task_hash`].
    by_task: BTreeSet<(u64, u32)>,
    /// By first timestamp, then [`run_hash`], which does not depend on the order of arrival.
    pub(crate) by_first: BTreeSet<(Timestamp, u64, u32)>,
    /// Ended runs by their end.
    pub(crate) by_end: BTreeSet<(Timestamp, u32)>,
    /// Runs without an end.
    pub(crate) open: BTreeSet<u32>,
    pub(crate) project_events: HashMap<Symbol, u64>,
    pub(crate) failures: Failures,
    pub(crate) aliases: Arc<Aliases>,
    /// Runs that left memory; `None` where none ever do.
    pub(crate) archive: Option<Archive>,
    pub(crate) order_log: crate::order_log::OrderLog,
    /// Of ended runs, in memory or not.
    pub(crate) totals: Totals,
    pub(crate) dirty: Dirty,
    pub(crate) agenda: Agenda,
}

impl Projections {
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs that ended leave memory beyond `limits`, and are read by way of `cold` from then on.
    pub fn with_archive(cold: Arc<dyn ColdRows>, limits: ArchiveLimits) -> Self {
        Self { archive: Some(Archive::new(cold, limits)), ..Self::default() }
    }

    /// Folds one event in. Repeated events must have been left out before.
    ///
    /// `call_cost` is that of a model call, as worked out when it arrived.
    pub fn apply(&mut self, stored: &StoredEvent, body: &Body, call_cost: Option<CallCost>) {
        self.apply_all([(stored, body, call_cost)]);
    }

    /// The same for several: what those tell that arrived together under one envelope is looked up once for all of them.
    pub fn apply_all<'a>(&mut self, events: impl IntoIterator<Item = (&'a StoredEvent, &'a Body, Option<CallCost>)>) {
        let mut last: Option<Arrival<'a>> = None;
        for (stored, body, call_cost) in events {
            let arrival = if let Some(known) = last.filter(|last| last.is_of(stored)) {
                known
            } else {
                self.arrived(last);
                self.arrive(stored)
            };
            let arrival = self.apply_one(arrival, stored, body, call_cost);
            last = Some(arrival);
        }
        self.arrived(last);
    }

    /// What is the same for all that arrived together.
    fn arrive<'a>(&mut self, stored: &'a StoredEvent) -> Arrival<'a> {
        let number = self.agent_number(&stored.envelope.agent_id);
        let agent = &mut self.agents[number as usize];
        let instance = agent.arrive(&stored.envelope, stored.received_at, &mut self.interner);
        let now = agent.last_seen;
        self.dirty.agent(number);
        self.dirty.buckets_gone(number, agent.minutes.advance(now), agent.quarters.advance(now));
        self.totals.advance(now);
        Arrival { envelope: &stored.envelope, received_at: stored.received_at, agent: number, instance, project: None }
    }

    fn arrived(&mut self, last: Option<Arrival<'_>>) {
        if let Some(Arrival { agent, .. }) = last {
            self.agenda.follow(agent, &mut self.agents[agent as usize]);
        }
    }

    fn apply_one<'a>(
        &mut self,
        mut arrival: Arrival<'a>,
        stored: &'a StoredEvent,
        body: &Body,
        call_cost: Option<CallCost>,
    ) -> Arrival<'a> {
        let event = &stored.event;
        let key = event.order_key(body);
        self.order_log.saw(stored.seq);
        let number = arrival.agent;
        let agent = &mut self.agents[number as usize];
        agent.fold(stored, &key, body, arrival.instance);
        if let Some(text) = event.project_id.as_deref() {
            let (_, project) = match arrival.project.filter(|(known, _)| *known == text) {
                Some(known) => known,
                None => *arrival.project.insert((text, self.interner.get_or_add(text))),
            };
            agent.fold_project(project, key.timestamp.micros(), &self.interner);
            *self.project_events.entry(project).or_default() += 1;
            self.dirty.project(project);
        }
        let minute = agent.minutes.count(key.timestamp, body, call_cost);
        let quarter = agent.quarters.count(key.timestamp, body, call_cost);
        self.dirty.buckets(number, minute, quarter);
        self.apply_items(number, &key, stored, body);
        let run = event.task_id.is_some().then(|| self.apply_run(number, &key, stored, body, call_cost));
        if let Some(failure) = Failure::of(event, body) {
            self.apply_failure(number, run, &failure, &key, stored);
        }
        arrival
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
                packed::change(&mut agent.issues, &id, Issue::new, |issue| issue.fold(key, body));
                dirty.issue(number, id);
                if agent.issues.len() > MOST_ITEMS {
                    agent.issues_dropped += 1;
                    let place = |issue: IssueGlance| (issue.status == IssueStatus::Open, issue.last);
                    let oldest = agent.issues.iter().min_by_key(|(id, issue)| (place(issue.glance), *id));
                    let id = oldest.map(|(id, _)| id.clone()).expect("there are more than none");
                    agent.issues.remove(&id);
                    dirty.issue(number, id);
                }
            }
            Body::Todo(body) => {
                let id = todo_id(body);
                packed::change(&mut agent.todos, &id, Todo::new, |todo| todo.fold(key, body));
                dirty.todo(number, id);
                if agent.todos.len() > MOST_ITEMS {
                    agent.todos_dropped += 1;
                    let place = |todo: TodoGlance| (todo.is_active, todo.last);
                    let oldest = agent.todos.iter().min_by_key(|(id, todo)| (place(todo.glance), *id));
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
    ) -> u32 {
        let task_id = stored.event.task_id.as_deref().unwrap_or("");
        let task_run_id = stored.event.task_run_id.as_deref().unwrap_or("");
        let (number, hash) = self.run_number(agent, task_id, task_run_id);
        let run = &mut self.runs[number as usize];
        let (before, first) = (run.standing(), run.first);
        let counted = Entry::of(run);
        let is_new = first == Timestamp::MAX;
        run.fold(stored, key, body, call_cost, &mut self.interner);
        let version = stored.envelope.agent_version.as_deref();
        self.agents[agent as usize].fold_version(version, key.timestamp.micros(), &mut self.interner);
        let (after, new_first) = (run.standing(), run.first);
        self.totals.follow(counted, Entry::of(run));
        if new_first != first {
            if !is_new {
                self.by_first.remove(&(first, hash, number));
                self.order_log.note(stored.seq, hash, first);
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
        number
    }

    fn apply_failure(&mut self, agent: u32, run: Option<u32>, failure: &Failure, key: &OrderKey, stored: &StoredEvent) {
        let interner = &mut self.interner;
        let envelope = &stored.envelope;
        let at = Where {
            agent,
            project: stored.event.project_id.as_deref().map(|project| interner.get_or_add(project)),
            environment: Some(interner.get_or_add(&envelope.environment)),
            group: Some(interner.get_or_add(&envelope.group)),
        };
        let trail = run.map(|run| &mut **self.runs[run as usize].trail.get_or_insert_default());
        let agent_id = &self.agents[agent as usize].id;
        let one = Happened { failure, at, agent_id, key, stored };
        let touched = self.failures.fold(one, trail, interner);
        self.dirty.failures(touched);
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
        let mut agent = Agent::new(Arc::clone(&id));
        let number = self.free_agents.pop().unwrap_or(self.agents.len() as u32);
        self.agenda.follow(number, &mut agent);
        if number as usize == self.agents.len() {
            self.agents.push(agent);
        } else {
            self.agents[number as usize] = agent;
        }
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

    pub(crate) fn hash_of(&self, number: u32) -> u64 {
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

    /// The run in memory with that hash.
    pub(crate) fn run_of_hash(&self, hash: u64) -> Option<u32> {
        self.run_numbers.find(hash, |number| self.hash_of(*number) == hash).copied()
    }

    /// Numbers of the runs of a task that are in memory, of any agent.
    pub(crate) fn runs_of(&self, task_id: &str) -> impl Iterator<Item = u32> {
        let hash = task_hash(task_id);
        let of_hash = self.by_task.range((hash, 0)..=(hash, u32::MAX)).map(|(_, number)| *number);
        of_hash.filter(move |number| *self.run_at(*number).task_id == *task_id)
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
        if let Some(number) = self.revive(hash, agent, task_id, task_run_id) {
            return (number, hash);
        }
        (self.insert_run(Run::new(agent, task_id, task_run_id), hash), hash)
    }

    fn insert_run(&mut self, run: Run, hash: u64) -> u32 {
        let task = task_hash(&run.task_id);
        let agent = run.agent as usize;
        let number = if let Some(number) = self.free.pop() {
            self.runs[number as usize] = run;
            number
        } else {
            self.runs.push(run);
            self.runs.len() as u32 - 1
        };
        self.agents[agent].runs.insert(number);
        self.by_task.insert((task, number));
        let (runs, agents) = (&self.runs, &self.agents);
        let rehash = |number: &u32| {
            let run = &runs[*number as usize];
            run.task_run_id.with_str(|text| run_hash(&agents[run.agent as usize].id, &run.task_id, text))
        };
        self.run_numbers.insert_unique(hash, number, rehash);
        number
    }

    /// Takes a run in as it was folded before; its roll-ups, and whether it was the agent's last to end, are with the agent already.
    pub(crate) fn restore_run(&mut self, run: Run) -> u32 {
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
        number
    }

    /// Takes a run out of memory and of all indexes; its roll-ups stay.
    pub(crate) fn remove_run(&mut self, number: u32) {
        let hash = self.hash_of(number);
        self.dirty.run_gone(number, self.run_row_key(number));
        let run = std::mem::replace(&mut self.runs[number as usize], Run::new(u32::MAX, "", ""));
        if let Ok(entry) = self.run_numbers.find_entry(hash, |other| *other == number) {
            entry.remove();
        }
        self.by_task.remove(&(task_hash(&run.task_id), number));
        self.by_first.remove(&(run.first, hash, number));
        if let Some(ended) = run.standing().ended {
            self.by_end.remove(&(ended.at, number));
        }
        self.open.remove(&number);
        let agent = &mut self.agents[run.agent as usize];
        agent.runs.remove(&number);
        agent.open.remove(&number);
        agent.pending.remove(&number);
        agent.stuck_runs.remove(&number);
        agent.deadline = agent.deadline.min(agent.last_seen);
        self.agenda.follow(run.agent, agent);
        self.free.push(number);
    }

    /// Moves the runs that ended first to the archive, a segment at most; false when all that may be in memory is.
    ///
    /// To be called again and again between other work: it is bounded, so that nobody waits for long.
    pub fn archive_some(&mut self) -> bool {
        let Some(limits) = self.archive.as_ref().map(|archive| archive.limits) else { return false };
        if self.by_end.len() < limits.ended_runs + limits.segment_runs {
            return false;
        }
        let numbers: Vec<u32> = self.by_end.iter().take(limits.segment_runs).map(|(_, number)| *number).collect();
        let mut builder = SegmentBuilder::new();
        for number in &numbers {
            let run = &self.runs[*number as usize];
            builder.push(self.hash_of(*number), run, &self.agents[run.agent as usize].id, &self.interner);
        }
        for number in numbers {
            let run = &self.runs[number as usize];
            let (agent, version) = (run.agent, run.version.value);
            self.agents[agent as usize].archived.entry(version).or_default().add(run);
            self.dirty.archived(agent, version);
            self.remove_run(number);
        }
        if let Some(archive) = &mut self.archive {
            archive.add(builder);
        }
        true
    }

    /// Takes a run back into memory that an event reaches after it was archived.
    fn revive(&mut self, hash: u64, agent: u32, task_id: &str, task_run_id: &str) -> Option<u32> {
        let archive = self.archive.as_mut().filter(|archive| archive.may_hold(hash))?;
        let agent_id = Arc::clone(&self.agents[agent as usize].id);
        let mut found = None;
        let taken = archive.take(hash, |row| {
            let is_it = row.is(&agent_id, task_id, task_run_id);
            if is_it {
                found = Some(row.into_run(agent, &mut self.interner));
            }
            is_it
        });
        if let Err(error) = taken {
            // Its earlier events are not counted until a rebuild; whoever runs the server is told.
            archive.failure.get_or_insert(error);
        }
        let run = found?;
        let version = run.version.value;
        if let Some(tally) = self.agents[agent as usize].archived.get_mut(&version) {
            tally.remove(&run);
        }
        self.dirty.archived(agent, version);
        let number = self.restore_run(run);
        self.dirty.run(number);
        Some(number)
    }

    /// What could not be read while events were folded in, once.
    pub fn take_failure(&mut self) -> Option<ColdRowError> {
        self.archive.as_mut()?.failure.take()
    }

    /// The archive as it is now, to be read without holding these projections.
    pub(crate) fn snapshot(&self) -> Option<Snapshot> {
        self.archive.as_ref().map(|archive| archive.snapshot(&self.aliases))
    }

    /// Projects whose events count as another's, by slug.
    pub fn set_project_aliases(&mut self, aliases: impl IntoIterator<Item = (String, String)>) {
        self.aliases = Arc::new(Aliases::new(aliases));
    }

    /// The project that events of `project` count for.
    pub(crate) fn canonical<'a>(&'a self, project: &'a str) -> &'a str {
        self.aliases.canonical(project)
    }

    /// The greatest `seq` folded in. Rows carry it, so that a replay leaves out what they know.
    pub const fn head(&self) -> u64 {
        self.order_log.head()
    }

    /// Runs in memory, and runs in the archive.
    pub fn run_counts(&self) -> (usize, usize) {
        (self.by_first.len(), self.archive.as_ref().map_or(0, Archive::runs))
    }

    /// About what heads and filters of the archive take in memory.
    pub fn archive_bytes(&self) -> usize {
        self.archive.as_ref().map_or(0, Archive::bytes)
    }

    pub fn agent_count(&self) -> usize {
        self.agent_numbers.len()
    }
}
