//! Tokens of a model call, by the names that conventions have given them.

use crate::{attributes::Attributes, draft::Call};

const INPUT: &[&str] = &[
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "llm.usage.prompt_tokens",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
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
        Self {
            tokens_in: told(INPUT),
            tokens_out: told(OUTPUT),
            cache_read: some(CACHE_READ),
            cache_write: some(CACHE_WRITE),
            reasoning: some(REASONING),
            cost_dollars: attributes
                .first_number(COST)
                .or_else(|| cost_by_parts(attributes))
                .filter(|dollars| *dollars > 0.0),
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

fn cost_by_parts(attributes: Attributes<'_>) -> Option<f64> {
    let part = |name| attributes.number(name);
    let parts = [part("gen_ai.usage.input_cost"), part("gen_ai.usage.output_cost")];
    parts.iter().any(Option::is_some).then(|| parts.into_iter().flatten().sum())
}
