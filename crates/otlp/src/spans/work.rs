//! Tasks and actions.

use hiveboard_wire::EventType;

use super::{failure::Diverted, told::Told};
use crate::{
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

    pub(super) fn say_action(&self, trace: &Trace, drafts: &mut Vec<Draft>) {
        let name = self.name.as_str();
        let id = self.action_id();
        let parent = self.parent_hex();
        let on_this = |draft: Draft| draft.action(&id, parent.as_deref()).with("action_name", name);
        let arguments = preview::of_first(
            self.attributes,
            &[
                "gen_ai.tool.call.arguments",
                "gen_ai.tool.args",
                "gen_ai.tool.input",
                "ai.toolCall.args",
                "tool.parameters",
                "input.value",
                "traceloop.entity.input",
                "langfuse.observation.input",
                "mlflow.spanInputs",
                "lmnr.span.input",
                "haystack.agent.step.tool.input",
                "haystack.agent.input",
                "tool_input",
            ],
        )
        .or_else(|| preview::asked_by_events(&self.span.events))
        .or_else(|| self.told_by_template("input"));
        let result = preview::of_first(
            self.attributes,
            &[
                "gen_ai.tool.call.result",
                "gen_ai.tool.output",
                "gen_ai.output",
                "ai.toolCall.result",
                "output.value",
                "traceloop.entity.output",
                "langfuse.observation.output",
                "mlflow.spanOutputs",
                "lmnr.span.output",
                "haystack.agent.step.tool.output",
                "haystack.agent.output",
            ],
        )
        .or_else(|| preview::answered_by_events(&self.span.events))
        .or_else(|| self.told_by_template("output"));
        drafts.push(on_this(self.draft("start", EventType::ActionStarted, self.start)).with_some("args", arguments));
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
                .with_some("result", result)
                .with_some("outcome", diverted)
                .with("attributes", preview::others(self.attributes)),
        );
    }
}
