//! Who asks, and whose data they may see. The only maker of a [`Caller`], and so of a [`hiveboard_wire::Scope`].
//!
//! A request comes with a key (`Authorization: Bearer`, `X-API-Key`, or `?token=` on the stream) or with the board's session cookie.

mod admit;
mod known_keys;
mod presented;

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, Method, Uri, header};
use hiveboard_settings::Settings;
use hiveboard_wire::{ErrorCode, Mode};

use self::known_keys::KnownKeys;
pub use self::{
    admit::{Gate, admit},
    presented::{SESSION_COOKIE, cookie},
};
use crate::{caller::Caller, error::ApiError, origin};

pub struct Auth {
    settings: Arc<dyn Settings>,
    public_url: Option<String>,
    keys: KnownKeys,
}

/// What of a request says who asks.
pub struct Credentials<'a> {
    pub method: &'a Method,
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub address: IpAddr,
}

impl Auth {
    pub fn new(settings: Arc<dyn Settings>, public_url: Option<String>) -> Self {
        Self { keys: KnownKeys::new(Arc::clone(&settings)), settings, public_url }
    }

    /// Looks at all known keys again, so that revoked ones stop: called when the settings changed.
    pub fn refresh(&self) {
        self.keys.refresh();
    }

    /// Writes down when keys were last used.
    pub fn write_last_used(&self) -> hiveboard_settings::Result<()> {
        self.keys.write_last_used()
    }

    /// Lets the caller in.
    ///
    /// # Errors
    /// Without a key or session that is known; after a while, where an address has shown many wrong keys.
    pub async fn caller(&self, asked: Credentials<'_>) -> Result<Caller, ApiError> {
        let wanted_mode = presented::mode(asked.uri)?;
        if let Some(key) = presented::key(asked.headers, asked.uri) {
            let Some(caller) = self.keys.find(&key)? else {
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
                "No API key. Send `Authorization: Bearer hb_…`; `hiveboard keys create` makes one. To enter the board, use the link that `hiveboard login-link` prints.",
            ));
        };
        let Some(session) = self.settings.find_session(&token)? else {
            return Err(ApiError::new(
                ErrorCode::AuthenticationFailed,
                "The session has ended. `hiveboard login-link` prints a new link to the board.",
            ));
        };
        // Other pages may make a browser send its cookie along: with what changes things, and with WebSockets.
        if !asked.method.is_safe() || asked.headers.contains_key(header::UPGRADE) {
            self.check_origin(asked.headers)?;
        }
        Ok(Caller::session(&session, wanted_mode.unwrap_or(Mode::Live)))
    }

    /// Whether a request with a cookie comes from a page of the board.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        origin::check(headers, self.public_url.as_deref())
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
