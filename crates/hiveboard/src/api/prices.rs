//! `GET /v1/prices`, `PUT/DELETE /v1/prices/{pattern}`, `GET /v1/cost/explain`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_prices::{Anchor, Explanation, Rates, Source, explain as explain_call};
use hiveboard_settings::OwnPriceRecord;
use hiveboard_wire::{Body as EventBody, CostSource, ErrorCode, EventId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ModeOnly, Params, PathText},
    },
    app::App,
    audit::AuditNote,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// Rows of the workspace's own; more are a mistake.
const MOST_OWN: usize = 1_000;
const MOST_PATTERN_CHARACTERS: usize = 200;
/// Dollars per million tokens; more is a slip of the pen.
const MOST_PER_MILLION: f64 = 1_000_000.0;

/// A row of the table.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriceView {
    /// A model's name in lower case; in rows of the workspace's own `*` stands for any text.
    pub pattern: String,
    /// Whether it is the workspace's own. Those win.
    pub is_own: bool,
    /// How the model that was asked for matched it; absent where none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Anchor>,
    #[serde(flatten)]
    pub rates: Rates,
    pub source: Source,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PriceParams {
    /// Rows with this text in their pattern.
    pub q: Option<String>,
    /// Only the row that prices this model, as an agent would name it.
    pub model: Option<String>,
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// The price table: the workspace's own rows first, then those that come with the server.
#[utoipa::path(get, path = "/v1/prices", tag = "prices", params(PriceParams), responses((status = 200, body = Page<PriceView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<PriceParams>,
    paging: Paging,
) -> ApiResult<Json<Page<PriceView>>> {
    let offset: usize = paging.place()?.unwrap_or(0);
    let table = app.prices.of(caller.scope().workspace);
    if let Some(model) = &params.model {
        let row = table.find(model).map(|found| PriceView {
            pattern: found.pattern.clone(),
            is_own: found.is_own,
            matched: Some(found.anchor),
            rates: found.row.rates,
            source: (*found.row.source).clone(),
        });
        return Ok(Json(paging.cut(row.into_iter().skip(offset).collect(), |_| offset + 1)));
    }
    let q = params.q.unwrap_or_default().to_lowercase();
    let own = table.own().iter().map(|price| PriceView {
        pattern: price.pattern.clone(),
        is_own: true,
        matched: None,
        rates: price.rates,
        source: Source { name: "workspace".to_owned(), version: String::new(), as_of: price.as_of.clone() },
    });
    let shared = table.rows().map(|(name, row)| PriceView {
        pattern: name.to_owned(),
        is_own: false,
        matched: None,
        rates: row.rates,
        source: (*row.source).clone(),
    });
    let rows = own.chain(shared).filter(|row| row.pattern.contains(&q)).skip(offset).take(paging.limit + 1).collect();
    Ok(Json(paging.cut(rows, |_| offset + paging.limit)))
}

/// For the audit log.
fn rates_of(record: &OwnPriceRecord) -> serde_json::Value {
    serde_json::from_str(&record.rates).unwrap_or_default()
}

/// Sets a price of the workspace's own for models that match a pattern. It holds for calls that arrive from now on.
#[utoipa::path(put, path = "/v1/prices/{pattern}", tag = "prices", params(("pattern" = String, Path, description = "A model's name, or part of one with `*` for any text."), ModeOnly),
    request_body = Rates, responses((status = 200, body = PriceView)))]
pub async fn set(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangePrices>,
    note: AuditNote,
    PathText(pattern): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(rates): Body<Rates>,
) -> ApiResult<Json<PriceView>> {
    let pattern = pattern.trim().to_lowercase();
    if pattern.is_empty() || pattern.chars().count() > MOST_PATTERN_CHARACTERS {
        return Err(ApiError::validation(&[("pattern", "must have 1 to 200 characters")]));
    }
    if rates.figures().any(|figure| !(0.0..=MOST_PER_MILLION).contains(&figure)) {
        return Err(ApiError::validation(&[("rates", "must be US dollars per million tokens, from 0 to 1,000,000")]));
    }
    let workspace = caller.scope().workspace;
    let now = app.clock.now();
    let record = OwnPriceRecord {
        pattern: pattern.clone(),
        rates: serde_json::to_string(&rates).expect("rates are plain data"),
        changed_at: now,
    };
    blocking(move || {
        let known = app.settings.own_prices(workspace)?;
        if known.len() >= MOST_OWN && known.iter().all(|price| price.pattern != record.pattern) {
            return Err(ApiError::new(
                ErrorCode::Conflict,
                format!(
                    "The workspace has {MOST_OWN} prices of its own already; delete some, or use patterns with `*`."
                ),
            ));
        }
        let before = known.iter().find(|price| price.pattern == record.pattern).map(rates_of);
        app.settings.set_own_price(workspace, &record)?;
        note.say("price.set", &record.pattern, before, rates_of(&record));
        app.prices.forget();
        Ok(())
    })
    .await?;
    let as_of = now.to_string().get(..10).unwrap_or_default().to_owned();
    let source = Source { name: "workspace".to_owned(), version: String::new(), as_of };
    Ok(Json(PriceView { pattern, is_own: true, matched: None, rates, source }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedPrice {
    pub pattern: String,
}

/// Removes a price of the workspace's own; the table that comes with the server holds again.
#[utoipa::path(delete, path = "/v1/prices/{pattern}", tag = "prices", params(("pattern" = String, Path, description = "As it was set."), ModeOnly),
    responses((status = 200, body = RemovedPrice), (status = 404, body = crate::error::ErrorBody)))]
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangePrices>,
    note: AuditNote,
    PathText(pattern): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<RemovedPrice>> {
    let pattern = pattern.trim().to_lowercase();
    let (workspace, wanted) = (caller.scope().workspace, pattern.clone());
    let removed = blocking(move || {
        let known = app.settings.own_prices(workspace)?;
        let before = known.iter().find(|price| price.pattern == wanted).map(rates_of);
        let removed = app.settings.remove_own_price(workspace, &wanted)?;
        note.say("price.removed", wanted, before, ());
        app.prices.forget();
        Ok(removed)
    })
    .await?;
    if removed {
        return Ok(Json(RemovedPrice { pattern }));
    }
    Err(ApiError::new(
        ErrorCode::NotFound,
        "The workspace has no price of its own for this pattern. GET /v1/prices lists them first.",
    ))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExplainParams {
    /// The model call.
    pub event_id: String,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// What a call cost, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExplainedCall {
    pub event_id: String,
    /// US dollars, as stored and summed; `null` when unknown.
    pub cost: Option<f64>,
    /// reported, estimated or unknown
    #[schema(value_type = String)]
    pub cost_source: CostSource,
    #[serde(flatten)]
    pub explanation: Explanation,
}

/// Why a model call costs what it does: each kind of tokens times its price, and which row of the table matched. Costs are worked out when
/// a call arrives and stay; the explanation is by the table of now.
#[utoipa::path(get, path = "/v1/cost/explain", tag = "prices", params(ExplainParams),
    responses((status = 200, body = ExplainedCall), (status = 404, body = crate::error::ErrorBody)))]
pub async fn explain(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<ExplainParams>,
) -> ApiResult<Json<ExplainedCall>> {
    let scope = caller.scope();
    blocking(move || {
        let missing = || {
            ApiError::new(
                ErrorCode::NotFound,
                "There is no model call of this id in this data. GET /v1/cost/calls lists them.",
            )
        };
        let (stored, cost) = app.store.event(scope, &EventId::new(&params.event_id))?.ok_or_else(missing)?;
        let (EventBody::LlmCall(call), Some(cost)) = (stored.event.body(), cost) else { return Err(missing()) };
        let known = cost.source != CostSource::Unknown;
        Ok(ExplainedCall {
            event_id: params.event_id,
            cost: known.then(|| cost.amount.dollars()),
            cost_source: cost.source,
            explanation: explain_call(&app.prices.of(scope.workspace), &call, cost.source),
        })
    })
    .await
    .map(Json)
}
