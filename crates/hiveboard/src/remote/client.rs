//! Requests over HTTP.

use std::{io::Read as _, sync::Arc, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use ureq::{
    http::header,
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{Fault, Query, Target, numbers};
use crate::error::ErrorBody;

const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Larger answers are not read to their end; a page of 200 events has at most 200 payloads of 32 KiB.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// What one request may ask for.
const PAGE: usize = 200;
/// How often a request that came too fast is made again, and the longest it waits for that.
const TRIES: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks one server with one key. It can be shared by threads.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    target: Arc<Target>,
}

/// The items of a list, as the server wrote them.
#[derive(Debug, Default)]
pub struct Listed {
    pub items: Vec<Box<RawValue>>,
    pub has_more: bool,
    /// Where the list goes on.
    pub cursor: Option<String>,
    /// How many there are on all pages, where the server says it.
    pub total: Option<u64>,
}

impl Listed {
    /// # Errors
    /// When the server answers something else than `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Vec<T>, Fault> {
        self.items.iter().map(|item| read(item.get())).collect()
    }
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    pagination: Option<Pagination>,
    total: Option<u64>,
}

#[derive(Deserialize)]
struct Pagination {
    cursor: Option<String>,
    has_more: bool,
}

/// # Errors
/// When the text is not what a HiveBoard answers.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    if !matches!(text.trim_ascii_start().as_bytes().first(), Some(b'{' | b'[')) {
        return Err(Fault::NoAnswer(
            "what answers there answers something else than a HiveBoard, perhaps a page; is the address right?"
                .to_owned(),
        ));
    }
    let read = serde_json::from_str(text);
    let read = read.or_else(|error| numbers::as_texts(text).map_or(Err(error), |text| serde_json::from_str(&text)));
    read.map_err(|error| {
        Fault::NoAnswer(format!(
            "the server answers something else than this program expects ({error}); are both of one version?"
        ))
    })
}

/// # Errors
/// When the text is not a page of a list.
pub(crate) fn read_page(text: &str) -> Result<Listed, Fault> {
    let page: Page = read(text)?;
    let (cursor, has_more) = page.pagination.map_or((None, false), |page| (page.cursor, page.has_more));
    Ok(Listed { items: page.data, has_more, cursor, total: page.total })
}

impl Client {
    pub fn new(target: Target) -> Self {
        crate::tls::choose_cryptography();
        let mut builder = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // Following a redirect would hand the key to somebody else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(CONNECT_PATIENCE))
            .timeout_global(Some(ANSWER_PATIENCE))
            .accept_encoding("identity");
        if target.is_loopback() {
            builder = builder.proxy(None);
        }
        if target.url.starts_with("https://") {
            let tls = TlsConfig::builder().root_certs(trusted()).disable_verification(target.is_own());
            builder = builder.tls_config(tls.build());
        }
        Self { agent: builder.build().into(), target: Arc::new(target) }
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The body of the answer to `GET path?query`.
    ///
    /// # Errors
    /// When the server cannot be asked, refuses, or fails.
    pub fn get(&self, path: &str, query: &Query) -> Result<String, Fault> {
        let query = match &self.target.mode {
            Some(mode) => query.clone().with("mode", mode.as_str()),
            None => query.clone(),
        };
        let url = format!("{}{}", self.target.url, query.of(path));
        let mut tries = 0;
        loop {
            tries += 1;
            let (status, pause, body) = self.ask(&url)?;
            match status {
                200..=299 => return Ok(body),
                // A key that reads faster than it may is told when to go on.
                429 if tries < TRIES => std::thread::sleep(pause.clamp(Duration::from_millis(50), LONGEST_PAUSE)),
                _ => return Err(self.refused(status, &body)),
            }
        }
    }

    fn ask(&self, url: &str) -> Result<(u16, Duration, String), Fault> {
        let mut response = self
            .agent
            .get(url)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.target.key))
            .header(header::USER_AGENT, concat!("hiveboard-cli/", env!("CARGO_PKG_VERSION")))
            .call()
            .map_err(|error| self.unreachable(&error))?;
        let pause = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map_or(Duration::from_millis(200), Duration::from_secs);
        let mut body = String::new();
        response
            .body_mut()
            .as_reader()
            .take(MOST_BYTES)
            .read_to_string(&mut body)
            .map_err(|error| Fault::NoAnswer(format!("the answer of {} was cut short: {error}", self.target.url)))?;
        Ok((response.status().as_u16(), pause, body))
    }

    /// The same, read as `T`.
    ///
    /// # Errors
    /// As [`Self::get`], and when the server answers something else than `T`.
    pub fn read<T: DeserializeOwned>(&self, path: &str, query: &Query) -> Result<T, Fault> {
        read(&self.get(path, query)?)
    }

    /// One page of a list.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn page(&self, path: &str, query: &Query) -> Result<Listed, Fault> {
        read_page(&self.get(path, query)?)
    }

    /// The first `most` items of a list, page by page.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn list(&self, path: &str, query: &Query, most: usize) -> Result<Listed, Fault> {
        let mut listed = Listed { has_more: true, ..Listed::default() };
        while listed.has_more && listed.items.len() < most {
            let limit = (most - listed.items.len()).min(PAGE);
            let page = self.page(path, &query.clone().with("limit", limit).maybe("cursor", listed.cursor.take()))?;
            listed.has_more = page.has_more && page.cursor.is_some() && !page.items.is_empty();
            listed.cursor = page.cursor;
            listed.items.extend(page.items);
        }
        Ok(listed)
    }

    fn unreachable(&self, error: &ureq::Error) -> Fault {
        let why = match error {
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Timeout(_) => "it takes too long".to_owned(),
            other => other.to_string(),
        };
        Fault::NoAnswer(format!("nothing answers at {}: {why}. {}", self.target.url, self.target.origin.advice()))
    }

    fn refused(&self, status: u16, body: &str) -> Fault {
        refusal(status, body, &self.target.url, &self.target.shown_key())
    }
}

/// What an answer that is none means. `url` and `key` are how people know server and key.
pub(crate) fn refusal(status: u16, body: &str, url: &str, key: &str) -> Fault {
    let Ok(said) = serde_json::from_str::<ErrorBody>(body) else {
        return Fault::NoAnswer(format!("{url} answers ({status}), but not as a HiveBoard does; is that its address?"));
    };
    let message = said.message;
    match status {
        401 => Fault::WrongKey(format!("{url} does not know the key {key}: {message}")),
        403 => Fault::NotAllowed(format!("{url} does not allow this to the key {key}: {message}")),
        // The words for an unknown route and for an unknown agent differ in their code.
        404 if said.error == "not_found" => {
            Fault::NoAnswer(format!("{url} does not know this question: {message} Is it of an older version?"))
        }
        // Where else to look is said in the words of whoever asked: routes mean nothing to them.
        404 => Fault::NotFound(message.split(" GET /v1/").next().unwrap_or_default().to_owned()),
        400 => Fault::Usage(message),
        _ => Fault::NoAnswer(format!("{url} could not answer ({status} {}): {message}", said.error)),
    }
}

/// The system's certificate authorities; a built-in list where it has none.
fn trusted() -> RootCerts {
    let system = rustls_native_certs::load_native_certs().certs;
    let certificates: Vec<Certificate<'static>> =
        system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(certificates)) }
}
