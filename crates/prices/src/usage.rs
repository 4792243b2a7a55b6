//! How many tokens of which kind a call used: its two totals, parted by what providers and libraries leave in `metadata`.

use serde_json::{Map, Value};

use crate::TokenKind;

/// Tokens by kind, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage([u64; TokenKind::ALL.len()]);

/// Where usage lies in metadata: in itself, or in one of these.
const INSIDE: &[&str] = &["usage", "usage_metadata", "usageMetadata", "token_usage"];

const CACHE_READ: &[&str] = &[
    "cache_read",
    "cache_read_tokens",
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cacheReadInputTokenCount",
    "cached_tokens",
    "cached_input_tokens",
    "cachedContentTokenCount",
    "cached_content_token_count",
];
const CACHE_WRITE: &[&str] = &[
    "cache_write",
    "cache_creation_tokens",
    "cache_write_tokens",
    "cache_creation_input_tokens",
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
];
const REASONING: &[&str] = &["reasoning", "reasoning_tokens", "thoughtsTokenCount", "thoughts_token_count"];
/// Totals of those who count what is read from or written to a cache beside the input.
const INPUT_BESIDE_CACHE: &[&str] = &["input_tokens", "inputTokens"];
const INPUT_DETAILS: &[&str] = &["prompt_tokens_details", "input_tokens_details", "input_token_details"];
const OUTPUT_DETAILS: &[&str] = &["completion_tokens_details", "output_tokens_details", "output_token_details"];
const OUTPUT_BESIDE_THOUGHTS: &[&str] = &["candidatesTokenCount", "candidates_token_count"];

/// What metadata says, before it is held against the totals.
#[derive(Default)]
struct Said {
    cache_read: u64,
    cache_write_5m: u64,
    cache_write_1h: u64,
    reasoning: u64,
    audio_input: u64,
    audio_output: u64,
    /// The provider's own total, where it does not hold what the cache took part in.
    input_beside_cache: Option<u64>,
    /// The provider's own total, where it does not hold what the model thought.
    output_beside_thoughts: Option<u64>,
    whole_input: Option<u64>,
    whole_output: Option<u64>,
}

impl Usage {
    /// Parts the totals of a call. `metadata` is the JSON object as sent.
    pub fn of(tokens_in: Option<u64>, tokens_out: Option<u64>, metadata: Option<&str>) -> Self {
        let said = metadata.map_or_else(Said::default, read);
        let mut usage = Self::default();
        let cached = said.cache_read.saturating_add(said.cache_write_5m).saturating_add(said.cache_write_1h);
        let is_beside = match (tokens_in, said.input_beside_cache) {
            // The agent passed on a total that leaves out the cache.
            (Some(given), Some(beside)) => given == beside,
            (None, beside) => beside.is_some(),
            // More from the cache than there was input at all: the input can't hold it.
            (Some(given), None) => cached > given,
        };
        let given_input = tokens_in.or(said.input_beside_cache).or(said.whole_input).unwrap_or(0);
        let whole = if is_beside { given_input.saturating_add(cached) } else { given_input };
        let mut left = whole;
        let mut take = |kind: TokenKind, tokens: u64| {
            let taken = tokens.min(left);
            left -= taken;
            usage.0[kind as usize] = taken;
        };
        take(TokenKind::CachedInput, said.cache_read);
        take(TokenKind::CacheWrite1h, said.cache_write_1h);
        take(TokenKind::CacheWrite5m, said.cache_write_5m);
        take(TokenKind::AudioInput, said.audio_input);
        usage.0[TokenKind::Input as usize] = left;

        let thoughts_beside = match (tokens_out, said.output_beside_thoughts) {
            (Some(given), Some(beside)) => given == beside,
            (None, beside) => beside.is_some(),
            (Some(_), None) => false,
        };
        let given_output = tokens_out.or(said.output_beside_thoughts).or(said.whole_output).unwrap_or(0);
        let mut left = if thoughts_beside { given_output.saturating_add(said.reasoning) } else { given_output };
        let mut take = |kind: TokenKind, tokens: u64| {
            let taken = tokens.min(left);
            left -= taken;
            usage.0[kind as usize] = taken;
        };
        take(TokenKind::Reasoning, said.reasoning);
        take(TokenKind::AudioOutput, said.audio_output);
        usage.0[TokenKind::Output as usize] = left;
        usage
    }

    pub fn tokens(&self, kind: TokenKind) -> u64 {
        self.0[kind as usize]
    }

    /// Input of every kind.
    pub fn whole_input(&self) -> u64 {
        use TokenKind::{AudioInput, CacheWrite1h, CacheWrite5m, CachedInput, Input};
        [Input, CachedInput, CacheWrite5m, CacheWrite1h, AudioInput]
            .into_iter()
            .fold(0, |sum, kind| sum.saturating_add(self.tokens(kind)))
    }

    pub fn is_none(&self) -> bool {
        self.0.iter().all(|tokens| *tokens == 0)
    }
}

fn read(metadata: &str) -> Said {
    // Most metadata is of something else; it is not parsed for that.
    let speaks_of_tokens = ["cache", "oken", "reasoning"].iter().any(|word| metadata.contains(word));
    let Some(Value::Object(all)) = speaks_of_tokens.then(|| serde_json::from_str(metadata).ok()).flatten() else {
        return Said::default();
    };
    let inner = INSIDE.iter().find_map(|name| all.get(*name)?.as_object());
    // What stands outside is the agent's own word, and wins.
    let mut said = inner.map_or_else(Said::default, of_object);
    let own = of_object(&all);
    let prefer = |own: u64, inner: u64| if own > 0 { own } else { inner };
    said.cache_read = prefer(own.cache_read, said.cache_read);
    if own.cache_write_5m + own.cache_write_1h > 0 {
        (said.cache_write_5m, said.cache_write_1h) = (own.cache_write_5m, own.cache_write_1h);
    }
    said.reasoning = prefer(own.reasoning, said.reasoning);
    said.audio_input = prefer(own.audio_input, said.audio_input);
    said.audio_output = prefer(own.audio_output, said.audio_output);
    said.input_beside_cache = said.input_beside_cache.or(own.input_beside_cache);
    said.output_beside_thoughts = said.output_beside_thoughts.or(own.output_beside_thoughts);
    said.whole_input = said.whole_input.or(own.whole_input);
    said.whole_output = said.whole_output.or(own.whole_output);
    said
}

fn count(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|it| it as u64))
}

fn first(object: &Map<String, Value>, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| object.get(*name).and_then(count))
}

fn inside<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a Map<String, Value>> {
    names.iter().find_map(|name| object.get(*name)?.as_object())
}

fn of_object(object: &Map<String, Value>) -> Said {
    let input_details = inside(object, INPUT_DETAILS);
    let output_details = inside(object, OUTPUT_DETAILS);
    let detail = |details: Option<&Map<String, Value>>, names: &[&str]| details.and_then(|found| first(found, names));
    let cache_read = first(object, CACHE_READ)
        .filter(|tokens| *tokens > 0)
        .or_else(|| detail(input_details, CACHE_READ))
        .unwrap_or(0);
    let cache_write = first(object, CACHE_WRITE)
        .filter(|tokens| *tokens > 0)
        .or_else(|| detail(input_details, &["cache_creation", "cache_creation_tokens", "cache_write_tokens"]))
        .unwrap_or(0);
    let (short_writes, hour_writes) = writes_by_time(object, cache_write);
    // Details of input, or totals called otherwise, say that the cache is inside.
    let counts_inside = input_details.is_some() || object.contains_key("prompt_tokens");
    let beside = first(object, INPUT_BESIDE_CACHE).filter(|_| !counts_inside);
    let names_cache = [CACHE_READ, CACHE_WRITE].concat().iter().any(|name| object.contains_key(*name));
    let whole =
        first(object, &["prompt_tokens", "promptTokenCount", "prompt_token_count", "input_tokens", "inputTokens"]);
    Said {
        cache_read,
        cache_write_5m: short_writes,
        cache_write_1h: hour_writes,
        reasoning: first(object, REASONING)
            .or_else(|| detail(output_details, &["reasoning_tokens", "reasoning", "thinking_tokens"]))
            .unwrap_or(0),
        audio_input: first(object, &["audio_input", "audio_input_tokens"])
            .or_else(|| detail(input_details, &["audio_tokens", "audio"]))
            .or_else(|| of_modality(object, &["promptTokensDetails", "prompt_tokens_details"]))
            .unwrap_or(0),
        audio_output: first(object, &["audio_output", "audio_output_tokens"])
            .or_else(|| detail(output_details, &["audio_tokens", "audio"]))
            .or_else(|| of_modality(object, &["candidatesTokensDetails", "candidates_tokens_details"]))
            .unwrap_or(0),
        input_beside_cache: beside.filter(|_| names_cache),
        output_beside_thoughts: first(object, OUTPUT_BESIDE_THOUGHTS),
        whole_input: whole,
        whole_output: first(object, &["completion_tokens", "output_tokens", "outputTokens"]),
    }
}

/// Writes that last five minutes and an hour; what is not parted lasts five minutes.
fn writes_by_time(object: &Map<String, Value>, all: u64) -> (u64, u64) {
    let parted = inside(object, &["cache_creation", "cache_creation_token_details"]);
    let mut hour = first(object, &["cache_write_1h"])
        .or_else(|| parted.and_then(|parts| first(parts, &["ephemeral_1h_input_tokens"])))
        .unwrap_or(0);
    let mut short = first(object, &["cache_write_5m"])
        .or_else(|| parted.and_then(|parts| first(parts, &["ephemeral_5m_input_tokens"])));
    if let Some(details) = object.get("cacheDetails").and_then(Value::as_array) {
        let of = |ttl: &str| {
            let entries = details.iter().filter(|entry| entry.get("ttl").and_then(Value::as_str) == Some(ttl));
            entries.filter_map(|entry| entry.get("inputTokens").and_then(count)).sum::<u64>()
        };
        (hour, short) = (of("1h"), Some(of("5m")));
    }
    let short = if all > 0 { all.saturating_sub(hour) } else { short.unwrap_or(0) };
    (short, hour)
}

fn of_modality(object: &Map<String, Value>, names: &[&str]) -> Option<u64> {
    let entries = names.iter().find_map(|name| object.get(*name)?.as_array())?;
    let audio = entries.iter().filter(|entry| {
        entry.get("modality").and_then(Value::as_str).is_some_and(|modality| modality.eq_ignore_ascii_case("audio"))
    });
    Some(audio.filter_map(|entry| count(entry.get("tokenCount").or_else(|| entry.get("token_count"))?)).sum())
}
