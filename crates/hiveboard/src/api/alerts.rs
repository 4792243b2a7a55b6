//! `GET /v1/alerts`, one, acknowledge, resend; `GET /v1/alerts/deliveries`.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_alerts::{AlertState, Severity};
use hiveboard_settings::{AlertFilter, DeliveryState};
use hiveboard_wire::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    alerts::{
        self,
        view::{self, AlertView, DeliveryView},
    },
    api::{
        blocking,
        page::{Page, Paging},
        params::{ModeOnly, Params, PathText, Range, Window},
    },
    app::App,
    audit::AuditNote,
    caller::Principal,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AlertParams {
    /// firing or resolved; both when not given.
    #[param(inline)]
    pub state: Option<AlertState>,
    /// warning or critical, as its rule says.
    #[param(inline)]
    pub severity: Option<Severity>,
    /// Whether somebody said that they look after it.
    pub acknowledged: Option<bool>,
    /// Of one rule.
    pub rule_id: Option<String>,
    /// About one agent, or something of it.
    pub agent_id: Option<String>,
    /// About runs of one task.
    pub task_id: Option<String>,
    /// About one project.
    pub project_id: Option<String>,
    /// About one environment: of the agent or run it is about, or what its rule is narrowed to.
    pub environment: Option<String>,
    /// About one group of agents, in the same way.
    pub group: Option<String>,
    /// Fired from this time on (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Fired before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Fired in the last hour, six hours, …; instead of `since`.
    #[param(inline)]
    pub range: Option<Range>,
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    Waiting,
    Delivered,
    Dead,
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeliveryParams {
    /// `dead`: those that were given up.
    #[param(inline)]
    pub status: Option<DeliveryStatus>,
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Whose data a session of the board looks at; keys have their own.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<hiveboard_wire::Mode>,
}

/// A page of alerts, and how many there are on all pages.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertPage {
    /// How many alerts fit the filters, whatever the page.
    pub total: u64,
    #[serde(flatten)]
    pub page: Page<AlertView>,
}

/// How many deliveries wait again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resent {
    pub resent: usize,
}

pub(super) fn not_found() -> ApiError {
    ApiError::new(ErrorCode::AlertNotFound, "There is no such alert. GET /v1/alerts lists them.")
}

/// An id of a path; what is none is no id of anything.
pub(super) fn id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok()
}

/// Alerts that fire or fired, the newest first.
#[utoipa::path(get, path = "/v1/alerts", tag = "alerts", params(AlertParams), responses((status = 200, body = AlertPage)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<AlertParams>,
    paging: Paging,
) -> ApiResult<Json<AlertPage>> {
    let scope = caller.scope();
    let window = Window::new(params.range, params.since, params.until, app.clock.now())?;
    // What was merged into it since is its own.
    let project = app.project_aliases.asked(scope, params.project_id);
    let filter = AlertFilter {
        is_firing: params.state.map(|state| state == AlertState::Firing),
        is_acknowledged: params.acknowledged,
        severity: params.severity.map(|severity| severity.as_str().to_owned()),
        rule_id: params.rule_id,
        agent_id: params.agent_id,
        task_id: params.task_id,
        project_ids: project.iter().cloned().chain(app.project_aliases.of(scope, project.as_deref())).collect(),
        environment: params.environment,
        group: params.group,
        since: window.since,
        until: window.until,
    };
    let after: Option<(i64, Uuid)> = place(&paging)?;
    blocking(move || {
        let after = after.map(|(at, id)| (Timestamp(at), id));
        let records = app.settings.alerts(scope, &filter, after, paging.limit + 1)?;
        let page = paging.cut(records, |last| (last.started_at.0, last.alert_id.to_string()));
        let total = app.settings.count_alerts(scope, &filter)?;
        let data = view::of_records(&app, scope, &page.data)?;
        Ok(AlertPage { total, page: Page { data, pagination: page.pagination } })
    })
    .await
    .map(Json)
}

fn place(paging: &Paging) -> ApiResult<Option<(i64, Uuid)>> {
    let place: Option<(i64, String)> = paging.place()?;
    Ok(place.and_then(|(at, text)| Some((at, id(&text)?))))
}

/// One alert.
#[utoipa::path(get, path = "/v1/alerts/{alert_id}", tag = "alerts", params(("alert_id" = String, Path), ModeOnly),
    responses((status = 200, body = AlertView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(alert_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<AlertView>> {
    let scope = caller.scope();
    let alert_id = id(&alert_id).ok_or_else(not_found)?;
    blocking(move || {
        let record = app.settings.alert(scope, alert_id)?.ok_or_else(not_found)?;
        view::of_records(&app, scope, &[record])?.pop().ok_or_else(not_found)
    })
    .await
    .map(Json)
}

/// Says that somebody looks after it; the first to say so stays. It goes on firing until it is over.
#[utoipa::path(post, path = "/v1/alerts/{alert_id}/acknowledge", tag = "alerts", params(("alert_id" = String, Path), ModeOnly),
    responses((status = 200, body = AlertView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn acknowledge(
    State(app): State<Arc<App>>,
    caller: Require<need::HandleAlerts>,
    note: AuditNote,
    PathText(alert_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<AlertView>> {
    let scope = caller.scope();
    let principal = caller.principal;
    let alert_id = id(&alert_id).ok_or_else(not_found)?;
    blocking(move || {
        let now = app.clock.now();
        let by = name_of(&app, principal)?;
        let record = app.settings.acknowledge_alert(scope, alert_id, &by, now)?.ok_or_else(not_found)?;
        note.say("alert.acknowledged", alert_id.to_string(), (), ());
        alerts::publish(&app, scope, alert_id);
        view::of_records(&app, scope, &[record])?.pop().ok_or_else(not_found)
    })
    .await
    .map(Json)
}

/// Who it was, for others.
fn name_of(app: &App, principal: Principal) -> ApiResult<String> {
    Ok(match principal {
        Principal::Key { .. } => "a key".to_owned(),
        Principal::Member { role, person, .. } => {
            let found = person.map(|person| app.settings.find_person(person)).transpose()?.flatten();
            found.map_or_else(|| role.as_str().to_owned(), |person| person.name)
        }
    })
}

/// Lets deliveries of the alert that were given up be tried again, under their ids.
#[utoipa::path(post, path = "/v1/alerts/{alert_id}/resend", tag = "alerts", params(("alert_id" = String, Path), ModeOnly),
    responses((status = 200, body = Resent), (status = 404, body = crate::error::ErrorBody)))]
pub async fn resend(
    State(app): State<Arc<App>>,
    caller: Require<need::HandleAlerts>,
    note: AuditNote,
    PathText(alert_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<Resent>> {
    let scope = caller.scope();
    let alert_id = id(&alert_id).ok_or_else(not_found)?;
    blocking(move || {
        app.settings.alert(scope, alert_id)?.ok_or_else(not_found)?;
        let resent = app.settings.revive_deliveries(scope, alert_id, app.clock.now())?;
        app.alerts.outbox.notify_one();
        note.say("alert.resent", alert_id.to_string(), (), json!({ "deliveries": resent }));
        Ok(Resent { resent })
    })
    .await
    .map(Json)
}

/// What was delivered, waits, or was given up; the newest first.
#[utoipa::path(get, path = "/v1/alerts/deliveries", tag = "alerts", params(DeliveryParams), responses((status = 200, body = Page<DeliveryView>)))]
pub async fn deliveries(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<DeliveryParams>,
    paging: Paging,
) -> ApiResult<Json<Page<DeliveryView>>> {
    let scope = caller.scope();
    let after = place(&paging)?;
    let state = params.status.map(|status| match status {
        DeliveryStatus::Waiting => DeliveryState::Waiting,
        DeliveryStatus::Delivered => DeliveryState::Delivered,
        DeliveryStatus::Dead => DeliveryState::Dead,
    });
    blocking(move || {
        let after = after.map(|(at, id)| (Timestamp(at), id));
        let records = app.settings.deliveries(scope, state, after, paging.limit + 1)?;
        let channels = app.settings.alert_channels(scope.workspace)?;
        let page = paging.cut(records, |last| (last.created_at.0, last.delivery_id.to_string()));
        Ok(page.map(|record| DeliveryView::new(&record, &channels)))
    })
    .await
    .map(Json)
}
