//! Tokens of a model call, by the names that conventions have given them.

use serde_json::{Map, Value};

use crate::{
    attributes::{Attributes, Name, names},
    draft::Call,
    haystack, preview,
};

const INPUT: &[Name] = &names([
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "llm.usage.input_tokens",
    "usage.prompt_tokens",
    "usage.input_tokens",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
    "confident.llm.input_token_count",
    "input_tokens",
    "prompt_tokens",
]);
const OUTPUT: &[Name] = &names([
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "llm.usage.output_tokens",
    "usage.completion_tokens",
    "usage.output_tokens",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
    "confident.llm.output_token_count",
    "output_tokens",
    "completion_tokens",
]);
const TOTAL: &[Name] =
    &names(["gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "ai.usage.totalTokens"]);
const CACHE_READ: &[Name] = &names([
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cache_read_tokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.input_cached_tokens",
    "gen_ai.usage.cached_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.input_tokens_details.cached_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cache_read_input_tokens",
    "gen_ai.usage.details.cached_tokens",
    "llm.token_count.prompt_details.cache_read",
    "llm.usage.cache_read_input_tokens",
    "llm.usage.cached_tokens",
    "usage.cached_tokens",
    "ai.usage.cachedInputTokens",
    "ai.usage.inputTokenDetails.cacheReadTokens",
]);
const CACHE_WRITE: &[Name] = &names([
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_write_input_tokens",
    "gen_ai.usage.cache_write_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.cache_creation_tokens",
    "gen_ai.usage.details.cache_write_tokens",
    "gen_ai.usage.details.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
    "llm.usage.cache_creation_input_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens",
]);
const REASONING: &[Name] = &names([
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.output_tokens.reasoning",
    "gen_ai.usage.output_tokens_details.reasoning_tokens",
    "gen_ai.usage.completion_tokens_details.reasoning_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "gen_ai.usage.details.thoughts_tokens",
    "gen_ai.usage.thinking_tokens",
    "gen_ai.usage.thoughts_tokens",
    "llm.token_count.completion_details.reasoning",
    "llm.usage.reasoning_tokens",
    "usage.reasoning_tokens",
    "ai.usage.reasoningTokens",
    "ai.usage.outputTokenDetails.reasoningTokens",
]);
const AUDIO_INPUT: &[Name] = &names([
    "gen_ai.usage.audio.input_tokens",
    "gen_ai.usage.input_audio_tokens",
    "gen_ai.usage.details.input_audio_tokens",
    "gen_ai.usage.prompt_tokens_details.audio_tokens",
    "llm.token_count.prompt_details.audio",
]);
const AUDIO_OUTPUT: &[Name] = &names([
    "gen_ai.usage.audio.output_tokens",
    "gen_ai.usage.output_audio_tokens",
    "gen_ai.usage.details.output_audio_tokens",
    "gen_ai.usage.completion_tokens_details.audio_tokens",
    "llm.token_count.completion_details.audio",
]);
const COST: &[Name] = &names([
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.cost.total",
    "gen_ai.cost.total_cost",
    "llm.cost.total",
    "llm.usage.cost",
    "operation.cost",
]);
/// What it comes to by parts, of those who tell no sum.
const COST_PARTS: &[[&str; 2]] = &[
    ["gen_ai.usage.input_cost", "gen_ai.usage.output_cost"],
    ["gen_ai.cost.input_cost", "gen_ai.cost.output_cost"],
    ["llm.cost.prompt", "llm.cost.completion"],
];

/// Maps of counts, by the names that providers and senders give them.
const MAPS: &[Name] = &names([
    "langfuse.observation.usage_details",
    "mlflow.chat.tokenUsage",
    "langsmith.metadata.usage_metadata",
    "langwatch.metrics",
    "braintrust.metrics",
    "gen_ai.usage",
    "llm.usage",
    "usage",
]);
const COST_MAPS: &[Name] = &names(["langfuse.observation.cost_details", "mlflow.llm.cost"]);

/// Tokens by kind. Input holds what was read from or written to a cache, output holds reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Usage {
    pub(crate) tokens_in: Option<u64>,
    pub(crate) tokens_out: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    pub(crate) reasoning: Option<u64>,
    pub(crate) audio_input: Option<u64>,
    pub(crate) audio_output: Option<u64>,
    pub(crate) cost_dollars: Option<f64>,
}

impl Usage {
    pub(crate) fn read(attributes: Attributes<'_>) -> Self {
        let streamed = ["gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"]
            .iter()
            .any(|name| attributes.truth(name) == Some(true));
        // A streamed call that was not told its usage says zero: that is not known, rather than nothing.
        let told = |names| attributes.first_count(names).filter(|count| !(streamed && *count == 0));
        let some = |names| attributes.first_count(names).filter(|count| *count > 0);
        let in_answer = || haystack::answer(attributes)?.get("usage")?.as_object().cloned();
        let is_told = [INPUT, OUTPUT].iter().any(|names| attributes.of_names(names).next().is_some());
        let map = attributes.first_map(MAPS).or_else(in_answer);
        let map = map.or_else(|| in_output(attributes).filter(|_| !is_told));
        let map = map.map(|map| Self::of_map(&map)).unwrap_or_default();
        let by_name = Self {
            tokens_in: told(INPUT),
            tokens_out: told(OUTPUT),
            cache_read: some(CACHE_READ),
            cache_write: some(CACHE_WRITE),
            reasoning: some(REASONING),
            audio_input: some(AUDIO_INPUT),
            audio_output: some(AUDIO_OUTPUT),
            cost_dollars: None,
        }
        .complete(attributes.first_count(TOTAL), || {
            let provider =
                attributes.first_text(&["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"]);
            let provider = provider.unwrap_or_default().to_ascii_lowercase();
            // The only ones whose output leaves out what was thought.
            ["gemini", "google", "vertex", "gcp"].iter().any(|name| provider.contains(name))
        });
        Self {
            tokens_in: by_name.tokens_in.or(map.tokens_in),
            tokens_out: by_name.tokens_out.or(map.tokens_out),
            cache_read: by_name.cache_read.or(map.cache_read),
            cache_write: by_name.cache_write.or(map.cache_write),
            reasoning: by_name.reasoning.or(map.reasoning),
            audio_input: by_name.audio_input.or(map.audio_input),
            audio_output: by_name.audio_output.or(map.audio_output),
            cost_dollars: attributes
                .first_number(COST)
                .or_else(|| cost_by_parts(attributes))
                .or_else(|| cost_by_map(attributes))
                .filter(|dollars| *dollars > 0.0),
        }
    }

    /// With what some tell beside input or output put into it: what was cached, as providers tell it who count it apart, and what was thought.
    /// `is_rest_thought`: whether what only the total knows of was thought.
    fn complete(mut self, total: Option<u64>, is_rest_thought: impl FnOnce() -> bool) -> Self {
        let (Some(input), output) = (self.tokens_in, self.tokens_out.unwrap_or(0)) else { return self };
        let (read, write) = (self.cache_read.unwrap_or(0), self.cache_write.unwrap_or(0));
        let thought = self.reasoning.unwrap_or(0);
        let rest = total.and_then(|total| total.checked_sub(input + output)).unwrap_or(0);
        let is_apart = read + write > input
            || rest > 0
                && [read, write, read + write]
                    .iter()
                    .any(|cached| *cached > 0 && (rest == *cached || thought > 0 && rest == cached + thought));
        if is_apart {
            self.tokens_in = Some(input + read + write);
        }
        let rest = if is_apart { rest.saturating_sub(read + write) } else { rest };
        if thought > 0 && (rest == thought || thought > output) {
            self.tokens_out = Some(output + thought);
        } else if thought == 0 && rest > 0 && !is_apart && is_rest_thought() {
            self.tokens_out = Some(output + rest);
            self.reasoning = Some(rest);
        }
        self
    }

    /// Counts of a provider's own naming, or of the sender's.
    fn of_map(map: &Map<String, Value>) -> Self {
        let number = |value: &Value| {
            value.as_u64().or_else(|| value.as_f64().filter(|one| *one >= 0.0).map(|one| one.round() as u64))
        };
        let count = |names: &[&str]| names.iter().find_map(|name| number(map.get(*name)?));
        let detail = |of: &[&str], names: &[&str]| {
            of.iter().find_map(|of| names.iter().find_map(|name| number(map.get(*of)?.get(*name)?)))
        };
        let of_input = [
            "prompt_tokens_details",
            "input_tokens_details",
            "input_token_details",
            "inputTokenDetails",
            "inputTokens",
        ];
        let of_output = [
            "completion_tokens_details",
            "output_tokens_details",
            "output_token_details",
            "outputTokenDetails",
            "outputTokens",
        ];
        let cache_read = count(&[
            "cache_read_input_tokens",
            "cacheReadInputTokens",
            "input_cache_read",
            "input_cached_tokens",
            "cachedInputTokens",
            "cached_tokens",
            "cachedContentTokens",
            "cachedContentTokenCount",
            "prompt_cached_tokens",
        ])
        .or_else(|| detail(&of_input, &["cached_tokens", "cache_read", "cacheReadTokens", "cacheRead"]));
        let cache_write = count(&[
            "cache_creation_input_tokens",
            "cacheWriteInputTokens",
            "input_cache_creation",
            "input_cache_write",
            "prompt_cache_creation_tokens",
        ])
        .or_else(|| detail(&of_input, &["cache_creation", "cacheWriteTokens", "cacheWrite"]));
        let reasoning = count(&[
            "output_reasoning",
            "output_reasoning_tokens",
            "reasoning_tokens",
            "reasoningTokens",
            "completion_reasoning_tokens",
        ])
        .or_else(|| detail(&of_output, &["reasoning_tokens", "reasoning", "reasoningTokens"]));
        // By these names a kind of tokens is counted once, and what was cached or thought stands beside them.
        let (input_alone, output_alone) = (count(&["input"]), count(&["output"]));
        let thoughts = count(&["thoughtsTokenCount", "thoughtsTokens", "thoughts_token_count"]);
        let cached = cache_read.unwrap_or(0) + cache_write.unwrap_or(0);
        let audio = |names: &[&str], of: &[&str]| {
            count(names).or_else(|| detail(of, &["audio_tokens", "audio"])).filter(|count| *count > 0)
        };
        let told = Self {
            tokens_in: count(&[
                "prompt_tokens",
                "input_tokens",
                "promptTokens",
                "inputTokens",
                "promptTokenCount",
                "prompt_token_count",
            ])
            .or_else(|| detail(&["inputTokens"], &["total"])),
            tokens_out: count(&["completion_tokens", "output_tokens", "completionTokens", "outputTokens"])
                .or_else(|| detail(&["outputTokens"], &["total"]))
                .or_else(|| count(&["candidatesTokenCount", "candidates_token_count"])),
            cache_read: cache_read.filter(|count| *count > 0),
            cache_write: cache_write.filter(|count| *count > 0),
            reasoning: reasoning.filter(|count| *count > 0),
            audio_input: audio(&["audio_input", "input_audio_tokens", "input_audio"], &of_input),
            audio_output: audio(&["audio_output", "output_audio_tokens", "output_audio"], &of_output),
            cost_dollars: None,
        }
        .complete(count(&["total_tokens", "totalTokens", "totalTokenCount", "total_token_count"]), || false);
        Self {
            tokens_in: input_alone.map(|input| input + cached).or(told.tokens_in),
            tokens_out: output_alone
                .map(|output| output + reasoning.unwrap_or(0))
                .or_else(|| told.tokens_out.map(|output| output + thoughts.unwrap_or(0))),
            reasoning: told.reasoning.or(thoughts).filter(|count| *count > 0),
            ..told
        }
    }

    pub(crate) const fn is_told(&self) -> bool {
        self.tokens_in.is_some() || self.tokens_out.is_some()
    }

    pub(crate) fn write(self, call: &mut Call<'_>) {
        call.tokens_in = self.tokens_in;
        call.tokens_out = self.tokens_out;
        call.cost_dollars = self.cost_dollars;
        call.note("cache_read", self.cache_read);
        call.note("cache_write", self.cache_write);
        call.note("reasoning", self.reasoning);
        call.note("audio_input", self.audio_input);
        call.note("audio_output", self.audio_output);
    }
}

/// What the provider told with its answer, where the answer is kept whole.
fn in_output(attributes: Attributes<'_>) -> Option<Map<String, Value>> {
    const NAMES: &[&str] = &["usage", "usageMetadata", "usage_metadata", "token_usage"];
    let text = attributes.first_text_of(preview::OUTPUTS)?;
    if !text.starts_with('{') || !NAMES.iter().any(|name| text.contains(name)) {
        return None;
    }
    let output: Map<String, Value> = serde_json::from_str(text).ok()?;
    NAMES.iter().find_map(|name| output.get(*name)?.as_object()).cloned()
}

fn cost_by_map(attributes: Attributes<'_>) -> Option<f64> {
    let map = attributes.first_map(COST_MAPS)?;
    let total = ["total", "total_cost"].iter().find_map(|name| map.get(*name)?.as_f64());
    Some(total.unwrap_or_else(|| map.values().filter_map(Value::as_f64).sum()))
}

fn cost_by_parts(attributes: Attributes<'_>) -> Option<f64> {
    let parts = COST_PARTS.iter().map(|names| names.map(|name| attributes.number(name)));
    let told = parts.into_iter().find(|parts| parts.iter().any(Option::is_some))?;
    Some(told.into_iter().flatten().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In, out, read from a cache, written to one, thought.
    fn of(map: &Value) -> [Option<u64>; 5] {
        let usage = Usage::of_map(map.as_object().unwrap());
        [usage.tokens_in, usage.tokens_out, usage.cache_read, usage.cache_write, usage.reasoning]
    }

    #[test]
    fn each_token_of_a_map_is_counted_once() {
        let openai = serde_json::json!({
            "prompt_tokens": 100, "completion_tokens": 20,
            "prompt_tokens_details": {"cached_tokens": 40}, "completion_tokens_details": {"reasoning_tokens": 5},
        });
        assert_eq!(of(&openai), [Some(100), Some(20), Some(40), None, Some(5)]);
        let anthropic = serde_json::json!({
            "input_tokens": 10, "output_tokens": 7, "cache_read_input_tokens": 70, "cache_creation_input_tokens": 20,
        });
        assert_eq!(of(&anthropic), [Some(100), Some(7), Some(70), Some(20), None]);
        let apart =
            serde_json::json!({"input": 60, "output": 15, "input_cached_tokens": 40, "output_reasoning_tokens": 5});
        assert_eq!(of(&apart), [Some(100), Some(20), Some(40), None, Some(5)]);
        let gemini = serde_json::json!({
            "promptTokenCount": 100, "candidatesTokenCount": 15, "thoughtsTokenCount": 5, "cachedContentTokenCount": 40, "totalTokenCount": 120,
        });
        assert_eq!(of(&gemini), [Some(100), Some(20), Some(40), None, Some(5)]);
        let bedrock = serde_json::json!({
            "inputTokens": 50, "outputTokens": 20, "cacheReadInputTokens": 40, "cacheWriteInputTokens": 10, "totalTokens": 120,
        });
        assert_eq!(of(&bedrock), [Some(100), Some(20), Some(40), Some(10), None]);
        let vercel = serde_json::json!({
            "inputTokens": {"total": 100, "cacheRead": 40}, "outputTokens": {"total": 20, "reasoning": 5},
        });
        assert_eq!(of(&vercel), [Some(100), Some(20), Some(40), None, Some(5)]);
    }

    #[test]
    fn audio_is_told_apart() {
        let map = serde_json::json!({"prompt_tokens": 9, "completion_tokens": 8,
            "prompt_tokens_details": {"audio_tokens": 4}, "completion_tokens_details": {"audio_tokens": 3}});
        let usage = Usage::of_map(map.as_object().unwrap());
        assert_eq!((usage.audio_input, usage.audio_output), (Some(4), Some(3)));
    }

    fn read(told: &[(&str, i64)]) -> [Option<u64>; 5] {
        use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
        let one = |(name, count): &(&str, i64)| KeyValue {
            key: (*name).to_owned(),
            value: Some(AnyValue { value: Some(Value::IntValue(*count)) }),
            ..KeyValue::default()
        };
        let list: Vec<KeyValue> = told.iter().map(one).collect();
        let usage = Usage::read(Attributes::of(&list));
        [usage.tokens_in, usage.tokens_out, usage.cache_read, usage.cache_write, usage.reasoning]
    }

    #[test]
    fn what_a_provider_counts_apart_is_put_into_input_and_output() {
        let cached = [("gen_ai.usage.cache_read.input_tokens", 40), ("gen_ai.usage.cache_creation.input_tokens", 10)];
        let with = |input, total| {
            let counts = [("gen_ai.usage.input_tokens", input), ("gen_ai.usage.output_tokens", 20)];
            read(&[&counts[..], &cached, &[("gen_ai.usage.total_tokens", total)]].concat())
        };
        assert_eq!(with(100, 120), [Some(100), Some(20), Some(40), Some(10), None], "as the convention says");
        assert_eq!(with(30, 50), [Some(80), Some(20), Some(40), Some(10), None], "more than all cannot be a part");
        assert_eq!(with(60, 130), [Some(110), Some(20), Some(40), Some(10), None], "the total says so");
        let thought = read(&[
            ("gen_ai.usage.input_tokens", 100),
            ("gen_ai.usage.output_tokens", 15),
            ("gen_ai.usage.reasoning_tokens", 5),
            ("gen_ai.usage.total_tokens", 120),
        ]);
        assert_eq!(thought, [Some(100), Some(20), None, None, Some(5)]);
    }
}
