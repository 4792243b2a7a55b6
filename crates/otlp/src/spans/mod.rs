//! Spans: tasks, actions, model calls.
//!
//! The topmost span of an agent's work in a trace is a task, whose id is the trace's; nested agents and tools are actions; a model
//! call is told by the innermost span that knows its tokens. Steps between them leave a note of their place, so that what hangs below
//! a step is drawn below what the step belongs to.

mod call;
mod failure;
mod name;
mod pause;
mod prompt;
mod retry;
mod told;
mod work;

use std::{collections::BTreeMap, sync::Arc};

use hashbrown::HashSet;
use hiveboard_wire::{Scope, Timestamp};
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::ScopeSpans};

use self::{
    pause::say_pauses_of_ended_tasks,
    told::{Told, read},
};
use crate::{
    Mapped, agent,
    attributes::Attributes,
    batch::Identity,
    draft::{Draft, label},
    memory::{ASKED, Known, Memory, Paused, Place, SpanId, Trace, TraceId, Waiting},
};

/// Their log records tell all of it, and better; their spans are internals, or the same once more in traces of their own.
const TOLD_BY_LOGS: &[&str] = &["gemini-cli", "qwen-code", "codex_exec", "codex-app-server", "codex_cli_rs"];

impl Memory {
    /// Maps the spans of a request. `scope`: whose they are.
    pub fn spans(&self, scope: Scope, request: &ExportTraceServiceRequest) -> Mapped {
        let mut mapped = Mapped::default();
        for resource in &request.resource_spans {
            let attributes = Attributes::of(resource.resource.as_ref().map_or(&[], |one| &one.attributes));
            let scopes = resource.scope_spans.iter().filter_map(|one| Some(one.scope.as_ref()?.name.as_str()));
            let identity = Arc::new(agent::identity(attributes, scopes));
            let project = attributes.first_text(&["hiveboard.project_id", "openinference.project.name"]);
            let project: Option<Arc<str>> = project.map(|project| label(project).into());
            if TOLD_BY_LOGS.contains(&identity.framework.as_str()) {
                continue;
            }
            let mut by_trace: BTreeMap<TraceId, Vec<Told<'_>>> = BTreeMap::new();
            let name = |group: &ScopeSpans| group.scope.as_ref().map_or("", |scope| scope.name.as_str()).into();
            let names: Vec<Arc<str>> = resource.scope_spans.iter().map(name).collect();
            let mut known = None;
            for (group, name) in resource.scope_spans.iter().zip(&names) {
                for span in &group.spans {
                    match read(span, name, &mut known) {
                        Ok((trace, told)) => by_trace.entry(trace).or_default().push(told),
                        Err(why) => mapped.reject(why),
                    }
                }
            }
            // Traces of which the same is told share batches.
            let mut said: Vec<(Arc<Identity>, Vec<Draft>)> = Vec::new();
            for (trace, told) in by_trace {
                let (mut drafts, settled, identity) = self.of_trace(scope, &identity, project.as_ref(), trace, told);
                self.pauses.lock().follow(scope, &identity.agent_id, &mut drafts);
                mapped
                    .settled
                    .extend(settled.into_iter().map(|one| ((scope, identity.agent_id.as_str().into(), trace), one)));
                for draft in &mut drafts {
                    draft.project_id.clone_from(&project);
                }
                match said.iter_mut().find(|(other, _)| *other == identity) {
                    Some((_, before)) => before.append(&mut drafts),
                    None => said.push((identity, drafts)),
                }
            }
            for (identity, drafts) in said {
                mapped.add(&identity, &drafts);
            }
        }
        mapped
    }

    /// All spans of a request that are of one trace: first their places, then what they say, in the order in which they ended.
    fn of_trace(
        &self,
        scope: Scope,
        identity: &Arc<Identity>,
        project: Option<&Arc<str>>,
        id: TraceId,
        mut all: Vec<Told<'_>>,
    ) -> (Vec<Draft>, Vec<Waiting>, Arc<Identity>) {
        // Of a span that comes twice, what says more.
        all.sort_by_key(|told| (told.id, std::cmp::Reverse((told.end, told.span.attributes.len()))));
        all.dedup_by_key(|told| told.id);
        all.sort_by_key(|told| (told.end, std::cmp::Reverse(told.start), told.id));
        let mut traces = self.traces.lock();
        let trace = traces.trace(scope, &identity.agent_id, id);
        let mut identity = Arc::clone(identity);
        if let Some((before, _)) = trace.of.take() {
            // A part of a trace may hold nothing of what its agent is built with.
            if agent::says_less(&identity.framework, &before.framework) {
                Arc::make_mut(&mut identity).framework.clone_from(&before.framework);
            }
        }
        trace.of = Some((Arc::clone(&identity), project.cloned()));
        let fresh: Vec<bool> = all.iter().map(|told| trace.see(told.id, told.seen())).collect();
        let mut drafts = Vec::new();
        // What is sent again says the same again: ids are the same, and nothing waits twice.
        for (told, fresh) in all.iter().zip(fresh) {
            told.say(trace, fresh, &mut drafts);
        }
        retry::say_retries(trace, &all, &mut drafts);
        let settled = settle(trace, &mut drafts);
        say_pauses_of_ended_tasks(trace, id, &mut drafts);
        (drafts, settled, identity)
    }

    /// Says what waits for spans that never come: of traces that were silent since this was last called, of processes that were not.
    /// To be called seldom, for a parent ends after its children, and may take long.
    pub fn give_up(&self) -> Vec<(Scope, Mapped)> {
        let mut given_up = Vec::new();
        for ((scope, agent, id), trace) in self.traces.lock().give_up() {
            let Some((identity, project)) = trace.of.clone() else { continue };
            let (mut drafts, mut mapped) = (Vec::new(), Mapped::default());
            let settled = settle(trace, &mut drafts);
            self.pauses.lock().follow(*scope, agent, &mut drafts);
            for draft in &mut drafts {
                draft.project_id.clone_from(&project);
            }
            mapped.settled.extend(settled.into_iter().map(|one| ((*scope, agent.clone(), *id), one)));
            mapped.add(&identity, &drafts);
            given_up.push((*scope, mapped));
        }
        given_up
    }

    /// Learns of a task that has waited for a person since before this began: what goes on with it ends the wait.
    pub fn wait(&self, scope: Scope, paused: &Paused<'_>) {
        self.pauses.lock().wait(scope, paused);
    }

    /// Forgets that what waited was said: it could not be stored, and will be said when the request comes again.
    pub fn take_back(&self, mapped: Mapped) {
        let mut traces = self.traces.lock();
        for ((scope, agent, trace), waiting) in mapped.settled {
            traces.trace(scope, &agent, trace).look_at(waiting);
        }
    }
}

/// Says what waited and can be said now, and answers what was said.
fn settle(trace: &mut Trace, drafts: &mut Vec<Draft>) -> Vec<Waiting> {
    let mut settled = Vec::new();
    let mut adopters = HashSet::new();
    for one in trace.take_due() {
        match said(trace, &one, &mut adopters) {
            Ok(mut now) => {
                if now.iter().any(|draft| draft.event_id.ends_with(ASKED)) {
                    trace.note_asked(one.span);
                }
                drafts.append(&mut now);
                trace.note_settled(one.span);
                settled.push(one);
            }
            Err(missing) => trace.wait(missing, one),
        }
    }
    settled
}

/// What becomes of it where it stands.
fn said(trace: &Trace, one: &Waiting, adopters: &mut HashSet<SpanId>) -> Known<Vec<Draft>> {
    let mut drafts = match trace.place(one.span)? {
        Place::Topmost if one.if_topmost.is_empty() => Vec::new(),
        Place::Topmost => match trace.adopter(one.span) {
            Some((top, task)) => {
                let task = if adopters.insert(top) { task } else { &[] };
                [task, &one.if_adopted].concat()
            }
            None => one.if_topmost.clone(),
        },
        Place::Below(_) if one.if_nested.is_empty() && one.if_doubled.is_empty() => Vec::new(),
        Place::Below(_) if trace.is_doubled(one.span)? => one.if_doubled.clone(),
        Place::Below(_) => one.if_nested.clone(),
    };
    if let (Some(alone), false) = (&one.if_alone, trace.is_told_elsewhere(one.span)?) {
        drafts.push(alone.clone());
    }
    if let Some(correlation) =
        drafts.first().filter(|draft| draft.correlation_id.is_none()).and_then(|_| trace.correlation(one.span))
    {
        for draft in &mut drafts {
            draft.correlation_id = Some(label(correlation));
        }
    }
    Ok(drafts)
}

pub(crate) fn time(nanoseconds: u64) -> Option<Timestamp> {
    (nanoseconds > 0).then(|| Timestamp::from_micros((nanoseconds / 1_000) as i64))
}
