//! `GET /v1/audit`: who changed what, when and from where.

use std::sync::Arc;

use axum::{Json, extract::State};
use hiveboard_settings::{AuditFilter, AuditRecord};
use hiveboard_wire::{Mode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    api::{
        blocking,
        page::{Page, Paging},
        params::Params,
    },
    app::App,
    error::ApiResult,
    permission::{Require, need},
};

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorView {
    /// person, key, local (whoever opened the board by its link before it had an owner) or command line
    pub kind: String,
    pub id: Option<String>,
    pub name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: ActorView,
    /// Noun and verb, like `key.created`.
    pub action: String,
    /// What it was done to.
    pub target: Option<String>,
    /// Where it came from; `null` for the command line.
    pub address: Option<String>,
    /// As it was; never a secret.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Box<RawValue>>,
    /// As it is now; never a secret.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Box<RawValue>>,
}

impl From<AuditRecord> for AuditView {
    fn from(AuditRecord { id, at, entry }: AuditRecord) -> Self {
        let raw = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
        Self {
            id,
            at,
            actor: ActorView { kind: entry.actor_kind, id: entry.actor_id, name: entry.actor_name },
            action: entry.action,
            target: entry.target,
            address: entry.address,
            before: raw(entry.before),
            after: raw(entry.after),
        }
    }
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditParams {
    /// How many, 1 to 200; 50 when not given.
    pub limit: Option<usize>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// One kind of change, like `key.created`.
    pub action: Option<String>,
    /// Id, e-mail address or name of who did it.
    pub actor: Option<String>,
    /// What it was done to.
    pub target: Option<String>,
    /// From this time on (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// Before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// Counts for sessions of the board, which may look at either; the log is the workspace's.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    #[expect(dead_code, reason = "read by the admission layer, which comes before")]
    mode: Option<Mode>,
}

/// Changes of the workspace, newest first, kept for a year.
#[utoipa::path(get, path = "/v1/audit", tag = "people", params(AuditParams), responses((status = 200, body = Page<AuditView>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Require<need::ManageWorkspace>,
    Params(params): Params<AuditParams>,
    paging: Paging,
) -> ApiResult<Json<Page<AuditView>>> {
    let before: Option<i64> = paging.place()?;
    let workspace = caller.scope().workspace;
    let filter = AuditFilter {
        action: params.action,
        actor: params.actor,
        target: params.target,
        since: params.since,
        until: params.until,
    };
    blocking(move || {
        let records = app.settings.read_audit(workspace, &filter, before, paging.limit + 1)?;
        Ok(Json(paging.cut(records, |last| last.id).map(AuditView::from)))
    })
    .await
}
