//! `GET /v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::view::{EventRow, EventView};
use hiveboard_store::{EventFilter, EventPage, Position, query::SeqOrder};
use hiveboard_wire::{EventType, Kind, Severity};

use crate::{
    api::{
        blocking,
        page::{self, Page},
        params::{CommaList, Params, filtered_params},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

filtered_params! {
    pub struct EventParams {
        /// Event types, comma-separated.
        #[param(value_type = Option<String>)]
        pub event_type: Option<CommaList<EventType>>,
        /// Severities, comma-separated: debug, info, warn, error.
        #[param(value_type = Option<String>)]
        pub severity: Option<CommaList<Severity>>,
        /// Payload kinds, comma-separated: well-known ones, and those that agents chose for themselves.
        #[param(value_type = Option<String>)]
        pub payload_kind: Option<CommaList<String>>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one run of a task.
        pub task_run_id: Option<String>,
        /// Of one piece of work across agents.
        pub correlation_id: Option<String>,
        /// Text in summaries and payloads, upper and lower case alike.
        pub q: Option<String>,
        /// Leaves heartbeats out: true unless `event_type` names them.
        pub exclude_heartbeats: Option<bool>,
        /// Only events after this one, oldest first.
        pub after_seq: Option<u64>,
        /// How many, 1 to 200; 50 when not given.
        pub limit: Option<usize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

/// Events, newest first by `seq`; with `after_seq`, what came after it, oldest first.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(EventParams), responses((status = 200, body = Page<EventView<'static>>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<EventParams>,
) -> ApiResult<Json<Page<EventRow>>> {
    let limit = page::limit(params.limit)?;
    let window = params.window(app.clock.now())?;
    let place: Option<Position> = page::decode(params.cursor.as_deref())?;
    let order = match params.after_seq {
        Some(after) => SeqOrder::Oldest { after: place.unwrap_or(Position::of_seq(after)) },
        None => SeqOrder::Newest { before: place },
    };
    let event_types = params.event_type.unwrap_or_default().0;
    let exclude_heartbeats = params.exclude_heartbeats.unwrap_or(!event_types.contains(&EventType::Heartbeat));
    if params.q.as_deref().is_some_and(|text| text.len() > 200) {
        return Err(ApiError::invalid_parameter("q", "`q` may have 200 characters at most."));
    }
    let payload_kinds = params.payload_kind.unwrap_or_default().0;
    let (well_known, own): (Vec<String>, Vec<String>) =
        payload_kinds.into_iter().partition(|name| Kind::parse(name).is_some());
    let filter = EventFilter {
        agent_id: params.agent_id,
        project_id: params.project_id,
        environment: params.environment,
        group: params.group,
        task_id: params.task_id,
        task_run_id: params.task_run_id,
        correlation_id: params.correlation_id,
        event_types,
        exclude_heartbeats,
        severities: params.severity.unwrap_or_default().0,
        kinds: well_known.iter().filter_map(|name| Kind::parse(name)).collect(),
        own_kinds: own,
        since: window.since,
        until: window.until,
        text: params.q,
    };
    let scope = caller.scope();
    let events = blocking(move || Ok(app.store.events(scope, &filter, EventPage { order, limit: limit + 1 })?)).await?;
    let page = Page::cut(events, limit, |last| Position::from(last));
    Ok(Json(page.map(EventRow)))
}
