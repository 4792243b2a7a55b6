//! `GET/POST /v1/alerts/channels`, `GET/PUT/DELETE …/{channel_id}`, test.

use std::{sync::Arc, time::Instant};

use axum::{Json, extract::State, http::StatusCode};
use hiveboard_alerts::{Alert, AlertLabels, AlertState, Evidence, Severity, Subject};
use hiveboard_settings::{ChannelRecord, DeliveryRecord, DeliveryState};
use hiveboard_wire::{ErrorCode, Mode, Quoted, Scope, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    alerts::{
        self,
        notify::{self, Config, Kind, Secrets, email, target},
        view::AlertView,
    },
    api::{
        alert_rules::draft_of,
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

const MOST_CHANNELS: usize = 200;
const MOST_ADDRESSES: usize = 50;

/// A channel, never its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelView {
    pub channel_id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Scheme and host of its URL; the rest may be a secret and is not shown.
    pub host: Option<String>,
    /// Of e-mail: the addresses.
    pub to: Vec<String>,
    /// Whether webhooks are signed.
    pub is_signed: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// A new channel with the secret that signs its webhooks, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewChannelView {
    #[serde(flatten)]
    pub channel: ChannelView,
    pub secret: Option<String>,
}

/// What a channel needs: `url` of webhook, slack and discord; `routing_key` of pagerduty; `to` of email. Secrets are written once and never read back.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Of webhook, slack and discord; of pagerduty where it is not the usual one.
    pub url: Option<String>,
    /// Of webhook: signs what is sent; made when not given.
    pub secret: Option<String>,
    /// Of pagerduty: the integration key.
    pub routing_key: Option<String>,
    /// Of email: who gets it, 50 at most.
    pub to: Option<Vec<String>>,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    /// For people, 1 to 200 characters.
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    /// When a channel is changed, what is left out stays.
    #[serde(default)]
    pub config: ChannelConfig,
}

/// What a test came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tested {
    pub channel_id: String,
    pub channel_name: String,
    pub delivered: bool,
    /// Why it was not.
    pub error: Option<String>,
    pub duration_ms: u64,
}

fn not_found() -> ApiError {
    ApiError::new(ErrorCode::ChannelNotFound, "There is no such channel. GET /v1/alerts/channels lists them.")
}

fn view(record: &ChannelRecord) -> ChannelView {
    let config: Config = serde_json::from_str(&record.config).unwrap_or_default();
    let secrets: Secrets = serde_json::from_str(&record.secrets).unwrap_or_default();
    ChannelView {
        channel_id: record.channel_id.to_string(),
        name: record.name.clone(),
        kind: record.kind.clone(),
        host: config.host,
        to: config.to,
        is_signed: secrets.secret.is_some(),
        created_at: record.created_at,
        updated_at: record.updated_at,
    }
}

/// Makes the record of a channel out of what is given and what was before.
fn record(
    new: NewChannel,
    before: Option<&ChannelRecord>,
    allow_private: bool,
    now: Timestamp,
) -> ApiResult<(ChannelRecord, Option<String>)> {
    let before = before.filter(|before| before.kind == new.kind.as_str());
    let mut secrets: Secrets = before.and_then(|before| serde_json::from_str(&before.secrets).ok()).unwrap_or_default();
    let mut config: Config = before.and_then(|before| serde_json::from_str(&before.config).ok()).unwrap_or_default();
    let given = new.config;
    let mut problems: Vec<(&str, String)> = Vec::new();
    if new.name.trim().is_empty() || new.name.chars().count() > 200 {
        problems.push(("name", "must have 1 to 200 characters".to_owned()));
    }
    for (field, is_given, kinds) in [
        ("config.url", given.url.is_some(), &[Kind::Webhook, Kind::Slack, Kind::Discord, Kind::Pagerduty][..]),
        ("config.secret", given.secret.is_some(), &[Kind::Webhook]),
        ("config.routing_key", given.routing_key.is_some(), &[Kind::Pagerduty]),
        ("config.to", given.to.is_some(), &[Kind::Email]),
    ] {
        if is_given && !kinds.contains(&new.kind) {
            problems.push((field, format!("is none of a channel of type {}", new.kind.as_str())));
        }
    }
    // Otherwise whoever may change channels could have the key sent to themselves.
    let is_elsewhere = given.url.is_some() && given.url != secrets.url;
    if new.kind == Kind::Pagerduty && is_elsewhere && secrets.routing_key.is_some() && given.routing_key.is_none() {
        problems.push(("config.routing_key", "must be given again: it would be sent to another URL".to_owned()));
    }
    let mut made = None;
    secrets.url = given.url.or(secrets.url);
    secrets.routing_key = given.routing_key.or(secrets.routing_key);
    secrets.secret = given.secret.or(secrets.secret);
    config.to = given.to.unwrap_or(config.to);
    if let Some(problem) = secrets.url.as_deref().and_then(|url| target::problem(url, allow_private)) {
        problems.push(("config.url", problem.to_owned()));
    }
    match new.kind {
        Kind::Webhook | Kind::Slack | Kind::Discord if secrets.url.is_none() => {
            problems.push(("config.url", "is missing: where is it sent to?".to_owned()));
        }
        Kind::Pagerduty if secrets.routing_key.as_deref().is_none_or(str::is_empty) => {
            problems.push(("config.routing_key", "is missing: the integration key of the service".to_owned()));
        }
        Kind::Email if config.to.is_empty() || config.to.len() > MOST_ADDRESSES => {
            problems.push(("config.to", format!("must name 1 to {MOST_ADDRESSES} addresses")));
        }
        Kind::Email => {
            if let Some(wrong) = config.to.iter().find(|address| !email::is_address(address)) {
                problems.push(("config.to", format!("holds {}, which is no e-mail address", Quoted(wrong))));
            }
        }
        Kind::Webhook if secrets.secret.is_none() => {
            let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            made = Some(secret.clone());
            secrets.secret = Some(secret);
        }
        _ => {}
    }
    if !problems.is_empty() {
        let fields: Vec<(&str, &str)> = problems.iter().map(|(field, what)| (*field, what.as_str())).collect();
        return Err(ApiError::validation(&fields));
    }
    config.host = secrets.url.as_deref().and_then(target::host);
    let json = |value: serde_json::Value| value.to_string();
    let record = ChannelRecord {
        channel_id: before.map_or_else(Uuid::new_v4, |before| before.channel_id),
        name: new.name,
        kind: new.kind.as_str().to_owned(),
        config: json(json!(config)),
        secrets: json(json!(secrets)),
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
    };
    Ok((record, made))
}

fn find(app: &App, workspace: WorkspaceId, channel_id: Option<Uuid>) -> ApiResult<ChannelRecord> {
    let channels = app.settings.alert_channels(workspace)?;
    channels.into_iter().find(|channel| Some(channel.channel_id) == channel_id).ok_or_else(not_found)
}

/// Writes a channel down; the audit log shows what is shown of it, never its secrets.
fn save(
    app: &App,
    workspace: WorkspaceId,
    (note, action): (&AuditNote, &'static str),
    before: Option<&ChannelRecord>,
    record: &ChannelRecord,
) -> ApiResult<ChannelView> {
    let is_other = |channel: &ChannelRecord| channel.channel_id != record.channel_id && channel.name == record.name;
    if app.settings.alert_channels(workspace)?.iter().any(is_other) {
        return Err(ApiError::new(ErrorCode::Conflict, "Another channel has this name."));
    }
    app.settings.save_alert_channel(workspace, record)?;
    let after = view(record);
    note.say(action, &after.name, before.map(view), &after);
    Ok(after)
}

/// Channels of the workspace, oldest first, never their secrets.
#[utoipa::path(get, path = "/v1/alerts/channels", tag = "alerts", params(ListParams), responses((status = 200, body = Page<ChannelView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    Params(_paging): Params<ListParams>,
    paging: Paging,
) -> ApiResult<Json<Page<ChannelView>>> {
    let workspace = caller.scope().workspace;
    blocking(move || {
        let place = |record: &ChannelRecord| (record.created_at.0, record.channel_id.to_string());
        Ok(paging.page(app.settings.alert_channels(workspace)?, place)?.map(|record| view(&record)))
    })
    .await
    .map(Json)
}

/// Makes a channel. A secret that is made for it is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/alerts/channels", tag = "alerts", params(ModeOnly), request_body = NewChannel,
    responses((status = 201, body = NewChannelView), (status = 409, body = crate::error::ErrorBody)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    note: AuditNote,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewChannel>,
) -> ApiResult<(StatusCode, Json<NewChannelView>)> {
    let workspace = caller.scope().workspace;
    let view = blocking(move || {
        let (record, secret) = record(new, None, app.config.alerts_allow_private_targets, app.clock.now())?;
        if app.settings.alert_channels(workspace)?.len() >= MOST_CHANNELS {
            return Err(ApiError::new(ErrorCode::Conflict, "There are 200 channels already; delete some first."));
        }
        let channel = save(&app, workspace, (&note, "alert_channel.created"), None, &record)?;
        Ok(NewChannelView { channel, secret })
    })
    .await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// One channel.
#[utoipa::path(get, path = "/v1/alerts/channels/{channel_id}", tag = "alerts", params(("channel_id" = String, Path), ModeOnly),
    responses((status = 200, body = ChannelView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn get(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    PathText(channel_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ChannelView>> {
    let workspace = caller.scope().workspace;
    blocking(move || Ok(view(&find(&app, workspace, id(&channel_id))?))).await.map(Json)
}

/// Changes a channel. What its `config` leaves out stays, secrets too, unless it becomes another type.
#[utoipa::path(put, path = "/v1/alerts/channels/{channel_id}", tag = "alerts", params(("channel_id" = String, Path), ModeOnly), request_body = NewChannel,
    responses((status = 200, body = NewChannelView), (status = 404, body = crate::error::ErrorBody), (status = 409, body = crate::error::ErrorBody)))]
pub async fn change(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    note: AuditNote,
    PathText(channel_id): PathText,
    Params(_mode): Params<ModeOnly>,
    Body(new): Body<NewChannel>,
) -> ApiResult<Json<NewChannelView>> {
    let workspace = caller.scope().workspace;
    blocking(move || {
        let before = find(&app, workspace, id(&channel_id))?;
        let allow_private = app.config.alerts_allow_private_targets;
        let (mut record, secret) = record(new, Some(&before), allow_private, app.clock.now())?;
        (record.channel_id, record.created_at) = (before.channel_id, before.created_at);
        let channel = save(&app, workspace, (&note, "alert_channel.changed"), Some(&before), &record)?;
        Ok(NewChannelView { channel, secret })
    })
    .await
    .map(Json)
}

/// Deletes a channel, with what waits for it. Rules that name it go on without it.
#[utoipa::path(delete, path = "/v1/alerts/channels/{channel_id}", tag = "alerts", params(("channel_id" = String, Path), ModeOnly),
    responses((status = 200, body = ChannelView), (status = 404, body = crate::error::ErrorBody)))]
pub async fn delete(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    note: AuditNote,
    PathText(channel_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<ChannelView>> {
    let workspace = caller.scope().workspace;
    blocking(move || {
        let record = find(&app, workspace, id(&channel_id))?;
        app.settings.delete_alert_channel(workspace, record.channel_id)?;
        leave_out_of_rules(&app, workspace, record.channel_id)?;
        let view = view(&record);
        note.say("alert_channel.deleted", &view.name, &view, ());
        Ok(view)
    })
    .await
    .map(Json)
}

/// A rule that named a channel which is gone could not be saved again as it stands, nor its file be applied.
fn leave_out_of_rules(app: &App, workspace: WorkspaceId, channel_id: Uuid) -> ApiResult<()> {
    let gone = channel_id.to_string();
    for mode in Mode::ALL {
        let scope = Scope { workspace, mode };
        for mut record in app.settings.alert_rules(scope)? {
            let Ok(mut draft) = draft_of(&record) else { continue };
            if draft.channels.contains(&gone) {
                draft.channels.retain(|channel| *channel != gone);
                record.body = serde_json::to_string(&draft).map_err(|error| ApiError::internal(&error))?;
                record.updated_at = app.clock.now();
                app.settings.save_alert_rule(scope, &record)?;
            }
        }
    }
    app.alerts.reload();
    Ok(())
}

/// Sends a test by the channel, now and once, and says what it came to.
#[utoipa::path(post, path = "/v1/alerts/channels/{channel_id}/test", tag = "alerts", params(("channel_id" = String, Path), ModeOnly),
    responses((status = 200, body = Tested), (status = 404, body = crate::error::ErrorBody)))]
pub async fn test(
    State(app): State<Arc<App>>,
    caller: Require<need::ChangeChannels>,
    note: AuditNote,
    PathText(channel_id): PathText,
    Params(_mode): Params<ModeOnly>,
) -> ApiResult<Json<Tested>> {
    let scope = caller.scope();
    let finding = Arc::clone(&app);
    let channel = blocking(move || find(&finding, scope.workspace, id(&channel_id))).await?;
    note.say("alert_channel.tested", &channel.name, (), ());
    let tested = test_channels(&app, scope, "Test of a channel", vec![channel]).await;
    tested.into_iter().next().map(Json).ok_or_else(not_found)
}

/// Sends a test by each of them at the same time.
pub(super) async fn test_channels(
    app: &Arc<App>,
    scope: Scope,
    rule_name: &str,
    channels: Vec<ChannelRecord>,
) -> Vec<Tested> {
    let now = app.clock.now();
    let alert = Alert {
        alert_id: Uuid::new_v4().to_string(),
        rule_id: String::new(),
        rule_name: rule_name.to_owned(),
        condition: "test".to_owned(),
        severity: Severity::Warning,
        state: AlertState::Firing,
        subject: Subject::WHOLE,
        labels: AlertLabels::default(),
        value: 0.0,
        threshold: 0.0,
        unit: String::new(),
        summary: "This is a test: alerts reach you by this channel.".to_owned(),
        advice: "Nothing is wrong, and there is nothing to do.".to_owned(),
        evidence: Evidence::new(),
        link: "/".to_owned(),
        since: now,
        started_at: now,
        resolved_at: None,
        resolution: None,
        muted: false,
    };
    let message = alerts::message("alert.test", &AlertView::new(alert, &app.config, scope.mode));
    let sending = channels.into_iter().map(|channel| {
        let delivery = DeliveryRecord {
            delivery_id: Uuid::new_v4(),
            scope,
            alert_id: None,
            channel_id: channel.channel_id,
            kind: "alert.test".to_owned(),
            message: message.clone(),
            state: DeliveryState::Waiting,
            attempt: 0,
            due_at: now,
            created_at: now,
            tried_at: None,
            error: None,
        };
        async move {
            let began = Instant::now();
            let result = notify::send(app, &channel, &delivery).await;
            Tested {
                channel_id: channel.channel_id.to_string(),
                channel_name: channel.name,
                delivered: result.is_ok(),
                error: result.err().map(|failure| failure.what),
                duration_ms: began.elapsed().as_millis() as u64,
            }
        }
    });
    futures_util::future::join_all(sending).await
}
