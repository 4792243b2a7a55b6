//! Tokens times price, and why.

use hiveboard_wire::{CostSource, NanoDollars, body::LlmCall, money::MAX_COST_DOLLARS};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Anchor, PriceTable, Rates, Source, TokenKind, Usage};

/// Rates are dollars per million. Rounded once, for the whole call.
pub(crate) fn amount(rates: &Rates, usage: &Usage) -> NanoDollars {
    let rates = rates.of_call(usage.whole_input());
    let total: f64 = TokenKind::ALL.iter().map(|kind| usage.tokens(*kind) as f64 * rates.of(*kind)).sum();
    // Bounded like a reported cost, so that a malformed count cannot drown all sums.
    let most = MAX_COST_DOLLARS * NanoDollars::PER_DOLLAR;
    NanoDollars((total * NanoDollars::PER_DOLLAR / 1e6).round().clamp(0.0, most) as i64)
}

/// One kind of tokens of a call.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Share {
    pub kind: TokenKind,
    pub tokens: u64,
    /// US dollars.
    pub per_million: f64,
    /// US dollars.
    pub cost: f64,
}

/// The row that a model's price comes from.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MatchedRow {
    pub pattern: String,
    /// How the model's name matched it.
    pub matched: Anchor,
    /// Whether it is the workspace's own.
    pub is_own: bool,
    pub source: Source,
}

/// How a call's cost comes about by the table of now. Where the cost was reported, what the estimate would have been.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Explanation {
    pub model: Option<String>,
    /// `null` when no row is the model's: its cost is unknown unless reported.
    pub row: Option<MatchedRow>,
    /// Kinds that the call used, each token once.
    pub shares: Vec<Share>,
    /// The input above which the whole call costs more, when this one was longer.
    pub long_context_above_tokens: Option<u64>,
    /// US dollars by the table of now: the shares together.
    pub estimate: Option<f64>,
    /// A sentence.
    pub why: String,
}

/// Explains a call by a table; `stored` is what its cost came from when it was stored.
pub fn explain(table: &PriceTable, call: &LlmCall, stored: CostSource) -> Explanation {
    let usage = Usage::of(call.tokens_in, call.tokens_out, call.metadata.as_deref());
    let model = call.model.as_deref();
    let found = model.and_then(|model| table.find(model));
    let rates = found.as_ref().map(|found| found.row.rates.of_call(usage.whole_input()));
    let shares = TokenKind::ALL
        .into_iter()
        .filter(|kind| usage.tokens(*kind) > 0)
        .map(|kind| {
            let (tokens, per_million) = (usage.tokens(kind), rates.map_or(0.0, |rates| rates.of(kind)));
            Share { kind, tokens, per_million, cost: tokens as f64 * per_million / 1e6 }
        })
        .collect();
    let estimate = found.as_ref().filter(|_| !usage.is_none()).map(|found| amount(&found.row.rates, &usage).dollars());
    Explanation {
        model: model.map(str::to_owned),
        long_context_above_tokens: found
            .as_ref()
            .and_then(|found| found.row.rates.long_context)
            .filter(|long| usage.whole_input() > long.above_tokens)
            .map(|long| long.above_tokens),
        why: why(model, found.as_deref(), stored, usage.is_none()),
        row: found.map(|found| MatchedRow {
            pattern: found.pattern.clone(),
            matched: found.anchor,
            is_own: found.is_own,
            source: (*found.row.source).clone(),
        }),
        shares,
        estimate,
    }
}

fn why(model: Option<&str>, found: Option<&crate::Found>, stored: CostSource, no_tokens: bool) -> String {
    let priced = match (model, found) {
        (None, _) => "The call names no model, so that no price can be looked up.".to_owned(),
        (Some(model), None) => format!(
            "No row of the table is {model:?}'s own, and a relative's price would be a guess; set one with PUT /v1/prices/{{pattern}}."
        ),
        (Some(model), Some(found)) => {
            let how = match found.anchor {
                Anchor::Exact => "by its very name",
                Anchor::WithoutProvider => "without the provider or region in front",
                Anchor::WithoutDate => "without the date or version behind",
                Anchor::WithoutProviderAndDate => "without provider in front and date behind",
            };
            let whose = if found.is_own { "the workspace's own row" } else { "the row" };
            format!("{model:?} matches {whose} {:?} {how}.", found.pattern)
        }
    };
    let stored = match stored {
        CostSource::Reported => " The agent reported the cost, and that is what counts.",
        CostSource::Unknown if no_tokens => " The call says no tokens.",
        CostSource::Estimated | CostSource::Unknown => "",
    };
    priced + stored
}
