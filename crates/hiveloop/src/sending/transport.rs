//! Connections: HTTP over plain TCP or TLS, shared by the senders.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use ureq::Proxy;
use ureq::http::{HeaderMap, header};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector, DefaultConnector};

use crate::config::{Config, ConfigError};
use crate::delivery::{Answer, Reply};

use super::forward::{Forwarding, ForwardingConnector};
use super::resolve::RememberingResolver;

/// Answers are read up to here; a receipt for 500 events stays far below.
const MAX_ANSWER_BYTES: u64 = 1024 * 1024;
/// As many as there are senders at most.
const MAX_IDLE_CONNECTIONS: usize = 16;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Posts bodies to one address.
pub(crate) struct HttpTransport {
    /// Another one, without connections, once those that there are have led to another server.
    agent: RwLock<ureq::Agent>,
    forwarding: Option<Forwarding>,
    resolver: RememberingResolver,
    url: String,
    authorization: String,
    user_agent: String,
    proxy_authorization: Option<String>,
    /// Whether bodies are compressed; no longer once the server has refused that.
    gzip: AtomicBool,
}

impl HttpTransport {
    pub(crate) fn new(config: &Config) -> Self {
        let url = config.ingest_url();
        let proxy = config.proxy.as_deref().and_then(|proxy| Proxy::new(proxy).ok());
        let forwarding = proxy.as_ref().and_then(|proxy| Forwarding::to(&url, proxy));
        let builder = ureq::Agent::config_builder()
            // Every status is an answer here, and a redirect is a wrong address: following one would hand out the key.
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(proxy.filter(|_| forwarding.is_none()))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(config.request_timeout))
            .max_idle_connections(MAX_IDLE_CONNECTIONS)
            .max_idle_connections_per_host(MAX_IDLE_CONNECTIONS)
            .accept_encoding("identity");
        let builder = if url.starts_with("https://") {
            builder.tls_config(TlsConfig::builder().root_certs(trusted(config)).build())
        } else {
            builder
        };
        let resolver = RememberingResolver::instead(forwarding.as_ref().map(|forwarding| forwarding.proxy.clone()));
        let proxy_authorization = forwarding.as_ref().and_then(|forwarding| forwarding.authorization.clone());
        let agent = agent_of(builder.build(), forwarding.clone(), resolver.clone());
        Self {
            agent: RwLock::new(agent),
            forwarding,
            resolver,
            url,
            authorization: format!("Bearer {}", config.api_key),
            user_agent: config.sdk_version.replacen('-', "/", 1),
            proxy_authorization,
            gzip: AtomicBool::new(config.gzip),
        }
    }

    /// Posts a body and reads what the server makes of it; `compressed` is a buffer to use again and again.
    pub(crate) fn post(&self, body: &[u8], compressed: &mut Vec<u8>) -> Reply {
        let agent = self.agent.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut request = agent
            .post(&self.url)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.proxy_authorization {
            request = request.header(header::PROXY_AUTHORIZATION, authorization);
        }
        let mut body = body;
        let mut is_compressed = false;
        if self.gzip.load(Ordering::Relaxed) {
            compressed.clear();
            let mut encoder = flate2::write::GzEncoder::new(&mut *compressed, flate2::Compression::fast());
            // Writing into memory cannot fail; if ever, the plain body is as good.
            if encoder.write_all(body).and_then(|()| encoder.finish().map(|_| ())).is_ok() {
                request = request.header(header::CONTENT_ENCODING, "gzip");
                body = compressed;
                is_compressed = true;
            }
        }
        let mut response = match request.send(body) {
            Ok(response) => response,
            Err(error) => {
                self.resolver.forget();
                return Answer::Failed { reason: explain(&error, authority_of(&self.url)) }.into();
            }
        };
        let mut answer = Vec::new();
        let read = response.body_mut().as_reader().take(MAX_ANSWER_BYTES).read_to_end(&mut answer);
        let status = response.status().as_u16();
        if let Err(error) = read
            && status < 300
        {
            // The receipt was cut short: whether the batch was stored is not known, and sending it again is harmless.
            return Answer::Failed { reason: format!("the answer was cut short: {error}") }.into();
        }
        if status == 415 && is_compressed {
            self.gzip.store(false, Ordering::Relaxed);
            return Answer::Failed { reason: "the server takes no gzip: bodies go as they are from now on".into() }
                .into();
        }
        if status == 421 {
            self.connect_anew();
        }
        let answer = unpacked(response.headers(), answer);
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        Answer::read(status, retry_after(response.headers(), SystemTime::now()), location, &answer)
    }

    /// Lets go of all connections: they lead to a server that does not answer for this address (421).
    fn connect_anew(&self) {
        self.resolver.forget();
        let mut agent = self.agent.write().unwrap_or_else(PoisonError::into_inner);
        *agent = agent_of(agent.config().clone(), self.forwarding.clone(), self.resolver.clone());
    }
}

/// What makes connections, and keeps those that may be used again.
fn agent_of(
    config: ureq::config::Config,
    forwarding: Option<Forwarding>,
    resolver: RememberingResolver,
) -> ureq::Agent {
    ureq::Agent::with_parts(config, DefaultConnector::default().chain(ForwardingConnector(forwarding)), resolver)
}

/// Whether it is an address of a proxy.
pub(crate) fn is_proxy(address: &str) -> bool {
    Proxy::new(address).is_ok()
}

/// What went wrong, and what would mend it where that is known.
fn explain(error: &ureq::Error, authority: &str) -> String {
    let what = match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(which) => format!("timed out ({which})"),
        other => other.to_string(),
    };
    let cure = if what.contains("UnknownIssuer") {
        ": name the authority that issued it by ca_file"
    } else if what.contains("InvalidContentType") || what.contains("corrupt message") {
        ": no TLS is spoken there; should endpoint begin with http://?"
    } else {
        ""
    };
    format!("{what} ({authority}){cure}")
}

/// The host and the port of an address, without a password before them.
fn authority_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or(authority);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// An answer as it was before somebody on the way compressed it, though nobody had asked for that.
fn unpacked(headers: &HeaderMap, answer: Vec<u8>) -> Vec<u8> {
    let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut plain = Vec::new();
    let read = match encoding.trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => {
            flate2::read::MultiGzDecoder::new(answer.as_slice()).take(MAX_ANSWER_BYTES).read_to_end(&mut plain)
        }
        "deflate" => flate2::read::ZlibDecoder::new(answer.as_slice()).take(MAX_ANSWER_BYTES).read_to_end(&mut plain),
        _ => return answer,
    };
    if read.is_ok() { plain } else { answer }
}

/// Reads `Retry-After`: seconds, or a date by the server's own clock, where it tells what that shows.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| SystemTime::from(date.timestamp()));
    let moment = date(text)?;
    let now = headers.get(header::DATE).and_then(|value| date(value.to_str().ok()?.trim())).unwrap_or(now);
    Some(moment.duration_since(now).unwrap_or_default())
}

/// Files of authorities that other HTTP clients of Python and curl read, and that whoever stands behind a proxy which
/// looks into TLS has named there.
const NAMED_AUTHORITIES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The system's certificate authorities, those of the environment and those of `ca_file`; a built-in list where there
/// are none.
fn trusted(config: &Config) -> RootCerts {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut certificates: Vec<Certificate<'static>> =
        system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    certificates.extend(read_ca_file(config).unwrap_or_default());
    let named = NAMED_AUTHORITIES.iter().filter_map(std::env::var_os).map(PathBuf::from);
    certificates.extend(named.filter_map(|path| read_authorities(&path).ok()).flatten());
    if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(certificates)) }
}

/// Tells at the making of a client whether its `ca_file` can be used.
pub(crate) fn check_ca_file(config: &Config) -> Result<(), ConfigError> {
    read_ca_file(config).map(|_| ())
}

fn read_ca_file(config: &Config) -> Result<Vec<Certificate<'static>>, ConfigError> {
    let Some(path) = &config.ca_file else { return Ok(Vec::new()) };
    let fail = |reason: String| ConfigError::CaFile { path: path.clone(), reason };
    let certificates = read_authorities(path).map_err(fail)?;
    if certificates.is_empty() { Err(fail("it holds no certificate in PEM form".into())) } else { Ok(certificates) }
}

fn read_authorities(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| error.to_string())? {
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::http::HeaderValue;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!((read("soon"), read("-1")), (None, None));
    }

    #[test]
    fn a_date_to_come_back_at_is_by_the_servers_clock() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:47 GMT"));
        headers.insert(header::DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:40 GMT"));
        let an_hour_ahead = SystemTime::UNIX_EPOCH + Duration::from_secs(784_115_377);
        assert_eq!(retry_after(&headers, an_hour_ahead), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_failure_names_the_server_without_its_password_and_a_cure() {
        let authority = authority_of("https://user:secret@h:8443/base/v1/ingest");
        let failed = |what: &str| explain(&ureq::Error::Io(std::io::Error::other(what.to_owned())), authority);
        assert_eq!(failed("Connection refused"), "Connection refused (h:8443)");
        assert!(failed("invalid peer certificate: UnknownIssuer").ends_with("by ca_file"));
        assert!(failed("received corrupt message of type InvalidContentType").contains("begin with http://"));
    }

    #[test]
    fn answers_that_were_compressed_on_the_way_are_read() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"{}").unwrap();
        let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(b"{}").unwrap();
        let read = |encoding, answer: Vec<u8>| {
            let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(encoding))]);
            unpacked(&headers, answer)
        };
        assert_eq!(read("gzip", gzip.finish().unwrap()), b"{}");
        assert_eq!(read("deflate", deflate.finish().unwrap()), b"{}");
        assert_eq!((read("gzip", b"{}".to_vec()), read("br", b"?".to_vec())), (b"{}".to_vec(), b"?".to_vec()));
    }
}
