//! `GET/POST /v1/projects/{project_id}/agents`, `DELETE …/agents/{agent_id}`: who belongs to a project, by events or because people say so.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_derive::{
    AgentFilter, AgentSort,
    view::{AgentStatus, AgentView},
};
use hiveboard_wire::{ErrorCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathPair, PathText},
        projects::missing,
    },
    app::App,
    audit::AuditNote,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// An agent of a project.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProjectAgent {
    pub agent_id: String,
    /// Some of its events name the project.
    pub by_events: bool,
    /// When people put it there; `null` where they did not.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub added_at: Option<Timestamp>,
    /// The rest is `null` when its events are gone.
    pub agent_type: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    #[schema(value_type = Option<String>)]
    pub derived_status: Option<AgentStatus>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProjectAgent {
    /// One that the board knows.
    pub agent_id: String,
}

impl ProjectAgent {
    fn new(agent_id: &str) -> Self {
        Self {
            agent_id: agent_id.to_owned(),
            by_events: false,
            added_at: None,
            agent_type: None,
            environment: None,
            group: None,
            derived_status: None,
            last_seen: None,
        }
    }

    fn known(mut self, agent: AgentView) -> Self {
        self.agent_type = Some(agent.agent_type);
        self.environment = Some(agent.environment);
        self.group = Some(agent.group);
        self.derived_status = Some(agent.derived_status);
        self.last_seen = Some(agent.last_seen);
        self
    }
}

/// The project that is meant: by whatever events call it.
fn project(app: &App, scope: Scope, project_id: &str) -> ApiResult<String> {
    Ok(app.settings.find_project_named(scope, project_id)?.ok_or_else(missing)?.project_id)
}

fn agents(app: &App, scope: Scope, filter: &AgentFilter) -> Vec<AgentView> {
    let now = app.clock.now();
    app.derived.look(scope, |projections| projections.agents(filter, AgentSort::Name, now))
}

/// All of a project, by id.
fn members(app: &App, scope: Scope, project_id: &str) -> ApiResult<BTreeMap<String, ProjectAgent>> {
    let filter = AgentFilter { project_id: Some(project_id.to_owned()), ..AgentFilter::default() };
    let mut found: BTreeMap<String, ProjectAgent> = agents(app, scope, &filter)
        .into_iter()
        .map(|agent| {
            let own = ProjectAgent { by_events: true, ..ProjectAgent::new(&agent.agent_id) };
            (agent.agent_id.clone(), own.known(agent))
        })
        .collect();
    for (agent_id, added_at) in app.settings.project_agents(scope, project_id)? {
        let own = found.entry(agent_id.clone()).or_insert_with(|| {
            let filter = AgentFilter { agent_id: Some(agent_id.clone()), ..AgentFilter::default() };
            let known = agents(app, scope, &filter).pop();
            let own = ProjectAgent::new(&agent_id);
            known.map_or(own.clone(), |agent| own.known(agent))
        });
        own.added_at = Some(added_at);
    }
    Ok(found)
}

/// Agents of a project, by id: those that work in it, and those that people put there.
#[utoipa::path(get, path = "/v1/projects/{project_id}/agents", tag = "projects", params(("project_id" = String, Path), ListParams),
    responses((status = 200, body = Page<ProjectAgent>), (status = 404, body = crate::error::ErrorBody)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(project_id): PathText,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<ProjectAgent>>> {
    let scope = caller.scope();
    let after: Option<String> = paging.place()?;
    blocking(move || {
        let project_id = project(&app, scope, &project_id)?;
        let rest: Vec<ProjectAgent> = members(&app, scope, &project_id)?
            .into_values()
            .filter(|agent| after.as_ref().is_none_or(|after| agent.agent_id > *after))
            .take(paging.limit + 1)
            .collect();
        Ok(paging.cut(rest, |last| last.agent_id.clone()))
    })
    .await
    .map(Json)
}

/// Puts an agent into a project, whatever its events say.
#[utoipa::path(post, path = "/v1/projects/{project_id}/agents", tag = "projects", params(("project_id" = String, Path), ModeOnly), request_body = NewProjectAgent,
    responses((status = 201, body = ProjectAgent), (status = 404, body = crate::error::ErrorBody)))]
pub async fn add(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathText(project_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewProjectAgent>,
) -> ApiResult<(StatusCode, Json<ProjectAgent>)> {
    let scope = caller.scope();
    blocking(move || {
        let project_id = project(&app, scope, &project_id)?;
        let filter = AgentFilter { agent_id: Some(new.agent_id.clone()), ..AgentFilter::default() };
        if agents(&app, scope, &filter).is_empty() {
            return Err(ApiError::new(ErrorCode::AgentNotFound, "There is no such agent. GET /v1/agents lists them."));
        }
        app.settings.add_project_agent(scope, &project_id, &new.agent_id)?;
        let found = members(&app, scope, &project_id)?.remove(&new.agent_id);
        let added = found.ok_or_else(|| ApiError::internal("an agent that was just added is not there"))?;
        note.say("project.agent_added", project_id, (), &new.agent_id);
        Ok((StatusCode::CREATED, Json(added)))
    })
    .await
}

/// Takes an agent that people put there out of a project. One whose events name the project belongs to it: events are never rewritten.
#[utoipa::path(delete, path = "/v1/projects/{project_id}/agents/{agent_id}", tag = "projects",
    params(("project_id" = String, Path), ("agent_id" = String, Path), ModeOnly),
    responses((status = 200, body = ProjectAgent), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn remove(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeProjects>,
    note: AuditNote,
    PathPair(project_id, agent_id): PathPair,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ProjectAgent>> {
    let scope = caller.scope();
    blocking(move || {
        let project_id = project(&app, scope, &project_id)?;
        let found = members(&app, scope, &project_id)?.remove(&agent_id);
        if app.settings.remove_project_agent(scope, &project_id, &agent_id)?
            && let Some(agent) = found
        {
            note.say("project.agent_removed", project_id, &agent_id, ());
            return Ok(Json(ProjectAgent { added_at: None, ..agent }));
        }
        Err(match found {
            Some(_) => ApiError::new(
                ErrorCode::Conflict,
                "This agent belongs to the project by its events, which are never rewritten; nobody put it there.",
            ),
            None => ApiError::new(
                ErrorCode::AgentNotFound,
                "There is no such agent in this project. GET /v1/projects/{project_id}/agents lists them.",
            ),
        })
    })
    .await
}
