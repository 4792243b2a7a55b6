//! Who asks, and whose data they may see. The only maker of a [`Scope`].
//!
//! A request comes with a key (`Authorization: Bearer`, `X-API-Key`, or `?token=` on the stream) or with the board's session cookie.

use std::{collections::HashMap, sync::Arc, time::Instant};

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, Uri, header, request::Parts},
    middleware::Next,
    response::Response,
};
use hiveboard_settings::{KeyKind, KeyRecord, Settings};
use hiveboard_wire::{ErrorCode, Mode, Scope, WorkspaceId};
use metrics::histogram;
use parking_lot::RwLock;

use crate::{caller::CallerId, error::ApiError, limits::Limits, rate::RateLimitStatus};

pub const SESSION_COOKIE: &str = "hiveboard_session";
/// Changes made with a session cookie must carry this header, which no other site's page can send.
pub const CSRF_HEADER: &str = "x-hiveboard-csrf";

/// Someone who was let in.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    pub id: CallerId,
    workspace: WorkspaceId,
    /// Of the key; for sessions as the request asked.
    mode: Mode,
    can_write: bool,
}

impl Caller {
    pub const fn scope(self) -> Scope {
        Scope { workspace: self.workspace, mode: self.mode }
    }

    pub const fn is_session(self) -> bool {
        matches!(self.id, CallerId::Session(_))
    }

    /// The mode a key is bound to; sessions choose theirs with each request.
    pub const fn key_mode(self) -> Option<Mode> {
        if self.is_session() { None } else { Some(self.mode) }
    }
}

/// May read: any key, any session.
pub struct Reader(pub Caller);

/// May change things: live and test keys, sessions with the CSRF header.
pub struct Writer(pub Caller);

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        admitted(parts).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Writer {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let caller = admitted(parts)?;
        if !caller.can_write {
            return Err(ApiError::new(
                ErrorCode::ReadOnlyKey,
                "This is a read-only key (hb_read_…); use a live or test key to send or change data.",
            ));
        }
        if caller.is_session() && !parts.headers.contains_key(CSRF_HEADER) {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "Changes made with the board's session need the header X-HiveBoard-CSRF: 1.",
            ));
        }
        Ok(Self(caller))
    }
}

fn admitted(parts: &Parts) -> Result<Caller, ApiError> {
    parts
        .extensions
        .get::<Caller>()
        .copied()
        .ok_or_else(|| ApiError::internal("a route without the admission layer asked for its caller"))
}

/// What it takes to let callers in.
#[derive(Clone)]
pub struct AuthState {
    pub auth: Arc<Auth>,
    pub limits: Arc<Limits>,
}

/// Lets callers in and counts their reads; every route under `/v1` stands behind it.
pub async fn admit(
    State(AuthState { auth, limits }): State<AuthState>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let caller = auth.caller(request.headers(), request.uri())?;
    // Ingest is counted by events, and streams by how many are open, in their own places.
    let counted_elsewhere = matches!(request.uri().path(), "/v1/ingest" | "/v1/stream");
    let quotient = if counted_elsewhere { None } else { limits.read(caller.id)? };
    request.extensions_mut().insert(caller);
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let started = Instant::now();
    let mut response = next.run(request).await;
    histogram!("hiveboard_request_seconds", "route" => route, "status" => response.status().as_u16().to_string())
        .record(started.elapsed().as_secs_f64());
    if let Some(quotient) = quotient.or_else(|| response.extensions().get::<RateLimitStatus>().copied()) {
        quotient.write(response.headers_mut());
    }
    Ok(response)
}

/// Known keys. A key that is not here is looked up in the store before it is refused.
pub struct Auth {
    settings: Arc<dyn Settings>,
    keys: RwLock<HashMap<Box<str>, KeyRecord>>,
}

impl Auth {
    pub fn new(settings: Arc<dyn Settings>) -> Self {
        Self { settings, keys: RwLock::default() }
    }

    /// Forgets all keys, so that revoked ones stop: called when the settings database changed.
    pub fn forget(&self) {
        self.keys.write().clear();
    }

    pub fn caller(&self, headers: &HeaderMap, uri: &Uri) -> Result<Caller, ApiError> {
        let wanted_mode = wanted_mode(uri)?;
        if let Some(key) = presented_key(headers, uri) {
            let record = self.find(&key)?.ok_or_else(|| unknown_key(&key))?;
            if wanted_mode.is_some_and(|mode| mode != record.mode) {
                return Err(ApiError::new(
                    ErrorCode::Forbidden,
                    format!("This key sees {} data only; drop `mode` or use another key.", record.mode.as_str()),
                ));
            }
            return Ok(Caller {
                id: CallerId::Key(record.id.as_u128()),
                workspace: record.workspace,
                mode: record.mode,
                can_write: record.kind != KeyKind::Read,
            });
        }
        if let Some(token) = cookie(headers, SESSION_COOKIE) {
            if let Some(session) = self.settings.find_session(&token)? {
                return Ok(Caller {
                    id: CallerId::Session(session.id),
                    workspace: session.workspace,
                    mode: wanted_mode.unwrap_or(Mode::Live),
                    can_write: true,
                });
            }
            return Err(ApiError::new(
                ErrorCode::AuthenticationFailed,
                "The session has ended. `hiveboard login-link` prints a new link to the board.",
            ));
        }
        Err(ApiError::new(
            ErrorCode::AuthenticationFailed,
            "No API key. Send `Authorization: Bearer hb_…`; `hiveboard keys create` makes one. To enter the board, use the link that `hiveboard login-link` prints.",
        ))
    }

    fn find(&self, key: &str) -> Result<Option<KeyRecord>, ApiError> {
        if let Some(known) = self.keys.read().get(key) {
            return Ok(Some(known.clone()));
        }
        let found = self.settings.find_key(key)?;
        if let Some(record) = &found {
            self.keys.write().insert(key.into(), record.clone());
        }
        Ok(found)
    }
}

fn unknown_key(key: &str) -> ApiError {
    let message = if key.starts_with("hb_") {
        "The API key is unknown or was revoked. `hiveboard keys list` shows the keys of this server."
    } else {
        "API keys start with hb_live_, hb_test_ or hb_read_. `hiveboard keys create` makes one."
    };
    ApiError::new(ErrorCode::AuthenticationFailed, message)
}

fn presented_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or("");
        let key = text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("bearer ")).map_or(text, |_| &text[7..]);
        return Some(key.trim().to_owned());
    }
    if let Some(value) = headers.get("x-api-key") {
        return Some(value.to_str().unwrap_or("").trim().to_owned());
    }
    (uri.path() == "/v1/stream").then(|| query_value(uri, "token")).flatten()
}

fn wanted_mode(uri: &Uri) -> Result<Option<Mode>, ApiError> {
    match query_value(uri, "mode").as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Mode::parse(text)
            .map(Some)
            .ok_or_else(|| ApiError::invalid_parameter("mode", "`mode` must be live or test.")),
    }
}

fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
