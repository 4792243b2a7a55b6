//! `GET /v1/insights`: what the figures say that nobody asked for, each with its evidence.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_insights::{Checked, Insight, Kind};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        params::{CommaList, Params, Range, filtered_params},
    },
    app::App,
    error::ApiResult,
    insights::{self, Question},
    permission::{Require, need},
};

filtered_params! {
    pub struct InsightParams {
        /// Which kinds to look for, comma-separated or repeated; all when not given.
        #[param(value_type = Option<String>)]
        pub kinds: Option<CommaList<Kind>>,
    }
}

/// What was found, and what was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct InsightsView {
    /// The most severe first, and of these the dearest.
    pub data: Vec<Insight>,
    /// Every kind asked for, and whether it had enough to say something.
    pub checked: Vec<Checked>,
}

/// Insights of a stretch of time: the last 24 hours when none is given. The window begins at a full hour (a full day, where it begins more than
/// three days ago), and is compared with the period before it.
#[utoipa::path(get, path = "/v1/insights", tag = "insights", params(InsightParams), responses((status = 200, body = InsightsView)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<InsightParams>,
) -> ApiResult<Json<InsightsView>> {
    let now = app.clock.now();
    let stretch = params.window(now)?.started(Range::Day, now);
    let question = Question {
        since: stretch.since,
        until: stretch.end,
        project_id: params.project_id,
        agent_id: params.agent_id,
        environment: params.environment,
        group: params.group,
        kinds: params.kinds.unwrap_or_default().0,
    };
    let scope = caller.scope();
    blocking(move || {
        let answer = insights::compute(&app, scope, &question)?;
        Ok(InsightsView { data: answer.insights.clone(), checked: answer.checked.clone() })
    })
    .await
    .map(Json)
}
