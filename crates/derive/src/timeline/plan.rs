//! The plan of a run with all its revisions. Which steps count for which plan is decided as in [`crate::plan`].

use std::collections::BTreeMap;

use hiveboard_wire::{
    Body, Timestamp,
    body::{PlanCreated, PlanStep},
};

use super::Moment;
use crate::{
    plan::{MOST_STEPS, step_place, step_state},
    view::{PlanProgress, PlanRevisionView, PlanStepState, PlanStepView, PlanView},
};

pub(super) fn plan(moments: &[Moment]) -> Option<PlanView> {
    let mut plans: Vec<(Timestamp, &PlanCreated)> = Vec::new();
    let mut steps: Vec<(Timestamp, &PlanStep)> = Vec::new();
    for moment in moments {
        match &moment.body {
            Body::PlanCreated(plan) => plans.push((moment.at(), plan)),
            Body::PlanStep(step) => steps.push((moment.at(), step)),
            _ => {}
        }
    }
    // At one instant the longer plan is the later one.
    plans.sort_by_key(|(at, plan)| (plan.revision, *at, plan.steps.len()));
    let named = steps.iter().filter_map(|(_, step)| step.plan_revision).max().unwrap_or(0);
    let greatest = plans.last().map_or(named, |(_, plan)| plan.revision.max(named));
    let first = plans.iter().map(|(at, _)| *at).min();
    let mut revisions = Vec::new();
    for (place, (at, plan)) in plans.iter().enumerate() {
        let not_before = if first.is_some_and(|first| first < *at) { *at } else { Timestamp::MIN };
        // Steps without a number belong to the plan in force when they happened.
        let replaced = plans.iter().map(|(at, _)| *at).filter(|other| other > at).min();
        let next_of_same = plans.get(place + 1).filter(|(_, next)| next.revision == plan.revision).map(|(at, _)| *at);
        let is_latest = place + 1 == plans.len() && plan.revision == greatest;
        let counts = |(happened, step): &&(Timestamp, &PlanStep)| {
            let before = |limit: Option<Timestamp>| is_latest || limit.is_none_or(|limit| *happened < limit);
            *happened >= not_before
                && match step.plan_revision {
                    Some(revision) => revision == plan.revision && before(next_of_same),
                    None => before(replaced),
                }
        };
        let own: Vec<_> = steps.iter().filter(counts).copied().collect();
        revisions.push(revision(Some((*at, plan)), plan.revision, &own));
    }
    if plans.last().is_none_or(|(_, plan)| plan.revision < greatest) {
        let counts =
            |(_, step): &&(Timestamp, &PlanStep)| step.plan_revision.is_none_or(|revision| revision == greatest);
        let own: Vec<_> = steps.iter().filter(counts).copied().collect();
        revisions.extend((!own.is_empty()).then(|| revision(None, greatest, &own)));
    }
    let latest = revisions.last()?.clone();
    Some(PlanView { latest, revisions })
}

fn revision(
    plan: Option<(Timestamp, &PlanCreated)>,
    number: u32,
    steps: &[(Timestamp, &PlanStep)],
) -> PlanRevisionView {
    let pending = |step_index: u32, description: Option<&str>| PlanStepView {
        step_index,
        description: description.map(str::to_owned),
        action: PlanStepState::Pending,
        started_at: None,
        completed_at: None,
        turns: None,
        tokens: None,
        summary: None,
    };
    let mut views: BTreeMap<u32, PlanStepView> = plan
        .iter()
        .flat_map(|(_, plan)| &plan.steps)
        .take(MOST_STEPS as usize)
        .map(|(index, description)| (*index, pending(*index, Some(description))))
        .collect();
    let mut latest = BTreeMap::<u32, (Timestamp, u8)>::new();
    for (at, step) in steps {
        let (Some(index), Some(action)) = (step.step_index, step.action) else { continue };
        if index >= MOST_STEPS {
            continue;
        }
        let view = views.entry(index).or_insert_with(|| pending(index, None));
        let sum = |known: Option<u64>, more: Option<u64>| match (known, more) {
            (None, None) => None,
            (known, more) => Some(known.unwrap_or(0).saturating_add(more.unwrap_or(0))),
        };
        view.turns = sum(view.turns, step.turns);
        view.tokens = sum(view.tokens, step.tokens);
        let state = step_state(action);
        if state == PlanStepState::Started {
            view.started_at = Some(view.started_at.map_or(*at, |first| first.min(*at)));
        }
        let place = (*at, step_place(action));
        if latest.get(&index).is_none_or(|known| place >= *known) {
            latest.insert(index, place);
            view.action = state;
            view.completed_at = (state != PlanStepState::Started).then_some(*at);
            view.summary = step.summary.as_deref().map(str::to_owned);
        }
    }
    let completed = views.values().filter(|step| step.action == PlanStepState::Completed).count() as u32;
    let total = if let Some((_, plan)) = plan {
        plan.steps.len() as u32
    } else {
        let named = steps.iter().filter_map(|(_, step)| step.total_steps).max().unwrap_or(0).min(MOST_STEPS);
        named.max(views.keys().next_back().map_or(0, |index| index + 1))
    };
    PlanRevisionView {
        goal: plan.and_then(|(_, plan)| plan.goal.as_deref()).map(str::to_owned),
        revision: number,
        created_at: plan.map(|(at, _)| at),
        steps: views.into_values().collect(),
        progress: PlanProgress { completed: completed.min(total), total },
    }
}
