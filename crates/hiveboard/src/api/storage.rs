//! `GET/PUT /v1/storage`: who takes how much room, what is kept for how long, what is damaged.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_settings::DEFAULT_WORKSPACE;
use hiveboard_store::{ScopeUsage, SpanUsage};
use hiveboard_wire::{Mode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        params::{Body, ModeOnly, Params},
    },
    app::App,
    audit::AuditNote,
    caller::{Caller, Role},
    error::{ApiError, ApiResult},
    permission::{Require, need},
    retention::Keep,
};

#[derive(Debug, Serialize, ToSchema)]
pub struct StorageView {
    /// Of all files of the store, whoever's they are; logs included. Told to admins and owners of the server's first workspace alone.
    pub disk_bytes: Option<u64>,
    /// What the disk has left for the server; told to the same.
    pub free_bytes: Option<u64>,
    /// Events are refused when less than this is free.
    pub free_space_floor_bytes: u64,
    /// One entry a data mode that the caller may see.
    pub modes: Vec<ModeStorage>,
    /// What is damaged, and what became of it; empty when all is sound.
    pub damaged: Vec<DamageView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ModeStorage {
    #[schema(value_type = String)]
    pub mode: Mode,
    /// How many days events are kept after the day they arrived on.
    pub retention_days: u32,
    pub events: u64,
    pub event_bytes: u64,
    pub index_bytes: u64,
    /// By day of arrival, oldest first.
    pub days: Vec<DayStorage>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayStorage {
    /// UTC, `YYYY-MM-DD`.
    pub day: String,
    pub events: u64,
    /// The events themselves, compressed.
    pub event_bytes: u64,
    /// Its share of what finds events and sums figures.
    pub index_bytes: u64,
    /// When retention frees these bytes.
    #[schema(value_type = String, format = DateTime)]
    pub frees_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DamageView {
    pub file: String,
    pub what: String,
}

/// The room that the caller's events take, by mode and day, and when retention frees it.
#[utoipa::path(get, path = "/v1/storage", tag = "server", params(ModeOnly), responses((status = 200, body = StorageView)))]
pub async fn storage(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<StorageView>> {
    let caller = *caller;
    blocking(move || view(&app, &caller)).await.map(Json)
}

fn view(app: &App, caller: &Caller) -> ApiResult<StorageView> {
    let workspace = caller.scope().workspace;
    let modes = caller.key_mode().map_or_else(|| Mode::ALL.to_vec(), |mode| vec![mode]);
    // Of the others' data not even the size is shown.
    let runs_the_server = workspace == DEFAULT_WORKSPACE && caller.role() >= Some(Role::Admin);
    let (usage, stats, keep) = (app.store.usage()?, app.store.stats()?, Keep::of(app)?);
    let modes = modes.into_iter().map(|mode| of_mode(Scope { workspace, mode }, &usage, &keep)).collect();
    // Where the server keeps its data is for those to know who run it.
    let dir = format!("{}/", app.config.data_dir.display());
    let damaged = app
        .store
        .damages()
        .into_iter()
        .map(|damage| DamageView { file: damage.file.replace(&dir, ""), what: damage.what.replace(&dir, "") });
    Ok(StorageView {
        disk_bytes: runs_the_server.then_some(stats.disk_bytes),
        free_bytes: runs_the_server.then_some(stats.free_bytes),
        free_space_floor_bytes: app.config.free_space_floor_mb * 1024 * 1024,
        modes,
        damaged: damaged.collect(),
    })
}

/// How long events are kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Days after the day they arrived on, 1 or more; `null` goes back to the server's default. At least as long as repeated events are recognised.
    pub retention_days: Option<u16>,
}

/// Sets how long the events of the workspace's data mode (`mode`) are kept. What is over goes within a minute, and there is no way back.
#[utoipa::path(put, path = "/v1/storage", tag = "server", params(ModeOnly), request_body = Kept, responses((status = 200, body = StorageView)))]
pub async fn keep(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageWorkspace>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(kept): Body<Kept>,
) -> ApiResult<Json<StorageView>> {
    if kept.retention_days == Some(0) {
        return Err(ApiError::validation(&[("retention_days", "must be 1 or more")]));
    }
    let caller = *caller;
    blocking(move || {
        let scope = caller.scope();
        let before = Keep::of(&app)?.days(scope);
        app.settings.set_retention(scope, kept.retention_days)?;
        let after = Keep::of(&app)?.days(scope);
        note.say("retention.changed", scope.mode.as_str(), before, after);
        view(&app, &caller)
    })
    .await
    .map(Json)
}

fn of_mode(scope: Scope, usage: &[SpanUsage], keep: &Keep) -> ModeStorage {
    let days: Vec<DayStorage> = usage
        .iter()
        .filter_map(|day| Some((day, day.scopes.iter().find(|share| share.scope == scope)?)))
        .map(|(day, share): (&SpanUsage, &ScopeUsage)| DayStorage {
            day: day.span.from.to_string().chars().take(10).collect(),
            events: share.events,
            event_bytes: share.event_bytes,
            index_bytes: share.index_bytes,
            frees_at: keep.frees_at(scope, day.span.until),
        })
        .collect();
    ModeStorage {
        mode: scope.mode,
        retention_days: keep.days(scope),
        events: days.iter().map(|day| day.events).sum(),
        event_bytes: days.iter().map(|day| day.event_bytes).sum(),
        index_bytes: days.iter().map(|day| day.index_bytes).sum(),
        days,
    }
}
