//! What an agent does next: runs of about ten events, as agents have them.

use fastrand::Rng;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Heartbeat,
    QueueSnapshot,
    TaskStarted,
    Call,
    ActionStarted,
    ActionCompleted,
    ActionFailed,
    PlanCreated,
    PlanStepStarted(u8),
    PlanStepCompleted(u8),
    Retry,
    ApprovalRequested,
    ApprovalReceived,
    Escalated,
    Issue,
    Todo,
    TaskCompleted,
    TaskFailed,
}

pub(crate) const PLAN_STEPS: u8 = 3;

impl Step {
    pub(crate) const fn event_type(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::TaskStarted => "task_started",
            Self::ActionStarted => "action_started",
            Self::ActionCompleted => "action_completed",
            Self::ActionFailed => "action_failed",
            Self::Retry => "retry_started",
            Self::ApprovalRequested => "approval_requested",
            Self::ApprovalReceived => "approval_received",
            Self::Escalated => "escalated",
            Self::TaskCompleted => "task_completed",
            Self::TaskFailed => "task_failed",
            Self::QueueSnapshot
            | Self::Call
            | Self::PlanCreated
            | Self::PlanStepStarted(_)
            | Self::PlanStepCompleted(_)
            | Self::Issue
            | Self::Todo => "custom",
        }
    }

    pub(crate) const fn is_outside_of_runs(self) -> bool {
        matches!(self, Self::Heartbeat | Self::QueueSnapshot)
    }

    pub(crate) const fn is_action(self) -> bool {
        matches!(self, Self::ActionStarted | Self::ActionCompleted | Self::ActionFailed)
    }

    /// Status and duration where an event carries them.
    pub(crate) fn outcome(self, took_micros: i64) -> Option<(&'static str, f64)> {
        let millis = took_micros as f64 / 1000.0;
        match self {
            Self::ActionCompleted => Some(("success", millis)),
            Self::ActionFailed => Some(("failure", millis)),
            Self::TaskCompleted => Some(("success", millis * 40.0)),
            Self::TaskFailed => Some(("failure", millis * 40.0)),
            _ => None,
        }
    }

    /// Time since the event before it: most steps are quick, some take long.
    pub(crate) fn duration_micros(self, random: &mut Rng) -> i64 {
        let skewed = random.f64().powi(4);
        match self {
            Self::Call => 300_000 + (skewed * 9e6) as i64,
            Self::ActionCompleted | Self::ActionFailed => 4_000 + (skewed * 3e6) as i64,
            Self::ApprovalReceived => 1_000_000 + (skewed * 60e6) as i64,
            Self::Heartbeat => 500_000 + (skewed * 2e6) as i64,
            _ => 200 + (skewed * 200_000.0) as i64,
        }
    }
}

/// Steps still to be told, last one first.
#[derive(Default)]
pub(crate) struct Script(Vec<Step>);

impl Script {
    pub(crate) fn next(&mut self) -> Option<Step> {
        self.0.pop()
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.0.is_empty()
    }

    /// Thinks of a new run, and begins it.
    pub(crate) fn begin(&mut self, random: &mut Rng) -> Step {
        let steps = &mut self.0;
        steps.clear();
        match random.u8(..100) {
            0..=39 => steps.push(Step::Heartbeat),
            40..=49 => steps.push(Step::QueueSnapshot),
            _ => {}
        }
        steps.push(Step::TaskStarted);
        let planned = random.u8(..100) < 15;
        if planned {
            steps.push(Step::PlanCreated);
        }
        let rounds = random.u8(1..=PLAN_STEPS);
        for round in 0..rounds {
            if planned {
                steps.push(Step::PlanStepStarted(round));
            }
            if random.u8(..100) < 85 {
                steps.push(Step::Call);
            }
            if random.u8(..100) < 5 {
                steps.extend([Step::ActionStarted, Step::ActionFailed, Step::Retry]);
            }
            steps.extend([Step::ActionStarted, Step::ActionCompleted]);
            if planned {
                steps.push(Step::PlanStepCompleted(round));
            }
        }
        match random.u8(..100) {
            0..=3 => steps.extend([Step::ApprovalRequested, Step::ApprovalReceived]),
            4 => steps.push(Step::Escalated),
            5..=6 => steps.push(Step::Issue),
            7..=9 => steps.push(Step::Todo),
            _ => {}
        }
        steps.push(if random.u8(..100) < 6 { Step::TaskFailed } else { Step::TaskCompleted });
        steps.reverse();
        steps.pop().expect("a run has steps")
    }
}
