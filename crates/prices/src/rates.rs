//! Prices of one model, a kind of tokens each.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What tokens are charged as. Every token counts as exactly one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    Input,
    CachedInput,
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    AudioInput,
    Output,
    Reasoning,
    AudioOutput,
}

impl TokenKind {
    pub const ALL: [Self; 8] = [
        Self::Input,
        Self::CachedInput,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
        Self::AudioInput,
        Self::Output,
        Self::Reasoning,
        Self::AudioOutput,
    ];
}

/// US dollars per million tokens. A kind without a price of its own costs what it is part of: input or output.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    pub input_per_million: f64,
    pub output_per_million: f64,
    /// Input read from a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input_per_million: Option<f64>,
    /// Input written to a cache that keeps it for five minutes, or for as long as the provider pleases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m_per_million: Option<f64>,
    /// Input written to a cache that keeps it for an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h_per_million: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning_per_million: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input_per_million: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output_per_million: Option<f64>,
    /// Other prices for calls with a long input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_context: Option<LongContext>,
}

/// Prices of all tokens of a call whose whole input is longer than so many tokens.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    pub above_tokens: u64,
    pub input_per_million: f64,
    pub output_per_million: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input_per_million: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m_per_million: Option<f64>,
}

impl Rates {
    /// The rates of a call with so much input in all.
    #[must_use]
    pub fn of_call(&self, whole_input: u64) -> Self {
        let Some(long) = self.long_context.filter(|long| whole_input > long.above_tokens) else { return *self };
        // What the row does not say for long calls rises as input does.
        let raised = |rate: Option<f64>| {
            rate.map(|rate| {
                if self.input_per_million > 0.0 { rate * long.input_per_million / self.input_per_million } else { rate }
            })
        };
        Self {
            input_per_million: long.input_per_million,
            output_per_million: long.output_per_million,
            cached_input_per_million: long.cached_input_per_million.or(raised(self.cached_input_per_million)),
            cache_write_5m_per_million: long.cache_write_5m_per_million.or(raised(self.cache_write_5m_per_million)),
            cache_write_1h_per_million: raised(self.cache_write_1h_per_million),
            reasoning_per_million: None,
            audio_input_per_million: raised(self.audio_input_per_million),
            audio_output_per_million: self.audio_output_per_million,
            long_context: self.long_context,
        }
    }

    /// US dollars per million tokens of a kind.
    pub fn of(&self, kind: TokenKind) -> f64 {
        let (input, output) = (self.input_per_million, self.output_per_million);
        match kind {
            TokenKind::Input => input,
            TokenKind::CachedInput => self.cached_input_per_million.unwrap_or(input),
            TokenKind::CacheWrite5m => self.cache_write_5m_per_million.unwrap_or(input),
            TokenKind::CacheWrite1h => {
                self.cache_write_1h_per_million.or(self.cache_write_5m_per_million).unwrap_or(input)
            }
            TokenKind::AudioInput => self.audio_input_per_million.unwrap_or(input),
            TokenKind::Output => output,
            TokenKind::Reasoning => self.reasoning_per_million.unwrap_or(output),
            TokenKind::AudioOutput => self.audio_output_per_million.unwrap_or(output),
        }
    }

    /// All figures, for checks.
    pub fn figures(&self) -> impl Iterator<Item = f64> {
        let long = self.long_context.unwrap_or_default();
        [Some(self.input_per_million), Some(self.output_per_million)]
            .into_iter()
            .chain([
                self.cached_input_per_million,
                self.cache_write_5m_per_million,
                self.cache_write_1h_per_million,
                self.reasoning_per_million,
                self.audio_input_per_million,
                self.audio_output_per_million,
                Some(long.input_per_million),
                Some(long.output_per_million),
                long.cached_input_per_million,
                long.cache_write_5m_per_million,
            ])
            .flatten()
    }
}
