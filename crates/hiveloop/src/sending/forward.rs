//! Plain HTTP by a proxy: the proxy is asked for the whole address, as curl does it.
//!
//! The HTTP library asks every proxy for a tunnel. Most proxies allow tunnels to TLS's port alone, so that an endpoint
//! without TLS would never be reached.

use ureq::http::Uri;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};
use ureq::{Error, Proxy, ProxyProtocol};

/// A proxy that is asked for whole addresses.
#[derive(Debug, Clone)]
pub(crate) struct Forwarding {
    /// Where the proxy is.
    pub(crate) proxy: Uri,
    /// What lets in at the proxy, as its header carries it.
    pub(crate) authorization: Option<String>,
    line: String,
    whole_line: String,
}

impl Forwarding {
    /// How an address is reached by a proxy, if not through a tunnel.
    pub(crate) fn to(url: &str, proxy: &Proxy) -> Option<Self> {
        let (uri, path) = (url.parse::<Uri>().ok()?, url.strip_prefix("http://")?);
        if proxy.protocol() != ProxyProtocol::Http {
            return None;
        }
        let path = path.find('/').map_or("/", |start| &path[start..]);
        let authority = uri.authority()?.as_str();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let authorization = proxy.username().map(|user| {
            let password = proxy.password().unwrap_or_default();
            format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
        });
        Some(Self {
            proxy: format!("http://{}:{}", proxy.host(), proxy.port()).parse().ok()?,
            authorization,
            line: format!("POST {path} HTTP/1.1\r\n"),
            whole_line: format!("POST http://{host}{path} HTTP/1.1\r\n"),
        })
    }
}

/// Writes the first line of each request anew, where requests are forwarded.
#[derive(Debug)]
pub(crate) struct ForwardingConnector(pub(crate) Option<Forwarding>);

impl<In: Transport> Connector<In> for ForwardingConnector {
    type Out = ForwardedTransport<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| ForwardedTransport { inner, forwarding: self.0.clone() }))
    }
}

#[derive(Debug)]
pub(crate) struct ForwardedTransport<In> {
    inner: In,
    forwarding: Option<Forwarding>,
}

impl<In: Transport> Transport for ForwardedTransport<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, mut amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(forwarding) = &self.forwarding {
            let output = self.inner.buffers().output();
            let (line, whole) = (forwarding.line.as_bytes(), forwarding.whole_line.as_bytes());
            let more = whole.len() - line.len();
            if output.starts_with(line) && line.len() <= amount && amount + more <= output.len() {
                output.copy_within(line.len()..amount, whole.len());
                output[..whole.len()].copy_from_slice(whole);
                amount += more;
            }
        }
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_asked_for_whole_and_others_through_a_tunnel() {
        let to = |url: &str, proxy: &str| Forwarding::to(url, &Proxy::new(proxy).expect("a proxy"));
        let found = to("http://h:8000/x/v1/ingest", "http://us%40er:p%3Aw@p:3128").expect("it is forwarded");
        assert_eq!(found.whole_line, "POST http://h:8000/x/v1/ingest HTTP/1.1\r\n");
        assert_eq!(found.authorization.as_deref(), Some("Basic dXNAZXI6cDp3"));
        assert_eq!(found.proxy, "http://p:3128");
        assert_eq!(to("http://[::1]:8/v1/ingest", "http://p").expect("it is").line, "POST /v1/ingest HTTP/1.1\r\n");
        assert!(to("https://h/v1/ingest", "http://p:3128").is_none());
        assert!(to("http://h/v1/ingest", "socks5://p:1080").is_none());
    }

    #[test]
    fn base64_ends_as_it_should() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
