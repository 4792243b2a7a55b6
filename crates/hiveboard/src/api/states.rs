//! `GET /v1/agents/{id}/states`, `GET /v1/states`: in which state agents were, when, and for how long.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::view::{AgentStateView, StateKind, StateSpanView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        agents::agent_not_found,
        blocking,
        page::{Page, Paging},
        params::{CommaList, Params, PathText, Range, Window, filtered_params},
    },
    app::App,
    error::ApiResult,
    permission::{Require, need},
};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StateParams {
    /// From this time on (RFC 3339), by the server's clock.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<hiveboard_wire::Timestamp>,
    /// Before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<hiveboard_wire::Timestamp>,
    /// The last hour, six hours, …; instead of `since`.
    #[param(inline)]
    range: Option<Range>,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// The states of an agent, the oldest first, and what they come to; of the last 24 hours when no time is given. The newest 400 changes are kept.
#[utoipa::path(get, path = "/v1/agents/{agent_id}/states", tag = "agents", params(("agent_id" = String, Path, description = "Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold."), StateParams),
    responses((status = 200, body = AgentStateView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn of_agent(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(agent_id): PathText,
    Params(params): Params<StateParams>,
) -> ApiResult<Json<AgentStateView>> {
    let now = app.clock.now();
    let stretch = Window::new(params.range, params.since, params.until, now)?.started(Range::Day, now);
    let scope = caller.scope();
    blocking(move || {
        app.derived
            .look(scope, |projections| projections.agent_states(&agent_id, stretch.since, stretch.end, now))
            .ok_or_else(|| agent_not_found(&agent_id))
    })
    .await
    .map(Json)
}

filtered_params! {
    pub struct StateListParams {
        /// Which states, comma-separated or repeated; `stuck` and `waiting` when not given.
        #[param(value_type = Option<String>)]
        pub state: Option<CommaList<StateKind>>,
        /// How many, 1 to 200; 50 when not given.
        pub limit: Option<usize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

/// Who was stuck, when, and for how long: stretches of all agents, the latest to begin first; of the last 24 hours when no time is given.
#[utoipa::path(get, path = "/v1/states", tag = "agents", params(StateListParams), responses((status = 200, body = Page<StateSpanView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<StateListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<StateSpanView>>> {
    let offset: usize = paging.place()?.unwrap_or(0);
    let now = app.clock.now();
    let stretch = params.window(now)?.started(Range::Day, now);
    let mut kinds = params.state.unwrap_or_default().0;
    if kinds.is_empty() {
        kinds = vec![StateKind::Stuck, StateKind::Waiting];
    }
    let scope = caller.scope();
    let project = app.project_aliases.asked(scope, params.project_id);
    let (agent, environment, group) = (params.agent_id, params.environment, params.group);
    let most = paging.limit + 1;
    let rest = blocking(move || {
        let is = |wanted: &Option<String>, label: &str| wanted.as_deref().is_none_or(|wanted| wanted == label);
        let found = app.derived.look(scope, |projections| {
            projections.state_history(&kinds, stretch.since, stretch.end, now, project.as_deref(), |id, env, of| {
                is(&agent, id) && is(&environment, env) && is(&group, of)
            })
        });
        Ok(found.into_iter().skip(offset).take(most).collect())
    })
    .await?;
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}
