//! Failures with what led to them: earlier attempts at the same thing, the retries between, and where the exception went.

use hiveboard_wire::{
    Body, EventType,
    body::{Exception, StepAction},
};

use super::Moment;
use crate::view::{ChainLink, ErrorChain};

/// Links shown a chain; of longer ones the latest.
const MOST_LINKS: usize = 100;

/// What can fail and be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing<'a> {
    Action(&'a str),
    Step(u32),
    Task,
}

#[derive(Default)]
struct Chain<'a> {
    things: Vec<Thing<'a>>,
    last_failure: Option<(&'a Moment, Option<String>)>,
    exception: Option<(&'a str, Option<&'a str>)>,
    recovered: bool,
    links: Vec<ChainLink>,
}

struct Failure<'a> {
    thing: Thing<'a>,
    name: Option<String>,
    exception: Option<&'a Exception>,
}

/// In order of their first event.
pub(super) fn chains(moments: &[Moment]) -> Vec<ErrorChain> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for moment in moments {
        if let Some(failure) = failure(moment) {
            let exception = failure.exception.and_then(|exception| {
                Some((exception.exception_type.as_deref()?, exception.exception_message.as_deref()))
            });
            let place = place_for(&chains, &failure.thing, exception).unwrap_or_else(|| {
                chains.push(Chain::default());
                chains.len() - 1
            });
            let chain = &mut chains[place];
            chain.links.push(link(moment, failure.name.clone(), failure.exception));
            if !chain.things.contains(&failure.thing) {
                chain.things.push(failure.thing);
            }
            chain.last_failure = Some((moment, failure.name));
            chain.exception = exception;
        } else if let Some(thing) = success(moment) {
            for chain in chains.iter_mut().filter(|chain| !chain.recovered && chain.things.contains(&thing)) {
                chain.recovered = true;
                chain.links.push(link(moment, None, None));
            }
        } else if moment.stored.event.event_type == EventType::RetryStarted {
            let place = chains.iter().rposition(|chain| !chain.recovered).unwrap_or_else(|| {
                chains.push(Chain::default());
                chains.len() - 1
            });
            chains[place].links.push(link(moment, None, None));
        }
    }
    chains.into_iter().filter_map(finish).collect()
}

fn finish(chain: Chain<'_>) -> Option<ErrorChain> {
    let (moment, name) = chain.last_failure?;
    let mut links = chain.links;
    links.drain(..links.len().saturating_sub(MOST_LINKS));
    Some(ErrorChain { event_id: moment.stored.event.event_id.to_string(), name, recovered: chain.recovered, links })
}

/// The open chain that a failure goes on: of the same thing, of the same exception on its way up, of a retry that nothing failed
/// after yet; for the task the latest one.
fn place_for(chains: &[Chain<'_>], thing: &Thing<'_>, exception: Option<(&str, Option<&str>)>) -> Option<usize> {
    let open = |pick: &dyn Fn(&Chain<'_>) -> bool| chains.iter().rposition(|chain| !chain.recovered && pick(chain));
    open(&|chain| exception.is_some() && chain.exception == exception)
        .or_else(|| open(&|chain| chain.things.contains(thing)))
        .or_else(|| open(&|chain| chain.things.is_empty()))
        .or_else(|| open(&|_| *thing == Thing::Task))
}

fn failure(moment: &Moment) -> Option<Failure<'_>> {
    match &moment.body {
        Body::ActionFailed(action) => {
            let name = action.name.as_deref().or(action.function.as_deref());
            let thing = Thing::Action(name.or(moment.stored.event.action_id.as_deref()).unwrap_or_default());
            Some(Failure { thing, name: name.map(str::to_owned), exception: Some(&action.exception) })
        }
        Body::TaskFailed(exception) => {
            let name = moment.stored.event.task_id.as_deref().map(str::to_owned);
            Some(Failure { thing: Thing::Task, name, exception: Some(exception) })
        }
        Body::PlanStep(step) if step.action == Some(StepAction::Failed) => {
            let index = step.step_index?;
            Some(Failure { thing: Thing::Step(index), name: Some(format!("Step {}", index + 1)), exception: None })
        }
        _ => None,
    }
}

fn success(moment: &Moment) -> Option<Thing<'_>> {
    match &moment.body {
        Body::ActionCompleted(action) => {
            let name = action.name.as_deref().or(action.function.as_deref());
            Some(Thing::Action(name.or(moment.stored.event.action_id.as_deref()).unwrap_or_default()))
        }
        Body::PlanStep(step) if step.action == Some(StepAction::Completed) => Some(Thing::Step(step.step_index?)),
        Body::TaskCompleted => Some(Thing::Task),
        _ => None,
    }
}

fn link(moment: &Moment, name: Option<String>, exception: Option<&Exception>) -> ChainLink {
    let event = &moment.stored.event;
    let message = match &moment.body {
        Body::RetryStarted(retry) => retry.summary.as_deref(),
        Body::PlanStep(step) => step.summary.as_deref(),
        _ => exception.and_then(|exception| exception.exception_message.as_deref()),
    };
    let own_name = match &moment.body {
        Body::ActionCompleted(action) => action.name.as_deref().map(str::to_owned),
        _ => None,
    };
    ChainLink {
        event_id: event.event_id.to_string(),
        event_type: event.event_type,
        timestamp: moment.at(),
        action_id: event.action_id.as_deref().map(str::to_owned),
        name: name.or(own_name),
        exception_type: exception.and_then(|exception| exception.exception_type.as_deref()).map(str::to_owned),
        message: message.map(str::to_owned),
    }
}
