//! What a client is told once, when it is made.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::callbacks::CallbackExecutor;
use crate::clock::{Clock, SystemClock};
use crate::delivery::RetryPolicy;
use crate::logger::{LogFacade, Logger};

/// Where events go unless an endpoint is given.
pub const DEFAULT_ENDPOINT: &str = "https://api.hiveboard.io";
/// The most events that one request may carry; the server refuses more.
pub const MAX_BATCH_EVENTS: usize = 500;
/// The most bytes that one request may carry; the server refuses more.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// The most bytes of events that wait in memory, whatever `max_queue_size` says.
pub const MAX_QUEUE_BYTES: usize = 64 * 1024 * 1024;

const MAX_ENVIRONMENT_CHARACTERS: usize = 64;
const MAX_GROUP_CHARACTERS: usize = 128;
/// Less would send every event by itself.
const LEAST_FLUSH_INTERVAL: Duration = Duration::from_millis(10);

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
    /// Tell what the client does through the logger, deliveries included.
    pub debug: bool,
    /// Send `prompt_preview` and `response_preview` of model calls.
    pub capture_previews: bool,
    /// Mask passwords and keys of addresses in the texts of exceptions.
    pub scrub_urls: bool,
    /// Compress request bodies with gzip.
    pub gzip: bool,
    /// A PEM file of certificate authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The proxy's address, such as `http://proxy:3128`; unless given, as the environment says it, the way curl reads
    /// it. Empty for none.
    pub proxy: Option<String>,
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
    pub logger: Arc<dyn Logger>,
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
    /// The key holds a character that no key has.
    #[error("api_key holds {stray:?} at position {position}, which no key has: paste it again")]
    StrayCharacter {
        /// The character.
        stray: char,
        /// Where it stands, from 0, in bytes.
        position: usize,
    },
    /// The endpoint is the address of a page.
    #[error("endpoint must be the server's address such as \"http://localhost:8000\", not that of a page: {0:?}")]
    PageAddress(String),
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
            scrub_urls: true,
            gzip: false,
            ca_file: None,
            proxy: None,
            request_timeout: Duration::from_secs(30),
            disabled: false,
            fail_dropped: true,
            runtime: "rust".to_owned(),
            sdk_version: concat!("hiveloop-", env!("CARGO_PKG_VERSION")).to_owned(),
            retry: RetryPolicy::default(),
            before_send: None,
            callback_executor: None,
            logger: Arc::new(LogFacade),
            clock: Arc::new(SystemClock::default()),
        }
    }

    /// Brings settings that are out of range into it, and says how: only what cannot work at all is an error.
    pub(crate) fn clamp(&mut self) -> Vec<String> {
        let mut changes = Vec::new();
        let key = bare_key(&self.api_key);
        if key != self.api_key {
            self.api_key = key.to_owned();
            changes.push("api_key had blanks, quotes or a word around it, which are left out".to_owned());
        }
        self.endpoint = bare_endpoint(&self.endpoint);
        let size = self.batch_size.clamp(1, MAX_BATCH_EVENTS);
        if size != self.batch_size {
            changes.push(format!(
                "batch_size must be from 1 to {MAX_BATCH_EVENTS}: {size} instead of {}",
                self.batch_size
            ));
            self.batch_size = size;
        }
        if self.max_queue_size == 0 {
            changes.push("max_queue_size must be at least 1: 1 instead of 0".to_owned());
            self.max_queue_size = 1;
        }
        if self.flush_interval < LEAST_FLUSH_INTERVAL {
            changes
                .push(format!("flush_interval must be at least 0.01 s, not {} s", self.flush_interval.as_secs_f64()));
            self.flush_interval = LEAST_FLUSH_INTERVAL;
        }
        for (name, text, otherwise, most) in [
            ("environment", &mut self.environment, "production", MAX_ENVIRONMENT_CHARACTERS),
            ("group", &mut self.group, "default", MAX_GROUP_CHARACTERS),
        ] {
            if text.is_empty() {
                otherwise.clone_into(text);
            } else if let Some((end, _)) = text.char_indices().nth(most) {
                text.truncate(end);
                changes.push(format!("{name} may have {most} characters: cut to {text:?}"));
            }
        }
        changes
    }

    /// Checks what cannot be mended.
    ///
    /// # Errors
    /// The first setting that cannot work, with what would.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let key = bare_key(&self.api_key);
        if !self.disabled {
            if !key.starts_with("hb_") {
                return Err(ConfigError::ApiKey);
            }
            if let Some((position, stray)) = key.char_indices().find(|(_, letter)| !letter.is_ascii_graphic()) {
                return Err(ConfigError::StrayCharacter { stray, position });
            }
        }
        let endpoint = bare_endpoint(&self.endpoint);
        // It may hold a password, and errors are printed.
        let shown = || crate::payload::scrubbed(&endpoint).into_owned();
        let wrong = || Err(ConfigError::Endpoint(shown()));
        let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
        if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
            return wrong();
        }
        if endpoint.contains(['?', '#']) {
            return Err(ConfigError::PageAddress(shown()));
        }
        let Ok(uri) = self.ingest_url().parse::<ureq::http::Uri>() else { return wrong() };
        let port = uri.authority().and_then(|authority| {
            authority.as_str().rsplit_once(']').map_or_else(
                || authority.as_str().rsplit_once(':').map(|(_, port)| port),
                |(_, after)| after.strip_prefix(':'),
            )
        });
        let port_works =
            port.is_none_or(|port| !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port > 0));
        if uri.host().is_none_or(str::is_empty) || !port_works {
            return wrong();
        }
        Ok(())
    }

    /// The address that batches are posted to.
    pub(crate) fn ingest_url(&self) -> String {
        format!("{}/v1/ingest", bare_endpoint(&self.endpoint).trim_end_matches('/'))
    }
}

/// A key as it is, also when it was copied as a header, a file of settings or a sentence carries it.
fn bare_key(text: &str) -> &str {
    let key = closely_trimmed(text);
    let after_a_word = |place: &usize| {
        let before = key[..*place].chars().next_back();
        before.is_some_and(|letter| letter.is_whitespace() || "=:\"'".contains(letter))
    };
    match key.match_indices("hb_").map(|(place, _)| place).find(after_a_word) {
        Some(place) if !key.starts_with("hb_") => closely_trimmed(&key[place..]),
        _ => key,
    }
}

/// The server's own address, also when that of its way in was copied.
fn bare_endpoint(text: &str) -> String {
    let mut endpoint = trimmed(text).to_owned();
    if let Some(end) = endpoint.find("://") {
        endpoint[..end].make_ascii_lowercase();
    }
    let path = endpoint.trim_end_matches('/');
    let server = path.strip_suffix("/v1/ingest").or_else(|| path.strip_suffix("/v1")).unwrap_or(&endpoint);
    server.to_owned()
}

/// What people paste, without what clings to it: blanks, quotes, a byte order mark.
fn trimmed(text: &str) -> &str {
    text.trim_matches(clings)
}

/// The same of what neither begins nor ends with a mark of its own.
fn closely_trimmed(text: &str) -> &str {
    text.trim_matches(|letter: char| clings(letter) || ",;()[]{}".contains(letter))
}

fn clings(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || "\"'`<>\u{ab}\u{bb}\u{ad}\u{feff}".contains(letter)
        // Quotes of other languages, and what directs a text without being seen.
        || matches!(letter, '\u{2018}'..='\u{201f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(letter, '\u{2039}'..='\u{203a}' | '\u{2060}'..='\u{2069}')
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key is a secret: only its kind is ever shown.
        let kind = self.api_key.get(..8).unwrap_or("");
        formatter
            .debug_struct("Config")
            .field("api_key", &format_args!("{kind}…"))
            .field("endpoint", &crate::payload::scrubbed(&self.endpoint))
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
            ("https://example.org/hive/v1/ingest", "https://example.org/hive/v1/ingest"),
            ("http://localhost:8000/v1/", "http://localhost:8000/v1/ingest"),
            ("HTTP://localhost:8000", "http://localhost:8000/v1/ingest"),
        ] {
            config.endpoint = endpoint.into();
            assert_eq!(config.validate(), Ok(()));
            assert_eq!(config.ingest_url(), url);
        }
        for endpoint in [
            "",
            "localhost:8000",
            "ftp://example.org",
            "http://",
            "http:///x",
            "http://a b",
            "http://h:99999",
            "http://h:0",
            "http://h:port",
            "http://h:+80",
            "http://[::1]:99999",
        ] {
            config.endpoint = endpoint.into();
            assert_eq!(config.validate(), Err(ConfigError::Endpoint(endpoint.into())), "{endpoint}");
        }
        for page in ["http://h:8000/tasks?range=24h", "http://h:8000/#/x"] {
            config.endpoint = page.into();
            assert_eq!(config.validate(), Err(ConfigError::PageAddress(page.into())));
        }
    }

    #[test]
    fn a_password_in_the_endpoint_is_not_shown() {
        let mut config = Config::new("hb_live_x");
        for endpoint in ["http://user:secret@h:99999", "http://user:secret@h/?x", "http://user:secret@h"] {
            config.endpoint = endpoint.into();
            let shown = config.validate().map_or_else(|error| error.to_string(), |()| format!("{config:?}"));
            assert!(shown.contains("@h") && !shown.contains("secret"), "{shown}");
        }
    }

    #[test]
    fn keys_and_addresses_are_taken_as_people_paste_them() {
        for key in [
            "hb_live_x\n",
            " hb_live_x",
            "\"hb_live_x\"",
            "'hb_live_x'\r\n",
            "\u{feff}hb_live_x",
            "\u{201c}hb_live_x\u{201d}",
            "Bearer hb_live_x",
            "bearer  'hb_live_x'",
            "Bearer\thb_live_x",
            "Authorization: Bearer hb_live_x",
            "HIVELOOP_API_KEY=hb_live_x",
            "export HIVELOOP_API_KEY=\"hb_live_x\";",
            "api_key: 'hb_live_x',",
            "<hb_live_x>",
            "(hb_live_x)",
            "\u{201e}hb_live_x\u{201f}",
            "\u{ab}hb_live_x\u{bb}",
            "\u{2060}hb_live_x\u{200d}",
        ] {
            let mut config = Config::new(key);
            config.endpoint = " <http://localhost:8000/>\n".into();
            assert_eq!(config.validate(), Ok(()), "{key:?}");
            assert!(config.clamp()[0].contains("api_key"));
            assert_eq!(
                (config.api_key.as_str(), config.ingest_url().as_str()),
                ("hb_live_x", "http://localhost:8000/v1/ingest")
            );
        }
        let stray = Config::new("hb_live_\u{200b}x").validate().expect_err("it holds a zero-width space");
        assert!(stray.to_string().contains("\\u{200b}"), "{stray}");
        assert_eq!(Config::new("sk-1").validate(), Err(ConfigError::ApiKey));
        assert_eq!(Config::new("").validate(), Err(ConfigError::ApiKey));
    }

    #[test]
    fn settings_out_of_range_are_brought_into_it_and_said() {
        let clamped = |change: fn(&mut Config)| {
            let mut config = Config::new("hb_test_x");
            change(&mut config);
            assert_eq!(config.validate(), Ok(()));
            let changes = config.clamp();
            (config, changes.join("; "))
        };
        let (config, line) = clamped(|config| config.batch_size = 1000);
        assert_eq!(config.batch_size, 500);
        assert!(line.contains("500 instead of 1000"), "{line}");
        assert_eq!(clamped(|config| config.batch_size = 0).0.batch_size, 1);
        assert_eq!(clamped(|config| config.max_queue_size = 0).0.max_queue_size, 1);
        assert!(!clamped(|config| config.flush_interval = Duration::ZERO).0.flush_interval.is_zero());
        let (config, line) = clamped(|config| config.environment = "ä".repeat(65));
        assert_eq!(config.environment, "ä".repeat(64));
        assert!(line.contains("environment may have 64 characters"), "{line}");
        assert_eq!(clamped(|config| config.group = "x".repeat(129)).0.group.len(), 128);
        assert_eq!(clamped(|config| config.group = String::new()).0.group, "default");
        assert_eq!(clamped(|_| ()).1, "");
    }

    #[test]
    fn the_key_is_never_shown() {
        assert!(!format!("{:?}", Config::new("hb_live_secretsecret")).contains("secret"));
    }
}
