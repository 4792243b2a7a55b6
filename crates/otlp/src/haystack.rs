//! Haystack traces itself in words of its own: spans by name, and what a model answered as JSON where it is told to trace contents.

use serde_json::{Map, Value};

use crate::{attributes::Attributes, role::Role};

pub(crate) fn role(name: &str, attributes: Attributes<'_>) -> Option<Role> {
    Some(match name.strip_prefix("haystack.")? {
        "agent.run" => Role::Agent,
        "pipeline.run" | "async_pipeline.run" => Role::Workflow,
        "agent.step.llm" => Role::Model,
        "agent.step.tool" => Role::Tool,
        "component.run" if is_generator(attributes) => Role::Model,
        _ => Role::Step,
    })
}

/// A component that asks a model is a generator by its name.
fn is_generator(attributes: Attributes<'_>) -> bool {
    attributes.text("haystack.component.type").is_some_and(|kind| kind.ends_with("Generator"))
}

/// Model and usage, as the provider told them with its answer.
pub(crate) fn answer(attributes: Attributes<'_>) -> Option<Map<String, Value>> {
    let name = match attributes.get("haystack.agent.step.llm.output") {
        Some(_) => "haystack.agent.step.llm.output",
        None => "haystack.component.output",
    };
    let mut output = attributes.map(name)?;
    let of_reply = output.get_mut("replies").and_then(|replies| replies.get_mut(0)?.get_mut("meta").map(Value::take));
    let meta = of_reply.or_else(|| output.get_mut("meta")?.get_mut(0).map(Value::take))?;
    match meta {
        Value::Object(meta) => Some(meta),
        _ => None,
    }
}
