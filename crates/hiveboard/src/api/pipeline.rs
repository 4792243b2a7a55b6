//! `GET /v1/agents/{id}/pipeline`, `GET /v1/pipeline`: queues, to-dos, schedules, issues.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::{AgentFilter, view::PipelineView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        agents::agent_not_found,
        blocking,
        page::{Page, Paging},
        params::{ModeOnly, Params, PathText},
    },
    app::App,
    error::ApiResult,
    permission::{Require, need},
};

/// What waits for one agent, and what it worries about.
#[utoipa::path(get, path = "/v1/agents/{agent_id}/pipeline", tag = "pipeline", params(("agent_id" = String, Path, description = "Or `-`, with the id as the query parameter `agent_id`: for ids like `..` that no path can hold."), ModeOnly),
    responses((status = 200, body = PipelineView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn of_agent(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(agent_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<PipelineView>> {
    let scope = caller.scope();
    blocking(move || {
        app.derived
            .look(scope, |projections| projections.pipeline(&agent_id, app.clock.now()))
            .ok_or_else(|| agent_not_found(&agent_id))
    })
    .await
    .map(Json)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PipelineParams {
    /// Of agents that worked on a project.
    project_id: Option<String>,
    /// Of one agent.
    agent_id: Option<String>,
    /// Of one environment.
    environment: Option<String>,
    /// Of one group.
    group: Option<String>,
    /// How many agents, 1 to 200; 50 when not given.
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

/// The pipelines of all agents, by agent.
#[utoipa::path(get, path = "/v1/pipeline", tag = "pipeline", params(PipelineParams), responses((status = 200, body = Page<PipelineView>)))]
pub async fn of_all(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<PipelineParams>,
    paging: Paging,
) -> ApiResult<Json<Page<PipelineView>>> {
    let after: Option<String> = paging.place()?;
    let filter = AgentFilter {
        agent_id: params.agent_id,
        project_id: app.project_aliases.asked(caller.scope(), params.project_id),
        environment: params.environment,
        group: params.group,
        ..AgentFilter::default()
    };
    let (scope, most) = (caller.scope(), paging.limit + 1);
    let pipelines = blocking(move || {
        let now = app.clock.now();
        Ok(app.derived.look(scope, |projections| projections.pipelines(&filter, after.as_deref(), most, now)))
    })
    .await?;
    Ok(Json(paging.cut(pipelines, |last| last.agent_id.clone())))
}
