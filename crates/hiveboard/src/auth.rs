//! Who asks, and whose data they may see. The only maker of a [`Caller`], and so of a [`hiveboard_wire::Scope`].
//!
//! A request comes with a key (`Authorization: Bearer`, `X-API-Key`, or `?token=` on the stream) or with the board's session cookie.

mod admit;
mod known_keys;
mod presented;

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, Method, Uri, header};
use hiveboard_settings::{SessionRecord, Settings};
use hiveboard_wire::{ErrorCode, Mode, Timestamp};
use tokio::sync::watch;

pub(crate) use self::admit::takes_events;
use self::known_keys::KnownKeys;
pub use self::{
    admit::admit,
    presented::{SESSION_COOKIE, cookie},
};
use crate::{
    blocking::blocking,
    caller::{Caller, Principal},
    error::ApiError,
    limits::Limits,
    origin,
};

pub struct Auth {
    settings: Arc<dyn Settings>,
    public_url: Option<String>,
    keys: KnownKeys,
    /// Moves with every change of the settings: open streams look whether they are still welcome.
    changes: watch::Sender<u64>,
}

/// How late it is written down that a session was used.
const TOUCH_SESSION_SECONDS: i64 = 300;

/// What of a request says who asks.
pub struct Credentials<'a> {
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub address: IpAddr,
}

impl Auth {
    pub fn new(settings: Arc<dyn Settings>, public_url: Option<String>) -> Self {
        Self { keys: KnownKeys::new(Arc::clone(&settings)), settings, public_url, changes: watch::Sender::new(0) }
    }

    /// Looks at all known keys again, so that revoked ones stop: called when the settings changed.
    pub fn refresh(&self) {
        self.keys.refresh();
        self.changes.send_modify(|changes| *changes += 1);
    }

    /// Tells of every change that may have ended a key or a session.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Whether a caller that was let in would be let in again. When the settings cannot be read, nobody is thrown out.
    pub fn is_still_welcome(&self, caller: &Caller) -> bool {
        match caller.principal {
            Principal::Key { id, .. } => self
                .settings
                .list_keys(caller.scope().workspace)
                .map_or(true, |keys| keys.iter().any(|key| key.id == id && key.is_active(Timestamp::now()))),
            Principal::Member { session, .. } => self.settings.list_sessions().map_or(true, |sessions| {
                sessions.iter().any(|open| open.id == session && open.workspace == caller.scope().workspace)
            }),
        }
    }

    /// Writes down when keys were last used.
    pub fn write_last_used(&self) -> hiveboard_settings::Result<()> {
        self.keys.write_last_used()
    }

    /// Lets the caller in, or counts against its address that it shows no valid key.
    ///
    /// # Errors
    /// As [`Auth::caller`]; and where too many such requests come from the address.
    pub async fn caller_or_count(&self, asked: Credentials<'_>, limits: &Limits) -> Result<Caller, ApiError> {
        let address = asked.address;
        let admitted = self.caller(asked).await;
        if let Err(refusal) = &admitted
            && refusal.code() == ErrorCode::AuthenticationFailed
        {
            limits.keyless(address)?;
        }
        admitted
    }

    /// Lets the caller in.
    ///
    /// # Errors
    /// Without a key or session that is known; after a while, where an address has shown many wrong keys.
    pub async fn caller(&self, asked: Credentials<'_>) -> Result<Caller, ApiError> {
        let wanted_mode = presented::mode(asked.uri)?;
        if let Some(key) = presented::key(asked.headers, asked.uri) {
            let Some(caller) = self.find(|| self.keys.find(&key)).await? else {
                self.keys.slow_down(&key, asked.address).await?;
                return Err(unknown_key(&key));
            };
            return match wanted_mode {
                Some(mode) if mode != caller.scope().mode => Err(ApiError::new(
                    ErrorCode::Forbidden,
                    format!(
                        "This key sees {} data only; drop `mode` or use another key.",
                        caller.scope().mode.as_str()
                    ),
                )),
                _ => Ok(caller),
            };
        }
        let Some(token) = presented::cookie(asked.headers, SESSION_COOKIE) else {
            return Err(ApiError::new(
                ErrorCode::AuthenticationFailed,
                "No API key. Send `Authorization: Bearer hb_…`; `hiveboard keys create` makes one. To enter the board, sign in, or use the link that `hiveboard login-link` prints while it has no owner.",
            ));
        };
        let Some(session) = self.find(|| Ok(self.settings.find_session(&token)?)).await? else {
            return Err(ApiError::new(
                ErrorCode::AuthenticationFailed,
                "The session has ended. Sign in again; while the board has no owner, `hiveboard login-link` prints a new link to it.",
            ));
        };
        // Other pages may make a browser send its cookie along: with what changes things, and with WebSockets.
        if !asked.method.is_safe() || asked.headers.contains_key(header::UPGRADE) {
            self.check_origin(asked.headers)?;
        }
        self.touch(&session, &token);
        Ok(Caller::session(&session, wanted_mode.unwrap_or(Mode::Live)))
    }

    /// What another node made a moment ago is known here, too: where nothing is found, the others' changes are taken in, and it is looked again.
    async fn find<T>(&self, look: impl Fn() -> Result<Option<T>, ApiError>) -> Result<Option<T>, ApiError> {
        let found = look()?;
        if found.is_some() || !self.settings.is_shared() {
            return Ok(found);
        }
        let settings = Arc::clone(&self.settings);
        blocking(move || Ok(settings.catch_up()?)).await?;
        look()
    }

    /// Sessions end when they are idle: now and then it is written down that one is not.
    fn touch(&self, session: &SessionRecord, token: &str) {
        if session.last_seen_at.plus_seconds(TOUCH_SESSION_SECONDS) > Timestamp::now() {
            return;
        }
        let (settings, token) = (Arc::clone(&self.settings), token.to_owned());
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = settings.touch_session(&token) {
                tracing::warn!(%error, "that a session was used could not be written down");
            }
        }));
    }

    /// Whether a request with a cookie comes from a page of the board.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        origin::check(headers, self.public_url.as_deref())
    }
}

fn unknown_key(key: &str) -> ApiError {
    let message = if key.starts_with("hb_") {
        "The API key is unknown, has expired or was revoked. `hiveboard keys list` shows the keys of this server."
    } else {
        "API keys start with hb_live_, hb_test_ or hb_read_. `hiveboard keys create` makes one."
    };
    ApiError::new(ErrorCode::AuthenticationFailed, message)
}
