//! How far the latest plan of a run has come, in a few bytes a step.

use hiveboard_wire::body::{PlanCreated, PlanStep, StepAction};
use serde::{Deserialize, Serialize};

use crate::view::{PlanProgress, PlanStepState};

/// Steps kept a plan; an index above it is not a step anyone drew.
pub(crate) const MOST_STEPS: u32 = 1_000;

/// What is known of the latest revision. Steps may arrive before their plan.
///
/// The latest revision is the greatest number seen. Within it the latest plan counts. A step belongs to it when it names that
/// revision or none, and, where the run was planned more than once, did not happen before that plan was made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct PlanState {
    revision: u32,
    /// The latest plan of `revision`: microseconds and number of steps.
    created: Option<(i64, u32)>,
    /// The first plan of the run, of any revision.
    first_created: Option<i64>,
    /// The greatest `total_steps` that a step named, for a plan that never arrived.
    named_total: u32,
    unnumbered_total: u32,
    steps: Vec<StepState>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StepState {
    index: u32,
    /// Names its revision.
    numbered: bool,
    micros: i64,
    place: u8,
}

/// Order of a step's actions at one instant.
pub(crate) const fn step_place(action: StepAction) -> u8 {
    match action {
        StepAction::Started => 0,
        StepAction::Failed => 1,
        StepAction::Skipped => 2,
        StepAction::Completed => 3,
    }
}

pub(crate) const fn step_state(action: StepAction) -> PlanStepState {
    match action {
        StepAction::Started => PlanStepState::Started,
        StepAction::Failed => PlanStepState::Failed,
        StepAction::Skipped => PlanStepState::Skipped,
        StepAction::Completed => PlanStepState::Completed,
    }
}

impl PlanState {
    fn reach(&mut self, revision: u32) {
        if revision > self.revision {
            self.revision = revision;
            self.created = None;
            self.named_total = 0;
            self.steps.retain(|step| !step.numbered);
        }
    }

    pub(crate) fn created(&mut self, micros: i64, plan: &PlanCreated) {
        self.first_created = Some(self.first_created.map_or(micros, |first| first.min(micros)));
        self.reach(plan.revision);
        if plan.revision == self.revision {
            self.created = self.created.max(Some((micros, plan.steps.len() as u32)));
        }
    }

    pub(crate) fn step(&mut self, micros: i64, step: &PlanStep) {
        if let Some(revision) = step.plan_revision {
            self.reach(revision);
            if revision < self.revision {
                return;
            }
        }
        let numbered = step.plan_revision.is_some();
        let total = step.total_steps.unwrap_or(0).min(MOST_STEPS);
        if numbered {
            self.named_total = self.named_total.max(total);
        } else {
            self.unnumbered_total = self.unnumbered_total.max(total);
        }
        let (Some(index), Some(action)) = (step.step_index, step.action) else { return };
        if index >= MOST_STEPS {
            return;
        }
        let place = step_place(action);
        match self.steps.binary_search_by_key(&(index, numbered), |step| (step.index, step.numbered)) {
            Ok(at) => {
                let known = &mut self.steps[at];
                (known.micros, known.place) = (known.micros, known.place).max((micros, place));
            }
            Err(at) => self.steps.insert(at, StepState { index, numbered, micros, place }),
        }
    }

    /// `None` when neither a plan nor a step that counts for it is known.
    pub(crate) fn progress(&self) -> Option<PlanProgress> {
        let not_before = match (self.created, self.first_created) {
            (Some((latest, _)), Some(first)) if first < latest => latest,
            _ => i64::MIN,
        };
        let counting = |step: &&StepState| step.micros >= not_before;
        let mut steps = self.steps.iter().filter(counting).peekable();
        let (mut completed, mut greatest) = (0, None);
        while let Some(step) = steps.next() {
            let mut latest = step;
            if let Some(twin) = steps.next_if(|twin| twin.index == step.index)
                && (twin.micros, twin.place) > (latest.micros, latest.place)
            {
                latest = twin;
            }
            greatest = Some(latest.index);
            completed += u32::from(latest.place == step_place(StepAction::Completed));
        }
        if self.created.is_none() && greatest.is_none() {
            return None;
        }
        let total = match self.created {
            Some((_, total)) => total,
            None => self.named_total.max(self.unnumbered_total).max(greatest.map_or(0, |index| index + 1)),
        };
        Some(PlanProgress { completed: completed.min(total), total })
    }
}
