//! Model calls.

use std::sync::Arc;

use super::told::Told;
use crate::{
    draft::{Call, Draft},
    haystack,
    memory::{Trace, Waiting},
    preview,
    role::{Role, by_name},
};

impl Told<'_> {
    pub(super) fn say_call(&self, trace: &mut Trace, fresh: bool, drafts: &mut Vec<Draft>) {
        // The innermost span that knows the tokens tells of the call; those around it repeat them.
        if trace.is_told_below(self.id) || self.begins_stream() {
            return;
        }
        let draft = self.call(trace);
        if self.usage.is_told() {
            if !trace.is_told_beside(self.id) {
                drafts.push(draft);
                trace.note_said(self.id);
            }
            return;
        }
        match trace.is_told_elsewhere(self.id) {
            Ok(false) => drafts.push(draft),
            Err(_) if fresh => trace.look_at(Waiting { if_alone: Some(draft), ..Waiting::of(self.id) }),
            Err(_) | Ok(true) => {}
        }
    }

    pub(super) fn response_id(&self) -> Option<&str> {
        self.attributes.first_text(&["gen_ai.response.id", "ai.response.id"])
    }

    pub(super) fn provider(&self) -> Option<&str> {
        self.attributes.first_text(&[
            "gen_ai.provider.name",
            "gen_ai.system",
            "llm.provider",
            "llm.system",
            "ai.model.provider",
        ])
    }

    /// Logfire ends its span of a streamed call when the stream begins, and tells of the call by a record when the stream ends.
    fn begins_stream(&self) -> bool {
        self.scope.starts_with("logfire.")
            && self.attributes.text("logfire.span_type") == Some("span")
            && self.error.is_none()
            && !self.usage.is_told()
            && self.response_id().is_none()
            && self.attributes.get("response_data").is_none()
            && self.response().is_none()
    }

    fn ends_stream(&self) -> bool {
        self.attributes.text("logfire.span_type") == Some("log")
    }

    /// What tells of the end of a stream lasts no time itself, and says how many seconds the stream took.
    fn call_duration_ms(&self) -> f64 {
        let told = self.attributes.number("duration").filter(|seconds| self.ends_stream() && *seconds >= 0.0);
        told.map_or_else(|| self.duration_ms(), |seconds| seconds * 1_000.0)
    }

    fn model(&self) -> Option<String> {
        let attributes = self.attributes;
        let by_operation = || {
            let (_, model) = self.span.name.split_once(' ').filter(|_| by_name(&self.span.name) == Role::Model)?;
            Some(model).filter(|model| !model.contains(' '))
        };
        attributes
            .first_text(&[
                "gen_ai.response.model",
                "ai.response.model",
                "llm.model_name",
                "gen_ai.request.model",
                "ai.model.id",
                "langfuse.observation.model.name",
                "embedding.model_name",
                "reranker.model_name",
                "confident.llm.model",
                "llm.model",
                "ai.model.name",
            ])
            .or_else(|| ["mlflow.llm.model", "model"].iter().find_map(|name| attributes.unquoted(name)))
            .map(str::to_owned)
            .or_else(|| haystack::answer(attributes)?.get("model")?.as_str().map(str::to_owned))
            .or_else(|| {
                let given = ["llm.invocation_parameters", "embedding.invocation_parameters"];
                let given = given.iter().find_map(|name| attributes.map(name))?;
                ["model", "model_name"].iter().find_map(|name| given.get(*name)?.as_str()).map(str::to_owned)
            })
            // A provider's name stands before the model's.
            .or_else(|| Some(attributes.text("genkit:name")?.split_once('/')?.1.to_owned()))
            .or_else(|| by_operation().map(str::to_owned))
    }

    pub(super) fn call(&self, trace: &Trace) -> Draft {
        let attributes = self.attributes;
        let mut call = Call {
            name: self.name.clone(),
            model: self.model(),
            duration_ms: Some(self.call_duration_ms()),
            prompt_preview: self.prompt(),
            response_preview: self.response(),
            error: self.error.as_ref().map(|(kind, message)| format!("{kind}: {message}")),
            ..Call::default()
        };
        self.usage.write(&mut call);
        let response = self.response_id();
        call.note("response_id", response);
        call.note("provider", self.provider());
        call.note("attributes", Some(preview::others(attributes)).filter(|others| !others.is_empty()));
        // Two instrumentations that tell of one call name the same answer of the provider.
        let event_id = match (self.shared_id(), response) {
            (None, Some(response)) if self.usage.is_told() && !trace.was_bare(self.id) => {
                format!("otlp:{}:{response}:llm", self.trace_hex)
            }
            _ => self.event_id("llm"),
        };
        call.draft(event_id, self.end)
            .of(Arc::clone(&self.trace_hex))
            .correlated(self.correlation())
            .below(self.home_hex(trace).as_deref())
    }
}
