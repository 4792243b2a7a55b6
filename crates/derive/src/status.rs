//! The rules of status, each first match wins. Liveness goes by arrivals, never by the agent's clock.

use hiveboard_wire::Timestamp;

use crate::{
    agent::Agent,
    projections::Projections,
    run::Run,
    view::{AgentStatus, Liveness, TaskStatus},
};

/// The type of agents that people start and close as they like.
const INTERACTIVE: &str = "coding";

fn silent(last_sign: Timestamp, threshold_micros: i64, now: Timestamp) -> bool {
    now.micros().saturating_sub(last_sign.micros()) > threshold_micros
}

/// The first instant at which [`silent`] holds.
pub(crate) fn silent_from(last_sign: Timestamp, threshold_micros: i64) -> Timestamp {
    last_sign.plus_micros(threshold_micros).plus_micros(1)
}

impl Agent {
    /// What tells that it is alive, by what arrived.
    fn expected(&self) -> Liveness {
        match (self.native, self.metrics) {
            (true, _) => Liveness::Heartbeat,
            (false, true) => Liveness::Metrics,
            (false, false) => Liveness::None,
        }
    }

    pub(crate) fn liveness(&self, now: Timestamp) -> Liveness {
        if self.is_gone(now) {
            Liveness::Gone
        } else if self.is_closed_without_a_word() && silent(self.last_sign, self.threshold_micros(), now) {
            Liveness::None
        } else {
            self.expected()
        }
    }

    /// A person's own program that says no goodbye, as coding agents are that are known by their telemetry alone. While nothing of it is
    /// open its silence means that it was closed.
    fn is_closed_without_a_word(&self) -> bool {
        !self.native && self.labels.as_ref().is_some_and(|latest| &*latest.value.agent_type == INTERACTIVE)
    }

    /// Whether nothing but traces is expected of it: its silence while it is idle means nothing.
    pub(crate) fn is_quiet_by_nature(&self) -> bool {
        self.expected() == Liveness::None
    }

    /// It said goodbye, left nothing open, and no other process of it is alive.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        let threshold = self.threshold_micros();
        self.goodbye.is_some_and(|goodbye| {
            self.open.is_empty()
                && self.instances.iter().all(|(instance, known)| {
                    known.gone || Some(*instance) == goodbye.instance || silent(known.last_sign, threshold, now)
                })
        })
    }

    /// When the run's process falls silent for too long, by what is known now. Asked of open runs.
    ///
    /// Of a process that does not name itself only this is known: the run is silent, and either the agent registered anew after its
    /// last event or nothing nameless came any more.
    pub(crate) fn orphaned_from(&self, run: &Run) -> Timestamp {
        if self.is_quiet_by_nature() {
            return Timestamp::MAX;
        }
        let threshold = self.threshold_micros();
        if let Some(instance) = run.instance.value {
            let sign = self.instances.get(&instance).map_or(run.last_sign, |known| known.last_sign.max(run.last_sign));
            return silent_from(sign, threshold);
        }
        let registered = self.registration.as_ref().map(|latest| latest.key.timestamp);
        let sign = if registered.is_some_and(|registered| registered > run.last) {
            run.last_sign
        } else {
            self.anonymous_sign.max(run.last_sign)
        };
        silent_from(sign, threshold)
    }

    /// Its process is silent while its agent lives on. Asked of open runs of agents that are not stuck.
    pub(crate) fn is_orphaned(&self, run: &Run, now: Timestamp) -> bool {
        now >= self.orphaned_from(run)
    }

    /// `stuck`: whether this agent, whose run it is, is.
    pub(crate) fn run_status(&self, run: &Run, stuck: bool, now: Timestamp) -> TaskStatus {
        if let Some(end) = run.closed() {
            match (end.cancelled, end.completed) {
                (true, _) => TaskStatus::Cancelled,
                (false, true) => TaskStatus::Completed,
                (false, false) => TaskStatus::Failed,
            }
        } else if stuck || self.is_orphaned(run, now) {
            TaskStatus::Stuck
        } else if run.approval_pending() {
            TaskStatus::Waiting
        } else if run.counts.escalations > 0 {
            TaskStatus::Escalated
        } else {
            TaskStatus::Processing
        }
    }

    /// Since when the run is in that status: by its agent's clock, of a stuck one by the server's.
    pub(crate) fn run_status_since(&self, run: &Run, status: TaskStatus) -> Timestamp {
        let people = run.people.as_deref();
        match status {
            TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled => {
                run.closed().map_or(run.last, |end| Timestamp(end.micros))
            }
            TaskStatus::Stuck => self.orphaned_from(run).min(silent_from(self.last_sign, self.threshold_micros())),
            TaskStatus::Waiting => people.map_or(run.first, |people| Timestamp(people.requested_micros)),
            TaskStatus::Escalated => people.map_or(run.first, |people| Timestamp(people.escalated_micros)),
            TaskStatus::Processing => {
                let started = if run.end.is_some() { Timestamp(run.start_micros) } else { run.first };
                people.map_or(started, |people| started.max(Timestamp(people.received_micros)))
            }
        }
    }
}

impl Projections {
    pub(crate) fn is_stuck(&self, agent: &Agent, now: Timestamp) -> bool {
        now >= self.stuck_from(agent, now)
    }

    /// From when on the agent counts as stuck, if nothing more comes of it.
    pub(crate) fn stuck_from(&self, agent: &Agent, now: Timestamp) -> Timestamp {
        let threshold = agent.threshold_micros();
        if agent.is_quiet_by_nature() {
            // One that waits for a person has nothing to say until then; its process need not even run.
            let open = agent.open.iter().map(|number| self.run_at(*number)).filter(|run| !run.approval_pending());
            let first = open.map(|run| run.last_sign).min();
            return first.map_or(Timestamp::MAX, |sign| silent_from(sign, threshold));
        }
        if agent.is_gone(now) || (agent.open.is_empty() && agent.is_closed_without_a_word()) {
            return Timestamp::MAX;
        }
        silent_from(agent.last_sign, threshold)
    }

    pub(crate) fn agent_status_of(&self, agent: &Agent, now: Timestamp) -> AgentStatus {
        if self.is_stuck(agent, now) {
            return AgentStatus::Stuck;
        }
        if agent.is_gone(now) {
            return AgentStatus::Idle;
        }
        let alive = |number: &&u32| !agent.is_orphaned(self.run_at(**number), now);
        if agent.pending.iter().rev().any(|number| alive(&number)) {
            AgentStatus::WaitingApproval
        } else if agent.open.iter().rev().any(|number| alive(&number)) {
            AgentStatus::Processing
        } else if agent.last_end.is_some_and(|last| last.failed > 0) {
            AgentStatus::Error
        } else {
            AgentStatus::Idle
        }
    }

    /// Since when the agent is in that status, by the server's clock.
    pub(crate) fn agent_status_since(agent: &Agent, status: AgentStatus, now: Timestamp) -> Timestamp {
        if agent.announced == Some(status) { agent.announced_at.min(now) } else { now }
    }

    /// The open run that started last; of a stuck agent, what it was at when it fell silent.
    pub(crate) fn current_run(&self, agent: &Agent, stuck: bool, now: Timestamp) -> Option<&Run> {
        agent
            .open
            .iter()
            .map(|number| self.run_at(*number))
            .filter(|run| stuck || !agent.is_orphaned(run, now))
            .max_by(|a, b| (a.first, &a.task_id, &a.task_run_id).cmp(&(b.first, &b.task_id, &b.task_run_id)))
    }

    /// Whether the clock of a stuck run stands still: it does for an orphan, not while its agent may come back and go on.
    pub(crate) fn stops_when_stuck(&self, agent: &Agent, run: &Run, now: Timestamp) -> bool {
        run.closed().is_none() && !self.is_stuck(agent, now) && agent.is_orphaned(run, now)
    }
}
