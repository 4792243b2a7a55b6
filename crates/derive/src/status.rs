//! The rules of status, each first match wins. Liveness goes by arrivals, never by the agent's clock.

use hiveboard_wire::Timestamp;

use crate::{
    agent::Agent,
    projections::Projections,
    run::Run,
    view::{AgentStatus, Liveness, TaskStatus},
};

fn silent(last_sign: Timestamp, threshold_micros: i64, now: Timestamp) -> bool {
    now.micros().saturating_sub(last_sign.micros()) > threshold_micros
}

impl Agent {
    pub(crate) fn liveness(&self) -> Liveness {
        match (self.native, self.metrics) {
            (true, _) => Liveness::Heartbeat,
            (false, true) => Liveness::Metrics,
            (false, false) => Liveness::None,
        }
    }

    /// Its process is silent while its agent lives on. Asked of open runs of agents that are not stuck.
    pub(crate) fn is_orphaned(&self, run: &Run, now: Timestamp) -> bool {
        let threshold = self.threshold_micros();
        if self.liveness() == Liveness::None {
            return false;
        }
        if let Some(instance) = run.instance.value {
            let sign =
                self.instances.get(&instance).map_or(run.last_sign, |instance| instance.last_sign.max(run.last_sign));
            silent(sign, threshold, now)
        } else {
            let registered = self.registration.as_ref().map(|latest| latest.key.timestamp);
            registered.is_some_and(|registered| registered > run.last) && silent(run.last_sign, threshold, now)
        }
    }

    /// `stuck`: whether this agent, whose run it is, is.
    pub(crate) fn run_status(&self, run: &Run, stuck: bool, now: Timestamp) -> TaskStatus {
        if let Some(end) = run.closed() {
            if end.completed { TaskStatus::Completed } else { TaskStatus::Failed }
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
}

impl Projections {
    pub(crate) fn is_stuck(&self, agent: &Agent, now: Timestamp) -> bool {
        let threshold = agent.threshold_micros();
        if agent.liveness() == Liveness::None {
            return agent.open.iter().any(|number| silent(self.run_at(*number).last_sign, threshold, now));
        }
        silent(agent.last_sign, threshold, now)
    }

    pub(crate) fn agent_status_of(&self, agent: &Agent, now: Timestamp) -> AgentStatus {
        if self.is_stuck(agent, now) {
            return AgentStatus::Stuck;
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
