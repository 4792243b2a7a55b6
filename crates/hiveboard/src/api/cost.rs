//! `GET /v1/cost…` and `/v1/llm-calls`: what models cost. Totals, groups, buckets and rows come from the same calls.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_store::{CallFilter, CallGroup, CallGroups, CallRow, CallSort, CallTotals, Dimension, Position};
use hiveboard_wire::{CostSource, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        interval::{Buckets, Interval},
        page::{Page, Paging},
        params::{Params, Range, filtered_params, text},
        timezone::Zone,
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// Sums over calls. Money in US dollars.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Totals {
    /// Reported plus estimated.
    pub cost: f64,
    /// The estimated part of it.
    pub estimated_cost: f64,
    pub call_count: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
}

impl From<CallTotals> for Totals {
    fn from(totals: CallTotals) -> Self {
        Self {
            cost: totals.cost.dollars(),
            estimated_cost: totals.estimated_cost.dollars(),
            call_count: totals.call_count,
            tokens_in: totals.tokens_in,
            tokens_out: totals.tokens_out,
        }
    }
}

/// The value of each dimension asked for; `""` where calls have none.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct SplitKeys {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
}

impl SplitKeys {
    fn of(group: &CallGroup, by: &[Dimension]) -> Self {
        let value = |wanted| {
            let at = by.iter().position(|dimension| *dimension == wanted)?;
            Some(group.keys.get(at).cloned().flatten().unwrap_or_default())
        };
        Self {
            agent: value(Dimension::Agent),
            model: value(Dimension::Model),
            project: value(Dimension::Project),
            task_type: value(Dimension::TaskType),
            version: value(Dimension::Version),
            environment: value(Dimension::Environment),
        }
    }
}

/// Totals of one value of each dimension asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CostGroup {
    #[serde(flatten)]
    pub keys: SplitKeys,
    #[serde(flatten)]
    pub totals: Totals,
    pub avg_cost_per_call: Option<f64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CostView {
    pub totals: Totals,
    /// Dearest first, as many as asked for.
    pub groups: Vec<CostGroup>,
    /// What the groups beyond come to; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherCost>,
}

/// Groups that are not told one by one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OtherCost {
    pub group_count: u64,
    #[serde(flatten)]
    pub totals: Totals,
    pub avg_cost_per_call: Option<f64>,
}

impl OtherCost {
    /// `None` for no groups.
    pub fn new(group_count: u64, totals: CallTotals) -> Option<Self> {
        (group_count > 0).then(|| Self { group_count, avg_cost_per_call: avg_cost(totals), totals: totals.into() })
    }
}

fn avg_cost(totals: CallTotals) -> Option<f64> {
    (totals.call_count > 0).then(|| totals.cost.dollars() / totals.call_count as f64)
}

/// Groups that one answer tells apart.
pub const MOST_GROUPS: usize = 1_000;

/// How many groups were asked for.
///
/// # Errors
/// When that is not a number from 1 to 1,000.
pub fn most_groups(limit: Option<usize>) -> ApiResult<usize> {
    let limit = limit.unwrap_or(MOST_GROUPS);
    if (1..=MOST_GROUPS).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::invalid_parameter("limit", format!("`limit` must lie between 1 and {MOST_GROUPS}.")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    Agent,
    Model,
    AgentModel,
    Project,
    TaskType,
    Version,
    Environment,
}

impl GroupBy {
    pub const fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Agent => &[Dimension::Agent],
            Self::Model => &[Dimension::Model],
            Self::AgentModel => &[Dimension::Agent, Dimension::Model],
            Self::Project => &[Dimension::Project],
            Self::TaskType => &[Dimension::TaskType],
            Self::Version => &[Dimension::Version],
            Self::Environment => &[Dimension::Environment],
        }
    }
}

filtered_params! {
    pub struct CostParams {
        /// What to group by; by model when not given.
        #[param(inline)]
        pub group_by: Option<GroupBy>,
        /// Groups to tell apart, 1 to 1,000; 1,000 when not given. What the others come to stands in `other`.
        pub limit: Option<usize>,
        /// Of one model.
        pub model: Option<String>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one type of task.
        pub task_type: Option<String>,
        /// Of agents of one version, as they gave it.
        pub version: Option<String>,
    }
}

filtered_params! {
    pub struct CallParams {
        /// Order; newest first when not given.
        #[param(inline)]
        pub sort: Option<CallOrder>,
        /// Of one model.
        pub model: Option<String>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one type of task.
        pub task_type: Option<String>,
        /// Of agents of one version, as they gave it.
        pub version: Option<String>,
        /// Text in name, model and previews, whatever its case and form; at most 200 characters.
        pub q: Option<String>,
        /// How many, 1 to 200; 50 when not given.
        pub limit: Option<usize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

filtered_params! {
    pub struct CostSeriesParams {
        /// Width of a bucket; by range when not given.
        #[param(inline)]
        pub interval: Option<Interval>,
        /// Whose days buckets of a day are: an IANA name (`Europe/Berlin`) or an offset (`+02:00`); UTC when not given.
        #[param(value_type = Option<String>)]
        pub timezone: Option<Zone>,
        /// A series for each value of it.
        #[param(inline)]
        pub split_by: Option<GroupBy>,
        /// Series to tell apart, 1 to 1,000; 1,000 when not given. What the others come to is one more.
        pub limit: Option<usize>,
        /// Of one model.
        pub model: Option<String>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one type of task.
        pub task_type: Option<String>,
        /// Of agents of one version, as they gave it.
        pub version: Option<String>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOrder {
    Newest,
    Oldest,
    Cost,
    Tokens,
}

macro_rules! call_filter {
    ($params:expr, $now:expr) => {{
        let window = $params.window($now)?;
        CallFilter {
            agent_id: $params.agent_id.clone(),
            project_id: $params.project_id.clone(),
            environment: $params.environment.clone(),
            group: $params.group.clone(),
            task_id: $params.task_id.clone(),
            model: $params.model.clone(),
            task_type: $params.task_type.clone(),
            version: $params.version.clone(),
            since: window.since,
            until: window.until,
            ..CallFilter::default()
        }
    }};
}

/// What model calls cost: totals, and groups with the dearest first. The last 24 hours when no time is given.
#[utoipa::path(get, path = "/v1/cost", tag = "cost", params(CostParams), responses((status = 200, body = CostView)))]
pub async fn summary(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<CostParams>,
) -> ApiResult<Json<CostView>> {
    let now = app.clock.now();
    let mut filter = call_filter!(params, now);
    filter.since = Some(params.window(now)?.started(Range::Day, now).since);
    let by = params.group_by.unwrap_or(GroupBy::Model).dimensions();
    let (scope, most) = (caller.scope(), most_groups(params.limit)?);
    let found = blocking(move || Ok(app.call_groups(scope, &filter, by, None, most)?)).await?;
    let other = sum(&found.other);
    let mut totals = sum(&found.groups);
    totals.add(&other);
    Ok(Json(CostView {
        totals: totals.into(),
        groups: cost_groups(found.groups, by),
        other: OtherCost::new(found.other_count, other),
    }))
}

/// Adds groups up.
pub fn sum(groups: &[CallGroup]) -> CallTotals {
    let mut total = CallTotals::default();
    for group in groups {
        total.add(&group.totals);
    }
    total
}

pub fn dearest_first(a: &CallGroup, b: &CallGroup) -> std::cmp::Ordering {
    (b.totals.cost, b.totals.call_count).cmp(&(a.totals.cost, a.totals.call_count)).then_with(|| a.keys.cmp(&b.keys))
}

/// Named groups, dearest first.
pub fn cost_groups(mut groups: Vec<CallGroup>, by: &[Dimension]) -> Vec<CostGroup> {
    groups.sort_by(dearest_first);
    groups
        .into_iter()
        .map(|group| CostGroup {
            keys: SplitKeys::of(&group, by),
            avg_cost_per_call: avg_cost(group.totals),
            totals: group.totals.into(),
        })
        .collect()
}

/// One model call.
#[derive(Debug, Serialize, ToSchema)]
pub struct CallView {
    pub event_id: String,
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    pub agent_id: String,
    pub project_id: Option<String>,
    pub task_id: Option<String>,
    pub task_run_id: Option<String>,
    pub call_name: Option<String>,
    pub model: Option<String>,
    pub tokens_in: Option<u64>,
    pub tokens_out: Option<u64>,
    /// US dollars; `null` when neither reported nor to be estimated.
    pub cost: Option<f64>,
    /// reported, estimated or unknown
    #[schema(value_type = String)]
    pub cost_source: CostSource,
    pub duration_ms: Option<f64>,
    pub prompt_preview: Option<String>,
    pub response_preview: Option<String>,
}

impl From<CallRow> for CallView {
    fn from(row: CallRow) -> Self {
        Self {
            event_id: row.event_id,
            timestamp: row.timestamp,
            agent_id: row.agent_id,
            project_id: row.project_id,
            task_id: row.task_id,
            task_run_id: row.task_run_id,
            call_name: row.call_name,
            model: row.model,
            tokens_in: row.tokens_in,
            tokens_out: row.tokens_out,
            cost: row.cost.map(hiveboard_wire::NanoDollars::dollars),
            cost_source: row.cost_source,
            duration_ms: row.duration_ms,
            prompt_preview: row.prompt_preview,
            response_preview: row.response_preview,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Place {
    figure: i64,
    #[serde(rename = "seq")]
    at: Position,
}

/// Model calls.
#[utoipa::path(get, path = "/v1/cost/calls", tag = "cost", params(CallParams), responses((status = 200, body = Page<CallView>)))]
pub async fn calls(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<CallParams>,
    paging: Paging,
) -> ApiResult<Json<Page<CallView>>> {
    let order = params.sort.unwrap_or(CallOrder::Newest);
    let place: Option<Place> = paging.place()?;
    let by_time = place.as_ref().map(|place| (Timestamp(place.figure), place.at));
    let by_figure = place.as_ref().map(|place| (place.figure, place.at));
    let sort = match order {
        CallOrder::Newest => CallSort::Newest { after: by_time },
        CallOrder::Oldest => CallSort::Oldest { after: by_time },
        CallOrder::Cost => CallSort::Cost { after: by_figure },
        CallOrder::Tokens => CallSort::Tokens { after: by_figure },
    };
    let filter = CallFilter { text: text(params.q.clone())?, ..call_filter!(params, app.clock.now()) };
    let scope = caller.scope();
    let limit = paging.limit;
    let rows = blocking(move || Ok(app.calls(scope, &filter, sort, limit + 1)?)).await?;
    let page = paging.cut(rows, |last| Place {
        figure: match order {
            CallOrder::Newest | CallOrder::Oldest => last.timestamp.micros(),
            CallOrder::Cost => last.cost.unwrap_or_default().0,
            CallOrder::Tokens => (last.tokens_in.unwrap_or(0) + last.tokens_out.unwrap_or(0)) as i64,
        },
        at: last.position,
    });
    Ok(Json(page.map(CallView::from)))
}

/// Model calls, under the name that tracing tools use.
#[utoipa::path(get, path = "/v1/llm-calls", tag = "cost", params(CallParams), responses((status = 200, body = Page<CallView>)))]
pub async fn llm_calls(
    app: State<Arc<App>>,
    caller: Require<need::ReadData>,
    params: Params<CallParams>,
    paging: Paging,
) -> ApiResult<Json<Page<CallView>>> {
    calls(app, caller, params, paging).await
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CostBucket {
    /// Start of the bucket.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Timestamp,
    /// Which series it is of, where the answer is split.
    #[serde(flatten)]
    pub keys: SplitKeys,
    /// Whether it is what series beyond `limit` come to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub is_other: bool,
    #[serde(flatten)]
    pub totals: Totals,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CostSeries {
    /// Of a day by 24 hours, though days of a time zone may be longer or shorter.
    pub interval_seconds: i64,
    /// By time; without gaps unless split.
    pub timeseries: Vec<CostBucket>,
}

/// Cost over time, in buckets aligned to UTC; buckets of a day begin at midnight in `timezone`.
#[utoipa::path(get, path = "/v1/cost/timeseries", tag = "cost", params(CostSeriesParams), responses((status = 200, body = CostSeries)))]
pub async fn timeseries(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<CostSeriesParams>,
) -> ApiResult<Json<CostSeries>> {
    let now = app.clock.now();
    let mut filter = call_filter!(params, now);
    let stretch = params.window(now)?.started(Range::Day, now);
    filter.since = Some(stretch.since);
    let width = Interval::pick(params.interval, stretch)?;
    let buckets = Buckets::of(stretch, width, params.timezone.as_ref());
    let by: &'static [Dimension] = params.split_by.map_or(&[], GroupBy::dimensions);
    let most = most_groups(params.limit)?;
    let (scope, grain) = (caller.scope(), buckets.grain);
    let found = blocking(move || Ok(app.call_groups(scope, &filter, by, Some(grain), most)?)).await?;
    let timeseries =
        if by.is_empty() { without_gaps(&buckets, buckets.gather(found.groups)) } else { split(&buckets, found, by) };
    Ok(Json(CostSeries { interval_seconds: width / hiveboard_wire::time::MICROS_PER_SECOND, timeseries }))
}

/// What the series beyond come to stands behind those of its time.
fn split(buckets: &Buckets, found: CallGroups, by: &[Dimension]) -> Vec<CostBucket> {
    let row = |group: CallGroup, is_other: bool| {
        let keys = if is_other { SplitKeys::default() } else { SplitKeys::of(&group, by) };
        Some(CostBucket { timestamp: group.bucket?, keys, is_other, totals: group.totals.into() })
    };
    let mut rows: Vec<CostBucket> =
        buckets.gather(found.groups).into_iter().filter_map(|group| row(group, false)).collect();
    rows.extend(buckets.gather(found.other).into_iter().filter_map(|group| row(group, true)));
    rows.sort_by_key(|row| row.timestamp);
    rows
}

fn without_gaps(buckets: &Buckets, groups: Vec<CallGroup>) -> Vec<CostBucket> {
    let mut found = groups.into_iter().peekable();
    let totals_at = |start: &Timestamp| {
        let group = found.next_if(|group| group.bucket == Some(*start));
        let totals = group.map_or_else(CallTotals::default, |group| group.totals).into();
        CostBucket { timestamp: *start, keys: SplitKeys::default(), is_other: false, totals }
    };
    buckets.starts().iter().map(totals_at).collect()
}
