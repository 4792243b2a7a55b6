//! `GET /v1/tasks`, `GET /v1/tasks/{task_id}/timeline`.

use std::{collections::HashSet, sync::Arc};

use axum::{Json, extract::State};
use hiveboard_derive::{
    ColdRowError, Projections, RunFilter, RunSort,
    timeline::{EventsPage, Story},
    view::{TaskStatus, TaskView, TimelineView},
};
use hiveboard_store::{EventFilter, EventPage, query::SeqOrder};
use hiveboard_wire::{ErrorCode, OrderKey, RunKey, Scope, StoredEvent, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    api::{
        blocking,
        page::{self, Page, Pagination, Paging},
        params::{CommaList, Params, PathText, filtered_params, text},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// Events whose runs a search finds by their texts.
const TELLING_EVENTS: usize = 1_000;
/// Events of one page of a timeline.
const TIMELINE_EVENTS: usize = 2_000;
/// Runs that a timeline lists for its picker.
const TIMELINE_RUNS: usize = 50;

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
        /// Derived statuses, comma-separated or repeated.
        #[param(value_type = Option<String>)]
        pub status: Option<CommaList<TaskStatus>>,
        /// Runs of one task.
        pub task_id: Option<String>,
        /// Of one type.
        pub task_type: Option<String>,
        /// Of one piece of work across agents.
        pub correlation_id: Option<String>,
        /// Text in task id, run id, type, agent, correlation id, the failure that ended it, or payloads of the newest 1,000 events that hold it, whatever its case and form; at most 200 characters.
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
    caller: Require<need::ReadData>,
    Params(params): Params<TaskParams>,
    paging: Paging,
) -> ApiResult<Json<Page<TaskView>>> {
    let now = app.clock.now();
    let place: Option<String> = paging.place()?;
    let limit = paging.limit;
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
    let mut filter = RunFilter {
        status: params.status.unwrap_or_default().0,
        task_id: params.task_id,
        task_type: params.task_type,
        correlation_id: params.correlation_id,
        q: text(params.q)?,
        agent_id: params.agent_id,
        project_id: app.project_aliases.asked(caller.scope(), params.project_id),
        environment: params.environment,
        group: params.group,
        since: window.since,
        until: window.until,
        ..RunFilter::default()
    };
    let scope = caller.scope();
    let page = blocking(move || {
        if let Some(text) = &filter.q {
            filter.q_in_events = runs_telling(&app, scope, &filter, text)?;
        }
        app.derived
            .look(scope, |projections| projections.runs(&filter, sort, place.as_deref(), limit, now))
            .map_err(|error| ApiError::invalid_parameter("cursor", format!("`cursor`: {error}.")))?
            .finish()
            .map_err(|error| ApiError::internal(&error))
    })
    .await?;
    let cursor = page.cursor.map(|place| paging.cursor(place));
    Ok(Json(Page { pagination: Pagination { has_more: cursor.is_some(), cursor }, data: page.data }))
}

/// Runs of the newest events that hold a text.
fn runs_telling(app: &App, scope: Scope, filter: &RunFilter, text: &str) -> ApiResult<Vec<RunKey>> {
    let events = EventFilter {
        agent_id: filter.agent_id.clone(),
        task_id: filter.task_id.clone(),
        text: Some(text.to_owned()),
        ..EventFilter::default()
    };
    let page = EventPage { order: SeqOrder::Newest { before: None }, limit: TELLING_EVENTS };
    let runs: HashSet<RunKey> = app.events(scope, &events, page)?.iter().filter_map(StoredEvent::run_key).collect();
    Ok(runs.into_iter().collect())
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
    /// Only what arrived after this `seq`, and what changed by it: how a reader that shows the run follows it.
    after_seq: Option<u64>,
    /// Whose data a session of the board looks at; keys have their own.
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TimelinePage {
    #[serde(flatten)]
    pub timeline: TimelineView,
    /// Of `events`; everything else is about the whole run, and on the first page alone.
    pub pagination: Pagination,
}

/// The story of one run: its figures, events in order, actions as a tree, plan, failures with what led to them, where the time went.
#[utoipa::path(get, path = "/v1/tasks/{task_id}/timeline", tag = "tasks", params(("task_id" = String, Path, description = "Or `-`, with the id as the query parameter `task_id`: for ids like `..` that no path can hold."), TimelineParams),
    responses((status = 200, body = TimelinePage), (status = 404, body = crate::error::ErrorBody)))]
pub async fn timeline(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(task_id): PathText,
    Params(params): Params<TimelineParams>,
) -> ApiResult<Json<TimelinePage>> {
    let scope = caller.scope();
    let limit = TIMELINE_EVENTS;
    let cursor: Option<OrderKey> = page::decode(params.cursor.as_deref())?;
    let wanted = match (cursor, params.after_seq) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid_parameter("after_seq", "`after_seq` and `cursor` exclude each other."));
        }
        (Some(key), None) => EventsPage::After { key, limit },
        (None, Some(seq)) => EventsPage::Since { seq, limit },
        (None, None) => EventsPage::First { limit },
    };
    blocking(move || {
        let now = app.clock.now();
        let (run, runs, total) = app
            .derived
            .look(scope, |projections| pick(projections, &task_id, &params, now))
            .map_err(|error| ApiError::internal(&error))?
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
        let look = |story: &Story| story.timeline(run, (runs, total), wanted, now);
        let (timeline, next) = app.stories.look(&*app.store, scope, &key, look)?;
        let pagination = Pagination { has_more: next.is_some(), cursor: next.map(|key| page::encode(&key)) };
        Ok(TimelinePage { timeline, pagination })
    })
    .await
    .map(Json)
}

/// The run asked for (the latest when none is), the newest runs of the same agent's task, and how many there are.
fn pick(
    projections: &Projections,
    task_id: &str,
    params: &TimelineParams,
    now: Timestamp,
) -> Result<Option<(TaskView, Vec<TaskView>, u64)>, ColdRowError> {
    let latest = match (params.agent_id.as_deref(), params.task_run_id.as_deref()) {
        (Some(agent_id), _) => Some(agent_id.to_owned()),
        (None, None) => projections.runs_of_task(task_id, None, 1, now)?.0.pop().map(|run| run.agent_id),
        (None, Some(task_run_id)) => projections.run_of_task(task_id, task_run_id, now)?.map(|run| run.agent_id),
    };
    let Some(agent_id) = latest else { return Ok(None) };
    let (runs, total) = projections.runs_of_task(task_id, Some(&agent_id), TIMELINE_RUNS, now)?;
    let run = match params.task_run_id.as_deref() {
        None => runs.first().cloned(),
        Some(task_run_id) => {
            let key =
                RunKey { agent_id: agent_id.as_str().into(), task_id: task_id.into(), task_run_id: task_run_id.into() };
            projections.run(&key, now)?
        }
    };
    Ok(run.map(|run| (run, runs, total)))
}
