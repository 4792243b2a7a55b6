//! `GET /v1/agents`, `GET /v1/agents/{id}`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::{
    AgentFilter, AgentSort,
    view::{AgentDetailView, AgentStatus, AgentView},
};
use hiveboard_wire::ErrorCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{CommaList, ModeOnly, Params, PathText},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentOrder {
    /// Stuck, error, waiting, processing, idle; then the most recent.
    Attention,
    Name,
    LastSeen,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AgentParams {
    /// Derived statuses, comma-separated.
    #[param(value_type = Option<String>)]
    status: Option<CommaList<AgentStatus>>,
    /// Of one type of agent.
    agent_type: Option<String>,
    /// That worked on a project.
    project_id: Option<String>,
    /// Of one agent.
    agent_id: Option<String>,
    /// Of one environment.
    environment: Option<String>,
    /// Of one group.
    group: Option<String>,
    /// Order; by attention when not given.
    #[param(inline)]
    sort: Option<AgentOrder>,
    /// How many, 1 to 200; 50 when not given.
    #[expect(dead_code, reason = "read as `Paging`")]
    limit: Option<usize>,
    /// Where the page before ended.
    #[expect(dead_code, reason = "read as `Paging`")]
    cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// Agents, those first that ask for attention.
#[utoipa::path(get, path = "/v1/agents", tag = "agents", params(AgentParams), responses((status = 200, body = Page<AgentView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<AgentParams>,
    paging: Paging,
) -> ApiResult<Json<Page<AgentView>>> {
    // Sorts by a moving figure promise no more than a place in the list.
    let offset: usize = paging.place()?.unwrap_or(0);
    let filter = AgentFilter {
        status: params.status.unwrap_or_default().0,
        agent_id: params.agent_id,
        agent_type: params.agent_type,
        project_id: app.project_aliases.asked(caller.scope(), params.project_id),
        environment: params.environment,
        group: params.group,
    };
    let sort = match params.sort.unwrap_or(AgentOrder::Attention) {
        AgentOrder::Attention => AgentSort::Attention,
        AgentOrder::Name => AgentSort::Name,
        AgentOrder::LastSeen => AgentSort::LastSeen,
    };
    let scope = caller.scope();
    let most = paging.limit + 1;
    let rest = blocking(move || {
        let now = app.clock.now();
        Ok(app.derived.look(scope, |projections| projections.agents_page(&filter, sort, offset, most, now)))
    })
    .await?;
    Ok(Json(paging.cut(rest, |_| offset + paging.limit)))
}

/// One agent with its last day.
#[utoipa::path(get, path = "/v1/agents/{agent_id}", tag = "agents", params(("agent_id" = String, Path, description = "Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold."), ModeOnly),
    responses((status = 200, body = AgentDetailView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(agent_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<AgentDetailView>> {
    let scope = caller.scope();
    blocking(move || {
        app.derived
            .look(scope, |projections| projections.agent(&agent_id, app.clock.now()))
            .ok_or_else(|| agent_not_found(&agent_id))
    })
    .await
    .map(Json)
}

pub fn agent_not_found(agent_id: &str) -> ApiError {
    ApiError::new(
        ErrorCode::AgentNotFound,
        "There is no such agent in this data. GET /v1/agents lists them; live and test data are apart.",
    )
    .detail("agent_id", agent_id)
}
