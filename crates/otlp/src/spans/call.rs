//! Model calls.

use super::told::Told;
use crate::{
    draft::{Call, Draft},
    memory::{Trace, Waiting},
    preview,
    role::Role,
};

impl Told<'_> {
    pub(super) fn say_call(&self, trace: &mut Trace, fresh: bool, drafts: &mut Vec<Draft>) {
        // The innermost span that knows the tokens tells of the call; those around it repeat them.
        let told_below = trace.children(self.id).any(|(_, child)| child.role == Role::Model && child.told_usage);
        if told_below {
            return;
        }
        let draft = self.call();
        if self.usage.is_told() {
            drafts.push(draft);
            return;
        }
        match trace.is_told_elsewhere(self.id) {
            Ok(false) => drafts.push(draft),
            Err(_) if fresh => trace.look_at(Waiting { if_alone: Some(draft), ..Waiting::of(self.id) }),
            Err(_) | Ok(true) => {}
        }
    }

    pub(super) fn call(&self) -> Draft {
        let attributes = self.attributes;
        let mut call = Call {
            name: self.name.clone(),
            model: attributes
                .first_text(&[
                    "gen_ai.response.model",
                    "ai.response.model",
                    "llm.model_name",
                    "gen_ai.request.model",
                    "ai.model.id",
                    "model",
                ])
                .map(str::to_owned),
            duration_ms: Some(self.duration_ms()),
            prompt_preview: preview::prompt(attributes),
            response_preview: preview::response(attributes),
            error: self.error.as_ref().map(|(kind, message)| format!("{kind}: {message}")),
            ..Call::default()
        };
        self.usage.write(&mut call);
        let response = attributes.first_text(&["gen_ai.response.id", "ai.response.id"]);
        call.note("response_id", response);
        call.note(
            "provider",
            attributes.first_text(&[
                "gen_ai.provider.name",
                "gen_ai.system",
                "llm.provider",
                "llm.system",
                "ai.model.provider",
            ]),
        );
        call.note("attributes", Some(preview::others(attributes)).filter(|others| !others.is_empty()));
        // Two instrumentations that tell of one call name the same answer of the provider.
        let event_id = match (self.shared_id(), response) {
            (None, Some(response)) if self.usage.is_told() => format!("otlp:{}:{response}:llm", self.trace_hex),
            _ => self.event_id("llm"),
        };
        call.draft(event_id, self.end)
            .of_task(&self.trace_hex)
            .correlated(self.correlation())
            .below(self.parent_hex().as_deref())
    }
}
