//! What is written down of every change: who, what, when, from where, before and after.
//!
//! The admission layer writes an entry for every request that changed something, whether its handler says more or not; a handler says more by
//! [`AuditNote`]. What comes in (events) and what only looks is not written down.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{Method, Uri, request::Parts},
};
use hiveboard_settings::{AuditEntry, Settings};
use hiveboard_wire::WorkspaceId;
use parking_lot::Mutex;
use serde::Serialize;

use crate::{
    caller::{Caller, Principal},
    permission::Permission,
};

/// How long entries are kept.
pub(crate) const KEPT_DAYS: i64 = 365;
/// Longer descriptions of before and after are left out.
const VALUE_BYTES: usize = 16 * 1024;

/// What a handler tells of the change it made.
#[derive(Clone, Default)]
pub struct AuditNote(Arc<Mutex<Slot>>);

#[derive(Default)]
struct Slot {
    /// By the permission that was asked for.
    changes: bool,
    said: Option<Said>,
}

struct Said {
    action: &'static str,
    target: String,
    before: Option<String>,
    after: Option<String>,
}

impl AuditNote {
    /// `action` is noun and verb, like `key.created`. `before` and `after` must hold no secret; `()` says nothing.
    pub fn say(&self, action: &'static str, target: impl Into<String>, before: impl Serialize, after: impl Serialize) {
        let said = Said { action, target: target.into(), before: json(&before), after: json(&after) };
        self.0.lock().said = Some(said);
    }

    pub(crate) fn asked_for(&self, permission: Permission) {
        if !matches!(permission, Permission::ReadData | Permission::Ingest) {
            self.0.lock().changes = true;
        }
    }

    /// The entry for a request that was answered well; `None` when it changed nothing.
    pub(crate) fn entry(&self, method: &Method, route: &str, uri: &Uri) -> Option<AuditEntry> {
        let mut slot = self.0.lock();
        if method.is_safe() || !slot.changes {
            return None;
        }
        Some(match slot.said.take() {
            Some(said) => AuditEntry {
                action: said.action.to_owned(),
                target: Some(said.target),
                before: said.before,
                after: said.after,
                ..AuditEntry::default()
            },
            // No query string: it may hold anything.
            None => AuditEntry {
                action: format!("{method} {route}"),
                target: Some(uri.path().to_owned()),
                ..AuditEntry::default()
            },
        })
    }
}

impl<S: Sync> FromRequestParts<S> for AuditNote {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

pub(crate) fn json(value: &impl Serialize) -> Option<String> {
    let text = serde_json::to_string(value).ok().filter(|text| text != "null")?;
    Some(if text.len() > VALUE_BYTES { r#""(too long to keep)""#.to_owned() } else { text })
}

/// Writes an entry down; a log that cannot be written is said and stops nobody.
pub(crate) fn write(settings: &dyn Settings, workspace: WorkspaceId, entry: &AuditEntry) {
    if let Err(error) = settings.write_audit(workspace, entry) {
        tracing::error!(%error, action = entry.action, "a change could not be written into the audit log");
    }
}

/// The same entry, with who made it and from where.
pub(crate) fn by(settings: &dyn Settings, caller: &Caller, address: IpAddr, entry: AuditEntry) -> AuditEntry {
    let (kind, id, name) = actor(settings, caller);
    AuditEntry {
        actor_kind: kind.to_owned(),
        actor_id: id,
        actor_name: name,
        address: Some(address.to_canonical().to_string()),
        ..entry
    }
}

fn actor(settings: &dyn Settings, caller: &Caller) -> (&'static str, Option<String>, String) {
    match caller.principal {
        Principal::Key { id, .. } => {
            let keys = settings.list_keys(caller.scope().workspace).unwrap_or_default();
            let key = keys.into_iter().find(|key| key.id == id);
            let name = key.map_or_else(String::new, |key| format!("{} ({}…)", key.name, key.prefix));
            ("key", Some(id.to_string()), name)
        }
        Principal::Member { person: Some(person), .. } => {
            let email = settings.find_person(person).ok().flatten().map_or_else(String::new, |person| person.email);
            ("person", Some(person.to_string()), email)
        }
        Principal::Member { person: None, .. } => ("local", None, LOCAL.to_owned()),
    }
}

/// Whoever opened the board by its link before it had an owner.
pub(crate) const LOCAL: &str = "whoever opened the board by its link";

/// What was before a change.
pub(crate) trait WithBefore {
    /// `None` where there was nothing.
    fn with_before(self, before: Option<impl Serialize>) -> Self;
}

impl WithBefore for AuditEntry {
    fn with_before(self, before: Option<impl Serialize>) -> Self {
        Self { before: before.as_ref().and_then(json), ..self }
    }
}

/// What the command line does.
pub(crate) fn by_command_line(action: &str, target: impl Into<String>, after: impl Serialize) -> AuditEntry {
    AuditEntry {
        actor_kind: "command line".to_owned(),
        actor_id: None,
        actor_name: std::env::var("USER").unwrap_or_else(|_| "someone at the server".to_owned()),
        action: action.to_owned(),
        target: Some(target.into()),
        after: json(&after),
        ..AuditEntry::default()
    }
}
