//! What model calls cost where the agent did not say.
//!
//! A table of list prices, dated, matched by pattern, shipped with the server; rows of the workspace's own come before it.

mod table;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use hiveboard_wire::{CallCost, CostSource, NanoDollars, body::LlmCall};
use serde::{Deserialize, Serialize};

/// When the shipped list prices were last looked at.
pub const SHIPPED_AS_OF: &str = "2026-02-01";

/// The price of the models that match a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Price {
    /// Lower case; `*` stands for any text. Matched against the model's name without provider or region in front.
    pub pattern: String,
    /// US dollars per million input tokens.
    pub input_per_million: f64,
    /// US dollars per million output tokens.
    pub output_per_million: f64,
    /// For people: who sells it.
    #[serde(default)]
    pub provider: Option<String>,
}

/// Prices in order of precedence: the workspace's own, then the shipped ones; among each the longest pattern that matches.
///
/// Clones share what they found.
#[derive(Debug, Clone, Default)]
pub struct PriceTable {
    own: Vec<Price>,
    shipped: Vec<Price>,
    /// Where the price of a model stands, once looked for: a call is priced for every event, and models are few.
    found: Arc<RwLock<HashMap<Box<str>, Option<Found>>>>,
}

#[derive(Debug, Clone, Copy)]
enum Found {
    Own(usize),
    Shipped(usize),
}

/// Models remembered; of more, each is looked for anew.
const MOST_FOUND: usize = 1_000;

impl PriceTable {
    /// The prices that come with the server.
    pub fn shipped() -> Self {
        let price = |(provider, pattern, input, output): &(&str, &str, f64, f64)| Price {
            pattern: (*pattern).to_owned(),
            input_per_million: *input,
            output_per_million: *output,
            provider: Some((*provider).to_owned()),
        };
        Self { shipped: most_specific_first(table::PRICES.iter().map(price).collect()), ..Self::default() }
    }

    /// The same table with the workspace's own prices before the shipped ones; they replace earlier own prices.
    #[must_use]
    pub fn with_overrides(mut self, overrides: Vec<Price>) -> Self {
        let lower = |price: Price| Price { pattern: price.pattern.trim().to_lowercase(), ..price };
        self.own = most_specific_first(overrides.into_iter().map(lower).collect());
        self.found = Arc::default();
        self
    }

    pub fn overrides(&self) -> &[Price] {
        &self.own
    }

    pub fn shipped_prices(&self) -> &[Price] {
        &self.shipped
    }

    /// The price of a model, as it names itself.
    pub fn price(&self, model: &str) -> Option<&Price> {
        let known = self.found.read().unwrap_or_else(PoisonError::into_inner).get(model).copied();
        let found = known.unwrap_or_else(|| {
            let found = self.look_for(model);
            let mut all = self.found.write().unwrap_or_else(PoisonError::into_inner);
            if all.len() < MOST_FOUND {
                all.insert(model.into(), found);
            }
            found
        });
        match found? {
            Found::Own(at) => self.own.get(at),
            Found::Shipped(at) => self.shipped.get(at),
        }
    }

    fn look_for(&self, model: &str) -> Option<Found> {
        let full = model.trim().to_lowercase();
        let names = candidates(&full);
        let find =
            |prices: &[Price]| prices.iter().position(|price| names.iter().any(|name| matches(&price.pattern, name)));
        find(&self.own).map(Found::Own).or_else(|| find(&self.shipped).map(Found::Shipped))
    }

    /// What a call cost: as reported; else estimated where model and tokens are known; else unknown.
    pub fn cost(&self, call: &LlmCall) -> CallCost {
        const UNKNOWN: CallCost = CallCost { amount: NanoDollars(0), source: CostSource::Unknown };
        if let Some(amount) = call.cost {
            return CallCost { amount, source: CostSource::Reported };
        }
        if call.tokens_in.is_none() && call.tokens_out.is_none() {
            return UNKNOWN;
        }
        let Some(price) = call.model.as_deref().and_then(|model| self.price(model)) else { return UNKNOWN };
        CallCost { amount: estimate(price, call.tokens_in, call.tokens_out), source: CostSource::Estimated }
    }
}

/// Tokens times price. A dollar per million is a thousand nano-dollars a token.
pub fn estimate(price: &Price, tokens_in: Option<u64>, tokens_out: Option<u64>) -> NanoDollars {
    let nanos = |tokens: Option<u64>, per_million: f64| tokens.unwrap_or(0) as f64 * per_million * 1000.0;
    let total = nanos(tokens_in, price.input_per_million) + nanos(tokens_out, price.output_per_million);
    // Bounded like a reported cost, so that a malformed count cannot drown all sums.
    NanoDollars(total.round().clamp(0.0, hiveboard_wire::money::MAX_COST_DOLLARS * 1e9) as i64)
}

fn most_specific_first(mut prices: Vec<Price>) -> Vec<Price> {
    let fixed = |price: &Price| price.pattern.chars().filter(|letter| *letter != '*').count();
    prices.sort_by(|a, b| fixed(b).cmp(&fixed(a)).then_with(|| a.pattern.cmp(&b.pattern)));
    prices
}

/// The name itself, and without what routers and clouds put in front (`anthropic/…`, `us.anthropic.…`, `models/…`).
fn candidates(model: &str) -> Vec<&str> {
    let mut names = vec![model];
    let last = model.rsplit('/').next().unwrap_or(model);
    names.push(last);
    for vendor in ["anthropic.", "meta.", "mistral.", "amazon.", "deepseek.", "cohere.", "openai."] {
        if let Some(at) = last.find(vendor) {
            names.push(&last[at + vendor.len()..]);
        }
    }
    names
}

/// `*` matches any text, the empty one too; a pattern without one must match whole.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
