//! `GET/POST /v1/alerts/rules`, `GET/PUT/DELETE …/{rule_id}`, mute, test, preview.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_alerts::RuleDraft;
use hiveboard_settings::{ChannelRecord, RuleRecord};
use hiveboard_wire::{ErrorCode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    alerts::{self, preview, view::AlertView},
    api::{
        alert_channels::{Tested, test_channels},
        alerts::id,
        blocking,
        page::{Page, Paging},
        params::{Body, ListParams, ModeOnly, Params, PathText},
    },
    app::App,
    audit::AuditNote,
    error::{ApiError, ApiResult},
    permission::{Require, need},
};

/// Rules a scope may have.
const MOST_RULES: usize = 10_000;
const PREVIEWED_SECONDS: i64 = 7 * 86_400;

/// A rule that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    pub rule_id: String,
    #[serde(flatten)]
    pub rule: RuleDraft,
    /// Names of its channels, in their order; `null` for one that was deleted.
    pub channel_names: Vec<Option<String>>,
    /// Alerts of it that fire now.
    pub firing: u64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mute {
    /// Until when no channel hears of it; `null` lets them hear again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub muted_until: Option<Timestamp>,
}

/// What a rule would have found.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewView {
    /// How often it would have fired.
    pub fired: u64,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// `false` when there were too many events to go through them up to now.
    pub is_complete: bool,
    /// Stored events that were looked at.
    pub events: u64,
    /// The first 50 of them.
    pub alerts: Vec<AlertView>,
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::RuleNotFound, "There is no such rule. GET /v1/alerts/rules lists them.")
}

pub(crate) fn draft_of(record: &RuleRecord) -> ApiResult<RuleDraft> {
    serde_json::from_str(&record.body).map_err(|error| ApiError::internal(&error))
}

fn view(app: &App, scope: Scope, record: &RuleRecord, channels: &[ChannelRecord]) -> ApiResult<RuleView> {
    let rule = draft_of(record)?;
    let filter = hiveboard_settings::AlertFilter {
        is_firing: Some(true),
        rule_id: Some(record.rule_id.to_string()),
        ..hiveboard_settings::AlertFilter::default()
    };
    let name = |id: &String| {
        channels.iter().find(|channel| channel.channel_id.to_string() == *id).map(|channel| channel.name.clone())
    };
    Ok(RuleView {
        rule_id: record.rule_id.to_string(),
        channel_names: rule.channels.iter().map(name).collect(),
        rule,
        firing: app.settings.count_alerts(scope, &filter)?,
        created_at: record.created_at,
        updated_at: record.updated_at,
    })
}

fn one_view(app: &App, scope: Scope, record: &RuleRecord) -> ApiResult<RuleView> {
    view(app, scope, record, &app.settings.alert_channels(scope.workspace)?)
}

fn find(app: &App, scope: Scope, rule_id: Option<Uuid>) -> ApiResult<RuleRecord> {
    let rules = app.settings.alert_rules(scope)?;
    rules.into_iter().find(|rule| Some(rule.rule_id) == rule_id).ok_or_else(not_found)
}

/// Names everything that makes no sense, channels that are not there included.
fn check(draft: &RuleDraft, channels: &[ChannelRecord]) -> ApiResult<()> {
    let problems = alerts::problems(draft);
    let mut fields: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.field.as_str(), problem.what.as_str())).collect();
    let is_known = |id: &String| channels.iter().any(|channel| channel.channel_id.to_string() == *id);
    if !draft.channels.iter().all(is_known) {
        fields.push(("channels", "names one that is not there; GET /v1/alerts/channels lists them"));
    }
    if fields.is_empty() { Ok(()) } else { Err(ApiError::validation(&fields)) }
}

fn body_of(draft: &RuleDraft) -> String {
    serde_json::to_string(draft).expect("rules are plain data")
}

/// Writes a rule down; whoever reads the audit log sees what it was and what it became.
fn save(
    app: &App,
    scope: Scope,
    (note, action): (&AuditNote, &'static str),
    before: Option<&RuleDraft>,
    record: &RuleRecord,
) -> ApiResult<RuleView> {
    if !app.settings.save_alert_rule(scope, record)? {
        return Err(not_found());
    }
    app.alerts.reload();
    let view = one_view(app, scope, record)?;
    note.say(action, &view.rule.name, before, &view.rule);
    Ok(view)
}

/// Puts another rule in the place of one.
fn put(
    app: &App,
    scope: Scope,
    (note, action): (&AuditNote, &'static str),
    rule_id: &str,
    other: impl FnOnce(RuleDraft) -> ApiResult<RuleDraft>,
) -> ApiResult<RuleView> {
    let mut record = find(app, scope, id(rule_id))?;
    let before = draft_of(&record)?;
    record.body = body_of(&other(before.clone())?);
    record.updated_at = app.clock.now();
    save(app, scope, (note, action), Some(&before), &record)
}

/// Rules, oldest first.
#[utoipa::path(get, path = "/v1/alerts/rules", tag = "alerts", params(ListParams), responses((status = 200, body = Page<RuleView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<RuleView>>> {
    let scope = caller.scope();
    blocking(move || {
        let channels = app.settings.alert_channels(scope.workspace)?;
        let place = |record: &RuleRecord| (record.created_at.0, record.rule_id.to_string());
        let page = paging.page(app.settings.alert_rules(scope)?, place)?;
        let data = page.data.iter().map(|record| view(&app, scope, record, &channels)).collect::<ApiResult<_>>()?;
        Ok(Page { data, pagination: page.pagination })
    })
    .await
    .map(Json)
}

/// Makes a rule; it is judged at once.
#[utoipa::path(post, path = "/v1/alerts/rules", tag = "alerts", params(ModeOnly), request_body = RuleDraft,
    responses((status = 201, body = RuleView), (status = 409, body = crate::error::ErrorBody)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeRules>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(draft): Body<RuleDraft>,
) -> ApiResult<(StatusCode, Json<RuleView>)> {
    let scope = caller.scope();
    let view = blocking(move || {
        check(&draft, &app.settings.alert_channels(scope.workspace)?)?;
        if app.settings.alert_rules(scope)?.len() >= MOST_RULES {
            return Err(ApiError::new(ErrorCode::Conflict, "There are 10,000 rules already; delete some first."));
        }
        let now = app.clock.now();
        let record = RuleRecord { rule_id: Uuid::new_v4(), body: body_of(&draft), created_at: now, updated_at: now };
        save(&app, scope, (&note, "alert_rule.created"), None, &record)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// One rule.
#[utoipa::path(get, path = "/v1/alerts/rules/{rule_id}", tag = "alerts", params(("rule_id" = String, Path), ModeOnly),
    responses((status = 200, body = RuleView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    PathText(rule_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<RuleView>> {
    let scope = caller.scope();
    blocking(move || one_view(&app, scope, &find(&app, scope, id(&rule_id))?)).await.map(Json)
}

/// Puts another rule in its place. What is open of it stays open while it still holds.
#[utoipa::path(put, path = "/v1/alerts/rules/{rule_id}", tag = "alerts", params(("rule_id" = String, Path), ModeOnly), request_body = RuleDraft,
    responses((status = 200, body = RuleView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeRules>,
    note: AuditNote,
    PathText(rule_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(draft): Body<RuleDraft>,
) -> ApiResult<Json<RuleView>> {
    let scope = caller.scope();
    blocking(move || {
        put(&app, scope, (&note, "alert_rule.changed"), &rule_id, |_| {
            check(&draft, &app.settings.alert_channels(scope.workspace)?)?;
            Ok(draft)
        })
    })
    .await
    .map(Json)
}

/// Deletes a rule; what is open of it is closed.
#[utoipa::path(delete, path = "/v1/alerts/rules/{rule_id}", tag = "alerts", params(("rule_id" = String, Path), ModeOnly),
    responses((status = 200, body = RuleView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeRules>,
    note: AuditNote,
    PathText(rule_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<RuleView>> {
    let scope = caller.scope();
    blocking(move || {
        let record = find(&app, scope, id(&rule_id))?;
        let view = one_view(&app, scope, &record)?;
        app.settings.delete_alert_rule(scope, record.rule_id)?;
        app.alerts.reload();
        note.say("alert_rule.deleted", &view.rule.name, &view.rule, ());
        Ok(view)
    })
    .await
    .map(Json)
}

/// Lets no channel hear of the rule for a while. The board goes on showing what it finds.
#[utoipa::path(post, path = "/v1/alerts/rules/{rule_id}/mute", tag = "alerts", params(("rule_id" = String, Path), ModeOnly), request_body = Mute,
    responses((status = 200, body = RuleView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn mute(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeRules>,
    note: AuditNote,
    PathText(rule_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(mute): Body<Mute>,
) -> ApiResult<Json<RuleView>> {
    let scope = caller.scope();
    blocking(move || {
        put(&app, scope, (&note, "alert_rule.muted"), &rule_id, |draft| {
            Ok(RuleDraft { muted_until: mute.muted_until, ..draft })
        })
    })
    .await
    .map(Json)
}

/// Sends a test by each channel of the rule, now and once.
#[utoipa::path(post, path = "/v1/alerts/rules/{rule_id}/test", tag = "alerts", params(("rule_id" = String, Path), ModeOnly),
    responses((status = 200, body = [Tested]), (status = 404, body = crate::error::ErrorBody)))]
pub async fn test(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeRules>,
    note: AuditNote,
    PathText(rule_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<Vec<Tested>>> {
    let scope = caller.scope();
    let finding = Arc::clone(&app);
    let (name, channels) = blocking(move || {
        let draft = draft_of(&find(&finding, scope, id(&rule_id))?)?;
        let mut channels = finding.settings.alert_channels(scope.workspace)?;
        channels.retain(|channel| draft.channels.contains(&channel.channel_id.to_string()));
        Ok((draft.name, channels))
    })
    .await?;
    note.say("alert_rule.tested", &name, (), ());
    Ok(Json(test_channels(&app, scope, &name, channels).await))
}

/// What a rule would have found in the stored events of the last seven days. Nothing is kept of it.
#[utoipa::path(post, path = "/v1/alerts/rules/preview", tag = "alerts", params(ModeOnly), request_body = RuleDraft,
    responses((status = 200, body = PreviewView)))]
pub async fn preview_rule(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(_mode): Params<ModeOnly>,
    Body(draft): Body<RuleDraft>,
) -> ApiResult<Json<PreviewView>> {
    let scope = caller.scope();
    blocking(move || {
        check(&draft, &app.settings.alert_channels(scope.workspace)?)?;
        let since = app.clock.now().plus_seconds(-PREVIEWED_SECONDS);
        let found = preview::preview(&app, scope, draft, since).map_err(|error| ApiError::internal(&error))?;
        let alerts = found.alerts.into_iter().map(|alert| AlertView::new(alert, &app.config, scope.mode)).collect();
        Ok(PreviewView {
            fired: found.fired,
            since: found.since,
            until: found.until,
            is_complete: found.is_complete,
            events: found.events,
            alerts,
        })
    })
    .await
    .map(Json)
}
