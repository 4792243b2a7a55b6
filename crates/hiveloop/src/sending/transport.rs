//! Connections: HTTP over plain TCP or TLS, shared by the senders.

use std::io::{Read, Write};
use std::sync::Arc;
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
    agent: ureq::Agent,
    resolver: RememberingResolver,
    url: String,
    authorization: String,
    user_agent: String,
    proxy_authorization: Option<String>,
    gzip: bool,
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
        let connector = DefaultConnector::default().chain(ForwardingConnector(forwarding));
        Self {
            agent: ureq::Agent::with_parts(builder.build(), connector, resolver.clone()),
            resolver,
            url,
            authorization: format!("Bearer {}", config.api_key),
            user_agent: config.sdk_version.replacen('-', "/", 1),
            proxy_authorization,
            gzip: config.gzip,
        }
    }

    /// Posts a body and reads what the server makes of it; `compressed` is a buffer to use again and again.
    pub(crate) fn post(&self, body: &[u8], compressed: &mut Vec<u8>) -> Reply {
        let mut request = self
            .agent
            .post(&self.url)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(authorization) = &self.proxy_authorization {
            request = request.header(header::PROXY_AUTHORIZATION, authorization);
        }
        let mut body = body;
        if self.gzip {
            compressed.clear();
            let mut encoder = flate2::write::GzEncoder::new(&mut *compressed, flate2::Compression::fast());
            // Writing into memory cannot fail; if ever, the plain body is as good.
            if encoder.write_all(body).and_then(|()| encoder.finish().map(|_| ())).is_ok() {
                request = request.header(header::CONTENT_ENCODING, "gzip");
                body = compressed;
            }
        }
        let mut response = match request.send(body) {
            Ok(response) => response,
            Err(error) => {
                self.resolver.forget();
                return Answer::Failed { reason: explain(&error) }.into();
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
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        Answer::read(status, retry_after(response.headers(), SystemTime::now()), location, &answer)
    }
}

/// Whether it is an address of a proxy.
pub(crate) fn is_proxy(address: &str) -> bool {
    Proxy::new(address).is_ok()
}

fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(which) => format!("timed out ({which})"),
        other => other.to_string(),
    }
}

/// Reads `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let moment = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(SystemTime::from(moment).duration_since(now).unwrap_or_default())
}

/// The system's certificate authorities and those of `ca_file`; a built-in list where the system has none.
fn trusted(config: &Config) -> RootCerts {
    let system = rustls_native_certs::load_native_certs().certs;
    let mut certificates: Vec<Certificate<'static>> =
        system.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    certificates.extend(read_ca_file(config).unwrap_or_default());
    if certificates.is_empty() { RootCerts::WebPki } else { RootCerts::Specific(Arc::new(certificates)) }
}

/// Tells at the making of a client whether its `ca_file` can be used.
pub(crate) fn check_ca_file(config: &Config) -> Result<(), ConfigError> {
    read_ca_file(config).map(|_| ())
}

fn read_ca_file(config: &Config) -> Result<Vec<Certificate<'static>>, ConfigError> {
    let Some(path) = &config.ca_file else { return Ok(Vec::new()) };
    let fail = |reason: String| ConfigError::CaFile { path: path.clone(), reason };
    let pem = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| fail(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() { Err(fail("it holds no certificate in PEM form".into())) } else { Ok(certificates) }
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
}
