//! Failures with what led to them: earlier attempts at the same thing, the retries between, and where the exception went.

use std::collections::HashMap;

use hiveboard_wire::{
    Body, EventType, Timestamp,
    body::{Action, Exception, StepAction},
};

use super::{Moment, actions};
use crate::view::{ChainLink, ErrorChain};

/// Links shown a chain; of longer ones the latest.
const MOST_LINKS: usize = 100;
/// Parents walked up from a failure.
const MOST_ANCESTORS: usize = 256;

/// What can fail and be tried again: the same work in the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Thing<'a> {
    /// By its parent and its name.
    Action(Option<&'a str>, &'a str),
    Step(u32),
    Task,
}

type Raised<'a> = (&'a str, Option<&'a str>);

#[derive(Default)]
struct Chain<'a> {
    things: Vec<Thing<'a>>,
    /// Ids of the actions that failed.
    failed: Vec<&'a str>,
    /// Of a retry that nothing failed before: the action that it happened in.
    scope: Option<&'a str>,
    last_failure: Option<(&'a Moment, Option<String>)>,
    exception: Option<Raised<'a>>,
    recovered: bool,
    links: Vec<ChainLink>,
}

struct Failure<'a> {
    thing: Thing<'a>,
    action_id: Option<&'a str>,
    name: Option<String>,
    exception: Option<&'a Exception>,
}

/// What is known of each action, by its id.
struct Known<'a> {
    parents: HashMap<&'a str, &'a str>,
    starts: HashMap<&'a str, Timestamp>,
}

impl<'a> Known<'a> {
    fn new(moments: &'a [Moment]) -> Self {
        let (mut parents, mut starts) = (HashMap::new(), HashMap::new());
        for action in actions::tracked(moments) {
            let Some(id) = action.moments()[0].stored.event.action_id.as_deref() else { continue };
            parents.extend(action.parent().map(|parent| (id, parent)));
            starts.extend(action.started_at().map(|at| (id, at)));
        }
        Self { parents, starts }
    }

    fn thing(&self, moment: &'a Moment, action: &'a Action) -> Thing<'a> {
        let event = &moment.stored.event;
        let id = event.action_id.as_deref();
        let parent = event.parent_action_id.as_deref().or_else(|| id.and_then(|id| self.parents.get(id).copied()));
        let name = action.name.as_deref().or(action.function.as_deref()).or(id);
        Thing::Action(parent, name.unwrap_or_default())
    }

    fn is_below(&self, id: &str, ancestor: &str) -> bool {
        let above = std::iter::successors(self.parents.get(id), |parent| self.parents.get(*parent));
        above.take(MOST_ANCESTORS).any(|parent| *parent == ancestor)
    }

    fn failure(&self, moment: &'a Moment) -> Option<Failure<'a>> {
        let event = &moment.stored.event;
        match &moment.body {
            Body::ActionFailed(action) => Some(Failure {
                thing: self.thing(moment, action),
                action_id: event.action_id.as_deref(),
                name: action.name.as_deref().or(action.function.as_deref()).map(str::to_owned),
                exception: Some(&action.exception),
            }),
            Body::TaskFailed(exception) => Some(Failure {
                thing: Thing::Task,
                action_id: None,
                name: event.task_id.as_deref().map(str::to_owned),
                exception: Some(exception),
            }),
            Body::PlanStep(step) if step.action == Some(StepAction::Failed) => {
                let index = step.step_index?;
                let name = Some(format!("Step {}", u64::from(index) + 1));
                Some(Failure { thing: Thing::Step(index), action_id: None, name, exception: None })
            }
            _ => None,
        }
    }

    /// What succeeded, and when it was begun where that is known.
    fn success(&self, moment: &'a Moment) -> Option<(Thing<'a>, Option<Timestamp>)> {
        match &moment.body {
            Body::ActionCompleted(action) => {
                let id = moment.stored.event.action_id.as_deref();
                Some((self.thing(moment, action), id.and_then(|id| self.starts.get(id).copied())))
            }
            Body::PlanStep(step) if step.action == Some(StepAction::Completed) => {
                Some((Thing::Step(step.step_index?), None))
            }
            Body::TaskCompleted => Some((Thing::Task, None)),
            _ => None,
        }
    }
}

/// In order of their first event.
pub(super) fn chains(moments: &[Moment]) -> Vec<ErrorChain> {
    let known = Known::new(moments);
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for moment in moments {
        if let Some(failure) = known.failure(moment) {
            let exception = failure.exception.and_then(raised);
            let place = place_for(&chains, &known, &failure, exception).unwrap_or_else(|| {
                chains.push(Chain::default());
                chains.len() - 1
            });
            let chain = &mut chains[place];
            chain.links.push(link(moment, failure.name.clone(), failure.exception));
            if !chain.things.contains(&failure.thing) {
                chain.things.push(failure.thing);
            }
            chain.failed.extend(failure.action_id);
            chain.last_failure = Some((moment, failure.name));
            chain.exception = exception;
        } else if let Some((thing, begun)) = known.success(moment) {
            // Made good is what was tried again after it failed; work that went on beside it is not.
            let after = |chain: &Chain<'_>| {
                let failed = chain.last_failure.as_ref().map(|(failure, _)| failure.at());
                begun.zip(failed).is_none_or(|(begun, failed)| begun >= failed)
            };
            for chain in chains.iter_mut().filter(|chain| !chain.recovered && chain.things.contains(&thing)) {
                if after(chain) {
                    chain.recovered = true;
                    chain.links.push(link(moment, None, None));
                }
            }
        } else if moment.stored.event.event_type == EventType::RetryStarted {
            let scope = moment.stored.event.action_id.as_deref();
            let place = retried(&chains, scope).unwrap_or_else(|| {
                chains.push(Chain { scope, ..Chain::default() });
                chains.len() - 1
            });
            chains[place].links.push(link(moment, None, None));
        }
    }
    chains.into_iter().filter_map(finish).collect()
}

fn raised(exception: &Exception) -> Option<Raised<'_>> {
    Some((exception.exception_type.as_deref()?, exception.exception_message.as_deref()))
}

fn finish(chain: Chain<'_>) -> Option<ErrorChain> {
    let (moment, name) = chain.last_failure?;
    let mut links = chain.links;
    links.drain(..links.len().saturating_sub(MOST_LINKS));
    Some(ErrorChain { event_id: moment.stored.event.event_id.to_string(), name, recovered: chain.recovered, links })
}

/// The open chain that a failure goes on: of something inside of it, of the same thing, of a retry there that nothing failed after yet;
/// for the task that of the same exception, else the latest one.
fn place_for(
    chains: &[Chain<'_>],
    known: &Known<'_>,
    failure: &Failure<'_>,
    exception: Option<Raised<'_>>,
) -> Option<usize> {
    let open = |pick: &dyn Fn(&Chain<'_>) -> bool| chains.iter().rposition(|chain| !chain.recovered && pick(chain));
    let inside = |chain: &Chain<'_>| {
        failure.action_id.is_some_and(|id| chain.failed.iter().any(|failed| known.is_below(failed, id)))
    };
    let parent = match failure.thing {
        Thing::Action(parent, _) => parent,
        _ => None,
    };
    open(&inside)
        .or_else(|| open(&|chain| chain.things.contains(&failure.thing)))
        .or_else(|| open(&|chain| chain.things.is_empty() && chain.scope == parent))
        .or_else(|| open(&|chain| failure.thing == Thing::Task && exception.is_some() && chain.exception == exception))
        .or_else(|| open(&|_| failure.thing == Thing::Task))
}

/// The open chain that a retry belongs to: what failed in the action that it happened in, or that action itself.
fn retried(chains: &[Chain<'_>], scope: Option<&str>) -> Option<usize> {
    let open = |pick: &dyn Fn(&Chain<'_>) -> bool| chains.iter().rposition(|chain| !chain.recovered && pick(chain));
    let Some(scope) = scope else { return open(&|_| true) };
    let of_scope = |chain: &Chain<'_>| {
        chain.failed.contains(&scope)
            || chain.scope == Some(scope)
            || chain.things.iter().any(|thing| matches!(thing, Thing::Action(Some(parent), _) if *parent == scope))
    };
    open(&of_scope)
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
