//! What a client is told once, when it is made.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::callbacks::CallbackExecutor;
use crate::clock::{Clock, SystemClock};
use crate::journal::{FacadeJournal, Journal};
use crate::sending::RetryPolicy;

/// Where events go unless an endpoint is given.
pub const DEFAULT_ENDPOINT: &str = "https://api.hiveboard.io";
/// The most events that one request may carry; the server refuses more.
pub const MAX_BATCH_EVENTS: usize = 500;
/// The most bytes that one request may carry; the server refuses more.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most bytes of events that wait in memory, whatever `max_queue_size` says.
pub const MAX_QUEUE_BYTES: usize = 64 * 1024 * 1024;

/// A hook that sees each event, as the JSON object that would travel, before it is queued.
///
/// It runs on the thread that emits the event; only heartbeats that carry nothing of the agent's are not shown to it.
pub type BeforeSend = Arc<dyn Fn(&mut Vec<u8>) -> Screened + Send + Sync>;

/// Makes a [`CallbackExecutor`] for a process.
pub type MakeExecutor = Arc<dyn Fn() -> Arc<dyn CallbackExecutor> + Send + Sync>;

/// What [`BeforeSend`] decided about an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screened {
    /// Send it, with the bytes as they are now.
    Keep,
    /// The hook asked for it not to be sent.
    Discard,
    /// The hook failed: the event is dropped and counted, never sent unmasked.
    Failed,
}

/// The settings of a [`Client`](crate::Client).
///
/// ```
/// use hiveloop::Config;
/// use std::time::Duration;
///
/// let mut config = Config::new("hb_live_0123456789abcdef0123456789abcdef");
/// config.endpoint = "http://localhost:8000".into();
/// config.flush_interval = Duration::from_secs(1);
/// assert!(config.validate().is_ok());
/// ```
#[derive(Clone)]
pub struct Config {
    /// The key; must start with `hb_`.
    pub api_key: String,
    /// The server's address; may carry a path and a trailing slash.
    pub endpoint: String,
    /// Operational context, at most 64 characters.
    pub environment: String,
    /// Organisational label, at most 128 characters.
    pub group: String,
    /// The longest an event waits before it is sent.
    pub flush_interval: Duration,
    /// Events a request carries at most, 1 to 500.
    pub batch_size: usize,
    /// Events that wait in memory at most; beyond, the oldest is dropped and counted.
    pub max_queue_size: usize,
    /// Tell what the client does through the journal, deliveries included.
    pub debug: bool,
    /// Send `prompt_preview` and `response_preview` of model calls.
    pub capture_previews: bool,
    /// Compress request bodies with gzip.
    pub gzip: bool,
    /// A PEM file of certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The time a request may take, from connecting to the answer's last byte.
    pub request_timeout: Duration,
    /// Emit nothing at all.
    pub disabled: bool,
    /// Report a task or action as failed when its last handle is dropped before its end.
    pub fail_dropped: bool,
    /// What runs the agent, for the envelope, as in `rust` or `python-3.12.1`.
    pub runtime: String,
    /// What sends, for the envelope, as in `hiveloop-0.1.0`.
    pub sdk_version: String,
    /// How long to wait between attempts.
    pub retry: RetryPolicy,
    /// Sees every event before it is queued.
    pub before_send: Option<BeforeSend>,
    /// Makes what runs heartbeat callbacks, once a process; by default up to four threads of the client's own.
    pub callback_executor: Option<MakeExecutor>,
    /// Where the client writes what people should know; by default the `log` crate.
    pub journal: Arc<dyn Journal>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// A setting that cannot work. Only the making of a client reports errors; nothing after it does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The key is missing or of another service.
    #[error(
        "api_key must start with \"hb_\" (hb_live_…, hb_test_…); make one with `hiveboard keys create` or on the board's settings page"
    )]
    ApiKey,
    /// The endpoint is no http or https address.
    #[error("endpoint must be an http:// or https:// address such as \"http://localhost:8000\", not {0:?}")]
    Endpoint(String),
    /// A figure is outside of its range.
    #[error("{name} must be {expected}, not {given}")]
    OutOfRange {
        /// The setting.
        name: &'static str,
        /// The range in words.
        expected: &'static str,
        /// What was given.
        given: String,
    },
    /// The file of certificate authorities cannot be read.
    #[error("ca_file {path:?} cannot be used: {reason}")]
    CaFile {
        /// The path given.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
}

impl Config {
    /// The defaults of the users' manual, with this key.
    pub fn new(api_key: impl Into<String>) -> Self {
        Self {
            api_key: api_key.into(),
            endpoint: DEFAULT_ENDPOINT.to_owned(),
            environment: "production".to_owned(),
            group: "default".to_owned(),
            flush_interval: Duration::from_secs(5),
            batch_size: 100,
            max_queue_size: 10_000,
            debug: false,
            capture_previews: true,
            gzip: false,
            ca_file: None,
            request_timeout: Duration::from_secs(30),
            disabled: false,
            fail_dropped: true,
            runtime: "rust".to_owned(),
            sdk_version: concat!("hiveloop-", env!("CARGO_PKG_VERSION")).to_owned(),
            retry: RetryPolicy::default(),
            before_send: None,
            callback_executor: None,
            journal: Arc::new(FacadeJournal),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// Checks every setting that can be wrong.
    ///
    /// # Errors
    /// The first setting that cannot work, with what would.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let printable = self.api_key.bytes().all(|byte| byte.is_ascii_graphic());
        let usable = self.api_key.starts_with("hb_") && printable;
        if !(usable || self.disabled) {
            return Err(ConfigError::ApiKey);
        }
        let host = self.endpoint.strip_prefix("http://").or_else(|| self.endpoint.strip_prefix("https://"));
        let well_formed = self.ingest_url().parse::<ureq::http::Uri>().is_ok_and(|uri| uri.host().is_some());
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) || !well_formed {
            return Err(ConfigError::Endpoint(self.endpoint.clone()));
        }
        if !(1..=MAX_BATCH_EVENTS).contains(&self.batch_size) {
            return Err(out_of_range("batch_size", "from 1 to 500", &self.batch_size));
        }
        if self.max_queue_size == 0 {
            return Err(out_of_range("max_queue_size", "at least 1", &self.max_queue_size));
        }
        if self.flush_interval.is_zero() {
            return Err(out_of_range("flush_interval", "more than 0 seconds", &self.flush_interval.as_secs_f64()));
        }
        if self.environment.is_empty() || self.environment.chars().count() > 64 {
            return Err(out_of_range("environment", "1 to 64 characters", &self.environment));
        }
        if self.group.is_empty() || self.group.chars().count() > 128 {
            return Err(out_of_range("group", "1 to 128 characters", &self.group));
        }
        Ok(())
    }

    /// The address that batches are posted to.
    pub(crate) fn ingest_url(&self) -> String {
        format!("{}/v1/ingest", self.endpoint.trim_end_matches('/'))
    }
}

fn out_of_range(name: &'static str, expected: &'static str, given: &dyn fmt::Display) -> ConfigError {
    ConfigError::OutOfRange { name, expected, given: given.to_string() }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is a secret: only its kind is ever shown.
        let kind = self.api_key.get(..8).unwrap_or("");
        formatter
            .debug_struct("Config")
            .field("api_key", &format_args!("{kind}…"))
            .field("endpoint", &self.endpoint)
            .field("environment", &self.environment)
            .field("group", &self.group)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_may_carry_a_path_and_a_trailing_slash() {
        let mut config = Config::new("hb_live_x");
        for (endpoint, url) in [
            ("http://localhost:8000", "http://localhost:8000/v1/ingest"),
            ("http://localhost:8000/", "http://localhost:8000/v1/ingest"),
            ("https://example.org/hive//", "https://example.org/hive/v1/ingest"),
        ] {
            config.endpoint = endpoint.into();
            assert_eq!(config.validate(), Ok(()));
            assert_eq!(config.ingest_url(), url);
        }
        for endpoint in ["", "localhost:8000", "ftp://example.org", "http://", "http:///x", "http://a b"] {
            config.endpoint = endpoint.into();
            assert_eq!(config.validate(), Err(ConfigError::Endpoint(endpoint.into())), "{endpoint}");
        }
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let with = |change: fn(&mut Config)| {
            let mut config = Config::new("hb_test_x");
            change(&mut config);
            config.validate().expect_err("the setting is wrong").to_string()
        };
        assert!(with(|config| config.api_key = "sk-1".into()).contains("hb_"));
        assert!(with(|config| config.batch_size = 501).contains("batch_size must be from 1 to 500"));
        assert!(with(|config| config.max_queue_size = 0).contains("max_queue_size"));
        assert!(with(|config| config.flush_interval = Duration::ZERO).contains("flush_interval"));
        assert!(with(|config| config.environment = "x".repeat(65)).contains("environment"));
        assert!(with(|config| config.group = String::new()).contains("group"));
    }

    #[test]
    fn the_key_is_never_shown() {
        assert!(!format!("{:?}", Config::new("hb_live_secretsecret")).contains("secret"));
    }
}
