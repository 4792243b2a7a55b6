//! Texts cut for showing, and the attributes that are kept as they came.

use std::{borrow::Cow, sync::LazyLock};

use opentelemetry_proto::tonic::{common::v1::any_value::Value as Any, trace::v1::span::Event};
use serde_json::Value;

use crate::{
    attributes::{Attributes, Name, Names, as_json, as_text, names},
    fields::{Members, Written},
};

/// Longest preview of a prompt, an answer, an argument or a result, in characters.
const PREVIEW_CHARS: usize = 2_000;
/// Longest value of any other attribute.
const ATTRIBUTE_CHARS: usize = 256;
/// Other attributes that are kept of one span or record.
const MOST_ATTRIBUTES: usize = 40;

/// What emitters call that which a span was given, those first that say most.
const INPUTS: &[Name] = &names([
    "gen_ai.input.messages",
    "ai.prompt.messages",
    "ai.prompt",
    "input.value",
    "traceloop.entity.input",
    "langfuse.observation.input",
    "mlflow.spanInputs",
    "lmnr.span.input",
    "haystack.agent.step.llm.input",
    "haystack.component.input",
    "haystack.agent.input",
    "haystack.pipeline.input_data",
    "gen_ai.prompt",
    "gen_ai.prompt_json",
    "genkit:input",
    "langwatch.input",
    "confident.span.input",
    "agentops.entity.input",
    "braintrust.input_json",
    "gcp.vertex.agent.llm_request",
    "llm.messages",
    "input",
]);
/// The same of what it answered.
pub(crate) const OUTPUTS: &[Name] = &names([
    "gen_ai.output.messages",
    "gen_ai.output",
    "ai.response.text",
    "output.value",
    "traceloop.entity.output",
    "langfuse.observation.output",
    "mlflow.spanOutputs",
    "lmnr.span.output",
    "haystack.agent.step.llm.output",
    "haystack.component.output",
    "haystack.agent.output",
    "haystack.pipeline.output_data",
    "gen_ai.completion",
    "gen_ai.completion_json",
    "genkit:output",
    "langwatch.output",
    "confident.span.output",
    "agentops.entity.output",
    "braintrust.output_json",
    "gcp.vertex.agent.llm_response",
    "output",
]);

/// What emitters call that which a tool was given.
pub(crate) const ARGUMENTS: &[Name] = &names([
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.args",
    "gen_ai.tool.input",
    "ai.toolCall.args",
    "tool.arguments",
    "spring.ai.tool.call.arguments",
    "gcp.vertex.agent.tool_call_args",
    "input.value",
    "traceloop.entity.input",
    "langfuse.observation.input",
    "mlflow.spanInputs",
    "lmnr.span.input",
    "haystack.agent.step.tool.input",
    "haystack.agent.input",
    "genkit:input",
    "langwatch.input",
    "confident.span.input",
    "agentops.entity.input",
    "gen_ai.prompt",
    "tool_input",
    "input",
    // Of some the arguments, of others what arguments it takes.
    "tool.parameters",
]);
/// What it answered.
pub(crate) const RESULTS: &[Name] = &names([
    "gen_ai.tool.call.result",
    "gen_ai.tool.output",
    "gen_ai.output",
    "ai.toolCall.result",
    "spring.ai.tool.call.result",
    "gcp.vertex.agent.tool_response",
    "output.value",
    "traceloop.entity.output",
    "langfuse.observation.output",
    "mlflow.spanOutputs",
    "lmnr.span.output",
    "haystack.agent.step.tool.output",
    "haystack.agent.output",
    "genkit:output",
    "langwatch.output",
    "confident.span.output",
    "agentops.entity.output",
    "gen_ai.completion",
    "output",
]);

pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No more bytes are no more letters.
    if text.len() <= most {
        return text.into();
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => [&text[..end], "…"].concat().into(),
        None => text.into(),
    }
}

pub(crate) fn preview(text: &str) -> Cow<'_, str> {
    cut(text, PREVIEW_CHARS)
}

/// The first of these attributes, as text.
pub(crate) fn of_first<'a>(attributes: Attributes<'a>, names: &'static [Name]) -> Option<Cow<'a, str>> {
    attributes.of_names(names).next().map(|(_, value)| shown(value))
}

/// That attribute, as text.
pub(crate) fn of<'a>(attributes: Attributes<'a>, name: &str) -> Option<Cow<'a, str>> {
    attributes.get(name).map(shown)
}

fn shown(value: &Any) -> Cow<'_, str> {
    match value {
        Any::StringValue(text) => preview(text),
        value => preview(&as_text(value)).into_owned().into(),
    }
}

/// The content of the last message in a list that is spread over attributes: `<prefix>.<n>.<rest>`.
fn last_message<'a>(attributes: Attributes<'a>, prefix: &str, rests: &[&str]) -> Option<Cow<'a, str>> {
    let (_, value) = attributes
        .iter()
        .filter_map(|(name, value)| {
            // Ends as the prefix does, where it ends: most names don't.
            name.as_bytes().get(prefix.len() - 1).filter(|last| **last == b'.')?;
            let (number, rest) = name.strip_prefix(prefix)?.split_once('.')?;
            rests.contains(&rest).then_some((number.parse::<u32>().ok()?, value))
        })
        .max_by_key(|(number, _)| *number)?;
    Some(shown(value)).filter(|text| !text.is_empty())
}

/// Messages told by events of the span: of the last event so named, the first of these attributes.
fn of_event<'a>(events: &'a [Event], names: &[&str], attributes: &[&str]) -> Option<Cow<'a, str>> {
    let event = events.iter().rev().find(|event| names.contains(&event.name.as_str()))?;
    let told = Attributes::of(&event.attributes);
    attributes.iter().find_map(|name| of(told, name)).filter(|text| !text.is_empty())
}

const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// What was asked; of a tool, its arguments.
pub(crate) fn asked_by_events(events: &[Event]) -> Option<Cow<'_, str>> {
    of_event(events, &["gen_ai.user.message", "gen_ai.tool.message"], &["content"])
        .or_else(|| of_event(events, &["gen_ai.content.prompt"], &["gen_ai.prompt"]))
        .or_else(|| of_event(events, &[DETAILS], &["gen_ai.input.messages"]))
}

/// What was answered; of a tool, its result.
pub(crate) fn answered_by_events(events: &[Event]) -> Option<Cow<'_, str>> {
    of_event(events, &["gen_ai.choice"], &["message", "content"])
        .or_else(|| of_event(events, &["gen_ai.content.completion"], &["gen_ai.completion"]))
        .or_else(|| of_event(events, &[DETAILS], &["gen_ai.output.messages"]))
}

pub(crate) fn prompt(attributes: Attributes<'_>) -> Option<Cow<'_, str>> {
    last_message(attributes, "llm.input_messages.", &["message.content"])
        .or_else(|| last_message(attributes, "gen_ai.prompt.", &["content"]))
        .or_else(|| of_first(attributes, INPUTS))
}

pub(crate) fn response(attributes: Attributes<'_>) -> Option<Cow<'_, str>> {
    last_message(attributes, "llm.output_messages.", &["message.content"])
        .or_else(|| last_message(attributes, "gen_ai.completion.", &["content"]))
        .or_else(|| of_first(attributes, OUTPUTS))
}

/// The first letter, or the first behind the prefix that half of all have.
fn letter(name: &str) -> usize {
    match name.as_bytes() {
        [b'g', b'e', b'n', b'_', b'a', b'i', b'.', letter, ..] => usize::from(*letter) | 128,
        [letter, ..] => usize::from(*letter) & 127,
        [] => 0,
    }
}

/// Shown by other fields, or as large as the conversation itself.
fn is_told_elsewhere(name: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "gen_ai.input.",
        "gen_ai.tool.args",
        "gen_ai.tool.input",
        "gen_ai.tool.output",
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.usage.",
        "gen_ai.aggregated_usage.",
        "gen_ai.output.",
        "gen_ai.response.",
        "gen_ai.request.model",
        "gen_ai.operation.name",
        "llm.input_messages",
        "llm.output_messages",
        "llm.token_count",
        "llm.tools",
        "llm.usage",
        "input.",
        "output.",
        "ai.prompt",
        "ai.response",
        "ai.usage",
        "ai.toolCall",
        "pydantic_ai.all_messages",
        "all_messages_events",
        "logfire.json_schema",
        "model_request_parameters",
        "tool.parameters",
        "langfuse.observation.usage_details",
        "langfuse.observation.cost_details",
        "mlflow.chat.",
        "hiveboard.",
    ];
    const NAMES: &[&str] = &["prompt", "arguments", "function_args", "tool_parameters"];
    /// By the letter that tells most of them apart.
    static BY_LETTER: LazyLock<[Vec<(&str, bool)>; 256]> = LazyLock::new(|| {
        let mut all = [const { Vec::new() }; 256];
        for prefix in PREFIXES {
            all[letter(prefix)].push((*prefix, true));
        }
        let told = [INPUTS, OUTPUTS, ARGUMENTS, RESULTS].into_iter().flatten().map(|name| name.text);
        for name in NAMES.iter().copied().chain(told) {
            all[letter(name)].push((name, false));
        }
        all
    });
    let told = &BY_LETTER[letter(name)];
    told.iter().any(|(told, is_prefix)| if *is_prefix { name.starts_with(told) } else { name == *told })
}

/// All other attributes, so that nothing is lost and everything can be searched.
#[derive(Debug, Clone)]
pub(crate) struct Others<'a> {
    attributes: Attributes<'a>,
    /// Said beside them.
    beside: Option<(&'static str, String)>,
}

pub(crate) const fn others(attributes: Attributes<'_>) -> Others<'_> {
    Others { attributes, beside: None }
}

impl<'a> Others<'a> {
    pub(crate) fn and(self, name: &'static str, value: Option<String>) -> Self {
        Self { beside: value.map(|value| (name, value)), ..self }
    }

    /// Of attributes that come twice, the first.
    fn kept(&self) -> impl Iterator<Item = (&'a str, &'a Any)> {
        let attributes = self.attributes;
        let mut seen = Names::default();
        let is_first = move |(name, value): &(&'a str, &'a Any)| {
            let may_be_known = !seen.note(name);
            !may_be_known || attributes.get(name).is_some_and(|first| std::ptr::eq(first, *value))
        };
        attributes.iter().filter(|(name, _)| !is_told_elsewhere(name)).filter(is_first).take(MOST_ATTRIBUTES)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.beside.is_none() && self.kept().next().is_none()
    }
}

impl Written for Others<'_> {
    fn write(&self, to: &mut Vec<u8>) {
        let mut members = Members::open(to);
        for (name, value) in self.kept() {
            let name = cut(name, ATTRIBUTE_CHARS);
            match value {
                Any::StringValue(text) => members.put_named(&name, cut(text, ATTRIBUTE_CHARS)),
                Any::BoolValue(truth) => members.put_named(&name, *truth),
                Any::IntValue(number) => members.put_named(&name, *number),
                value => members.put_named(&name, shortened(as_json(value, 0))),
            }
        }
        if let Some((name, value)) = &self.beside {
            members.put(name, value);
        }
        members.close();
    }
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) => cut(&text, ATTRIBUTE_CHARS).into(),
        plain @ (Value::Bool(_) | Value::Number(_) | Value::Null) => plain,
        nested => cut(&nested.to_string(), ATTRIBUTE_CHARS).into(),
    }
}
