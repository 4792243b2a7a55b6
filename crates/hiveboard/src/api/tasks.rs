//! `GET /v1/tasks`, `GET /v1/tasks/{task_id}/timeline`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::{
    RunFilter, RunSort, timeline,
    view::{TaskStatus, TaskView, TimelineView},
};
use hiveboard_store::{EventPage, Position, query::SeqOrder};
use hiveboard_wire::{ErrorCode, RunKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        blocking,
        page::{self, Page, Pagination},
        params::{CommaList, Params, PathText, filtered_params},
    },
    app::App,
    auth::Reader,
    error::{ApiError, ApiResult},
};

/// Events of one page of a timeline.
const TIMELINE_EVENTS: usize = 2_000;
/// Events of one run that are looked at, at most.
const RUN_EVENTS: usize = 50_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskOrder {
    Newest,
    Oldest,
    Duration,
    Cost,
    Tokens,
    Errors,
}

filtered_params! {
    pub struct TaskParams {
        /// Derived statuses, comma-separated.
        #[param(value_type = Option<String>)]
        pub status: Option<CommaList<TaskStatus>>,
        /// Of one type.
        pub task_type: Option<String>,
        /// Of one piece of work across agents.
        pub correlation_id: Option<String>,
        /// Text in task id, type, agent or project, upper and lower case alike.
        pub q: Option<String>,
        /// Order; newest first when not given.
        #[param(inline)]
        pub sort: Option<TaskOrder>,
        /// How many, 1 to 200; 50 when not given.
        pub limit: Option<usize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

/// Runs of tasks.
#[utoipa::path(get, path = "/v1/tasks", tag = "tasks", params(TaskParams), responses((status = 200, body = Page<TaskView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Reader(caller): Reader,
    Params(params): Params<TaskParams>,
) -> ApiResult<Json<Page<TaskView>>> {
    let now = Timestamp::now();
    let limit = page::limit(params.limit)?;
    let window = params.window(now)?;
    let order = params.sort.unwrap_or(TaskOrder::Newest);
    let sort = match order {
        TaskOrder::Newest => RunSort::Newest,
        TaskOrder::Oldest => RunSort::Oldest,
        TaskOrder::Duration => RunSort::Duration,
        TaskOrder::Cost => RunSort::Cost,
        TaskOrder::Tokens => RunSort::Tokens,
        TaskOrder::Errors => RunSort::Errors,
    };
    let filter = RunFilter {
        status: params.status.unwrap_or_default().0,
        task_type: params.task_type,
        correlation_id: params.correlation_id,
        q: params.q,
        agent_id: params.agent_id,
        project_id: params.project_id,
        environment: params.environment,
        group: params.group,
        since: window.since,
        until: window.until,
        ..RunFilter::default()
    };
    let scope = caller.scope();
    let page = blocking(move || {
        app.derived
            .look(scope, |projections| projections.runs(&filter, sort, params.cursor.as_deref(), limit, now))
            .map_err(|error| ApiError::invalid_parameter("cursor", format!("`cursor`: {error}.")))
    })
    .await?;
    Ok(Json(Page { pagination: Pagination { has_more: page.cursor.is_some(), cursor: page.cursor }, data: page.data }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelineParams {
    /// Which run; the latest when not given.
    task_run_id: Option<String>,
    /// Whose, where two agents share a task id; the latest when not given.
    agent_id: Option<String>,
    /// Where the page of events before ended; only runs of over 2,000 events have several.
    cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePage {
    #[serde(flatten)]
    pub timeline: TimelineView,
    /// Of `events`; everything else is about the whole run.
    pub pagination: Pagination,
}

/// The story of one run: its figures, events in order, actions as a tree, plan, failures with what led to them, where the time went.
#[utoipa::path(get, path = "/v1/tasks/{task_id}/timeline", tag = "tasks", params(("task_id" = String, Path), TimelineParams),
    responses((status = 200, body = TimelinePage), (status = 404, body = crate::error::ErrorBody)))]
pub async fn timeline(
    State(app): State<Arc<App>>,
    Reader(caller): Reader,
    PathText(task_id): PathText,
    Params(params): Params<TimelineParams>,
) -> ApiResult<Json<TimelinePage>> {
    let scope = caller.scope();
    let offset: usize = page::decode(params.cursor.as_deref())?.unwrap_or(0);
    blocking(move || {
        let now = Timestamp::now();
        let (run, runs) = app
            .derived
            .look(scope, |projections| {
                pick(
                    &projections.runs_of_task(&task_id, params.agent_id.as_deref(), now),
                    params.task_run_id.as_deref(),
                )
            })
            .ok_or_else(|| {
                ApiError::new(
                    ErrorCode::TaskNotFound,
                    "There is no such task or run in this data. GET /v1/tasks lists them.",
                )
                .detail("task_id", task_id.as_str())
            })?;
        let key = RunKey {
            agent_id: run.agent_id.as_str().into(),
            task_id: run.task_id.as_str().into(),
            task_run_id: run.task_run_id.as_str().into(),
        };
        let events = app.store.task_events(
            scope,
            &key.agent_id,
            &key.task_id,
            Some(&key.task_run_id),
            EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: RUN_EVENTS },
        )?;
        let mut timeline = timeline::build(run, runs, events, now);
        let has_more = timeline.events.len() > offset + TIMELINE_EVENTS;
        timeline.events = timeline.events.into_iter().skip(offset).take(TIMELINE_EVENTS).collect();
        let cursor = has_more.then(|| page::encode(&(offset + TIMELINE_EVENTS)));
        Ok(TimelinePage { timeline, pagination: Pagination { cursor, has_more } })
    })
    .await
    .map(Json)
}

/// The run asked for (the latest when none is), and all runs of the same agent's task, newest first.
fn pick(runs: &[TaskView], task_run_id: Option<&str>) -> Option<(TaskView, Vec<TaskView>)> {
    let run = match task_run_id {
        Some(wanted) => runs.iter().find(|run| run.task_run_id == wanted)?,
        None => runs.first()?,
    };
    let siblings = runs.iter().filter(|sibling| sibling.agent_id == run.agent_id).cloned().collect();
    Some((run.clone(), siblings))
}
