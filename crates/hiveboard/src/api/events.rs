//! `GET /v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_derive::view::{EventRow, EventView};
use hiveboard_store::{EventFilter, EventPage, Position, query::SeqOrder};
use hiveboard_wire::{EventType, Kind, Severity};

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::{CommaList, Params, filtered_params, text},
    },
    app::App,
    error::ApiResult,
    permission::{Require, need},
};

filtered_params! {
    pub struct EventParams {
        /// Event types, comma-separated or repeated.
        #[param(value_type = Option<String>)]
        pub event_type: Option<CommaList<EventType>>,
        /// Severities, comma-separated or repeated: debug, info, warn, error.
        #[param(value_type = Option<String>)]
        pub severity: Option<CommaList<Severity>>,
        /// Payload kinds, well-known ones or the agents' own, comma-separated (`\,` is a comma in a kind) or repeated (each is one kind).
        #[param(value_type = Option<String>)]
        pub payload_kind: Option<CommaList<String>>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one run of a task.
        pub task_run_id: Option<String>,
        /// Of one piece of work across agents.
        pub correlation_id: Option<String>,
        /// Text in summaries and payloads, whatever its case and form (composed or decomposed); at most 200 characters.
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
    paging: Paging,
) -> ApiResult<Json<Page<EventRow>>> {
    let window = params.window(app.clock.now())?;
    let place: Option<Position> = paging.place()?;
    let order = match params.after_seq {
        Some(after) => SeqOrder::Oldest { after: place.unwrap_or(Position::of_seq(after)) },
        None => SeqOrder::Newest { before: place },
    };
    let event_types = params.event_type.unwrap_or_default().0;
    let exclude_heartbeats = params.exclude_heartbeats.unwrap_or(!event_types.contains(&EventType::Heartbeat));
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
        text: text(params.q)?,
    };
    let (scope, limit) = (caller.scope(), paging.limit);
    let events = blocking(move || Ok(app.events(scope, &filter, EventPage { order, limit: limit + 1 })?)).await?;
    let page = paging.cut(events, |last| Position::from(last));
    Ok(Json(page.map(EventRow)))
}
