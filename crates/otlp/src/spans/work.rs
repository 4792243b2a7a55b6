//! Tasks and actions.

use std::{borrow::Cow, sync::Arc};

use hiveboard_wire::EventType;

use super::{failure::Diverted, pause::asked, told::Told};
use crate::{
    attributes::hex,
    draft::{Draft, failed, label},
    memory::Trace,
    preview,
    role::Role,
};

impl Told<'_> {
    /// Start and end of the task whose topmost span this is.
    pub(super) fn task(&self) -> Vec<Draft> {
        let name = self.name.as_str();
        let kind = label(name);
        let start = Draft {
            task_type: Some(kind.clone()),
            ..self
                .draft("task:start", EventType::TaskStarted, self.start)
                .with("summary", name)
                .with_some("input", self.prompt())
                .with("attributes", preview::others(self.attributes))
        };
        let end = match (&self.error, self.diverted) {
            (Some((exception, message)), _) => {
                failed(self.draft("task:end", EventType::TaskFailed, self.end), exception, message)
            }
            (None, Some(Diverted::Cancelled)) => {
                Draft { status: Some("cancelled"), ..self.draft("task:end", EventType::TaskCompleted, self.end) }
            }
            (None, _) => self.draft("task:end", EventType::TaskCompleted, self.end),
        };
        let end = Draft { task_type: Some(kind), ..end };
        vec![start, end.lasted(Some(self.duration_ms())).with_some("output", self.response())]
    }

    /// The same, of one that ended by the failure of its last agent, and does not say so itself.
    pub(super) fn task_of(&self, trace: &Trace) -> Vec<Draft> {
        let mut task = self.task();
        if self.error.is_none()
            && self.correlation().is_some()
            && let Some(question) = trace.question_of(self.id)
        {
            let end = task.pop();
            task.extend(end.map(|end| asked(["otlp:", &self.trace_hex, ":", &self.id_hex].concat(), question, end)));
            return task;
        }
        if self.error.is_none()
            && self.diverted.is_none()
            && (matches!(self.role, Role::Workflow | Role::Step) || self.is_frame())
            && let Some((_, agent)) = trace.failed_agent_below(self.id)
        {
            let end = task.pop().map(|end| ended_by(&agent.name, Draft { event_type: EventType::TaskFailed, ..end }));
            task.extend(end);
        }
        task
    }

    /// The agent by whose failure a task ended came after the task, which by now is told as completed; or what is between them did.
    pub(super) fn say_end_of_failed_workflow(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let task = trace.task_above(self.id).filter(|(_, above)| above.is_settled && !above.failed);
        let Some((agent, (id, above))) = task.and_then(|task| Some((trace.failed_agent_below(task.0)?.1, task))) else {
            return;
        };
        let event_id = ["otlp:", &self.trace_hex, ":", &hex(&id), ":task:failed"].concat();
        let end = Draft::new(event_id, EventType::TaskFailed, above.end.plus_micros(1));
        let end = end.of(Arc::clone(&self.trace_hex)).correlated(self.correlation());
        drafts.push(ended_by(&agent.name, end));
    }

    /// A tool that two tell of, one around the other, is one action: of whoever comes first, as the inner one does.
    pub(super) fn say_tool(&self, trace: &mut Trace, drafts: &mut Vec<Draft>) {
        let Some(other) = trace.double_of_tool(self.id) else {
            trace.note_action(self.id);
            self.say_action(trace, drafts);
            return;
        };
        // It may know what the other does not: what the tool was given, and what it answered.
        let mut place = Vec::new();
        self.say_place(&mut place);
        drafts.extend(
            place.pop().map(|place| place.with_some("args", self.arguments()).with_some("result", self.result())),
        );
        if let (Some((exception, message)), false) = (&self.error, other.failed) {
            let end = self.draft("double:end", EventType::ActionFailed, self.end.max(other.end.plus_micros(1)));
            let end = end.action(&other.action, None).with("action_name", self.name.as_str());
            drafts.push(failed(end, exception, message));
        }
    }

    fn arguments(&self) -> Option<Cow<'_, str>> {
        preview::of_first(self.attributes, preview::ARGUMENTS)
            .or_else(|| preview::asked_by_events(&self.span.events))
            .or_else(|| self.told_by_template("input"))
    }

    fn result(&self) -> Option<Cow<'_, str>> {
        preview::of_first(self.attributes, preview::RESULTS)
            .or_else(|| preview::answered_by_events(&self.span.events))
            .or_else(|| self.told_by_template("output"))
    }

    pub(super) fn say_action(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let name = self.name.as_str();
        let id = self.action_id();
        let parent = self.home_hex(trace);
        let on_this = |draft: Draft| draft.action(&id, parent.as_deref()).with("action_name", name);
        drafts.push(
            on_this(self.draft("start", EventType::ActionStarted, self.start)).with_some("args", self.arguments()),
        );
        let execution = trace
            .children(self.id)
            .any(|(_, child)| child.role == Role::Execution && child.failed)
            .then(|| ("ToolError".to_owned(), format!("{name} failed")));
        let end = match self.error.clone().or(execution) {
            Some((exception, message)) => {
                failed(self.draft("end", EventType::ActionFailed, self.end), &exception, &message)
            }
            None => self.draft("end", EventType::ActionCompleted, self.end),
        };
        let diverted = self.diverted.map(|diverted| match diverted {
            Diverted::HandedOver => "handed over",
            Diverted::Paused => "paused for a person",
            Diverted::Cancelled => "cancelled",
        });
        drafts.push(
            on_this(end)
                .lasted(Some(self.duration_ms()))
                .with_some("result", self.result())
                .with_some("outcome", diverted)
                .with("attributes", preview::others(self.attributes)),
        );
    }
}

fn ended_by(agent: &str, end: Draft) -> Draft {
    failed(end, "AgentFailed", &format!("{agent} failed"))
}
