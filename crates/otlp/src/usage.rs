//! Tokens of a model call, by the names that conventions have given them.

use serde_json::{Map, Value};

use crate::{attributes::Attributes, draft::Call, haystack};

const INPUT: &[&str] = &[
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
];
const OUTPUT: &[&str] = &[
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "llm.usage.completion_tokens",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
];
const CACHE_READ: &[&str] = &[
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.details.cache_read_tokens",
    "gen_ai.usage.details.cached_tokens",
    "llm.token_count.prompt_details.cache_read",
    "ai.usage.cachedInputTokens",
];
const CACHE_WRITE: &[&str] = &[
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "gen_ai.usage.details.cache_write_tokens",
    "llm.token_count.prompt_details.cache_write",
];
const REASONING: &[&str] = &[
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.usage.details.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
];
const COST: &[&str] = &["gen_ai.usage.cost", "gen_ai.cost.total", "llm.cost.total", "operation.cost"];

/// Maps of counts, by the names that providers and senders give them.
const MAPS: &[&str] =
    &["langfuse.observation.usage_details", "mlflow.chat.tokenUsage", "langsmith.metadata.usage_metadata"];
const COST_MAPS: &[&str] = &["langfuse.observation.cost_details", "mlflow.llm.cost"];

/// Tokens by kind. Input holds what was read from or written to a cache, output holds reasoning.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Usage {
    pub(crate) tokens_in: Option<u64>,
    pub(crate) tokens_out: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    pub(crate) reasoning: Option<u64>,
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
        let map = MAPS.iter().find_map(|name| attributes.map(name)).or_else(in_answer);
        let map = map.map(|map| Self::of_map(&map)).unwrap_or_default();
        Self {
            tokens_in: told(INPUT).or(map.tokens_in),
            tokens_out: told(OUTPUT).or(map.tokens_out),
            cache_read: some(CACHE_READ).or(map.cache_read),
            cache_write: some(CACHE_WRITE).or(map.cache_write),
            reasoning: some(REASONING).or(map.reasoning),
            cost_dollars: attributes
                .first_number(COST)
                .or_else(|| cost_by_parts(attributes))
                .or_else(|| cost_by_map(attributes))
                .filter(|dollars| *dollars > 0.0),
        }
    }

    /// Counts of a provider's own naming, or of the sender's.
    fn of_map(map: &Map<String, Value>) -> Self {
        let count = |names: &[&str]| names.iter().find_map(|name| map.get(*name)?.as_u64());
        let detail = |of: &[&str], names: &[&str]| {
            of.iter().find_map(|of| names.iter().find_map(|name| map.get(*of)?.get(*name)?.as_u64()))
        };
        let of_input = ["prompt_tokens_details", "input_tokens_details", "input_token_details"];
        let of_output = ["completion_tokens_details", "output_tokens_details", "output_token_details"];
        let cache_read = count(&["cache_read_input_tokens", "input_cache_read", "input_cached_tokens"])
            .or_else(|| detail(&of_input, &["cached_tokens", "cache_read"]));
        let cache_write = count(&["cache_creation_input_tokens", "input_cache_creation", "input_cache_write"])
            .or_else(|| detail(&of_input, &["cache_creation"]));
        let reasoning = count(&["output_reasoning", "output_reasoning_tokens", "reasoning_tokens"])
            .or_else(|| detail(&of_output, &["reasoning_tokens", "reasoning"]));
        let cached = cache_read.unwrap_or(0) + cache_write.unwrap_or(0);
        // By these two names a kind of tokens is counted once, and what was cached or thought stands beside them.
        let (input_alone, output_alone) = (count(&["input"]), count(&["output"]));
        let input = count(&["prompt_tokens", "input_tokens"]).map(|input| {
            // Some count what was cached beside it also by this name.
            if cached > input { input + cached } else { input }
        });
        let some = |count: Option<u64>| count.filter(|count| *count > 0);
        Self {
            tokens_in: input_alone.map(|input| input + cached).or(input),
            tokens_out: output_alone
                .map(|output| output + reasoning.unwrap_or(0))
                .or_else(|| count(&["completion_tokens", "output_tokens"])),
            cache_read: some(cache_read),
            cache_write: some(cache_write),
            reasoning: some(reasoning),
            cost_dollars: None,
        }
    }

    pub(crate) const fn is_told(&self) -> bool {
        self.tokens_in.is_some() || self.tokens_out.is_some()
    }

    pub(crate) fn write(self, call: &mut Call) {
        call.tokens_in = self.tokens_in;
        call.tokens_out = self.tokens_out;
        call.cost_dollars = self.cost_dollars;
        call.note("cache_read", self.cache_read);
        call.note("cache_write", self.cache_write);
        call.note("reasoning", self.reasoning);
    }
}

fn cost_by_map(attributes: Attributes<'_>) -> Option<f64> {
    let map = COST_MAPS.iter().find_map(|name| attributes.map(name))?;
    let total = ["total", "total_cost"].iter().find_map(|name| map.get(*name)?.as_f64());
    Some(total.unwrap_or_else(|| map.values().filter_map(Value::as_f64).sum()))
}

fn cost_by_parts(attributes: Attributes<'_>) -> Option<f64> {
    let part = |name| attributes.number(name);
    let parts = [part("gen_ai.usage.input_cost"), part("gen_ai.usage.output_cost")];
    parts.iter().any(Option::is_some).then(|| parts.into_iter().flatten().sum())
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
    }
}
