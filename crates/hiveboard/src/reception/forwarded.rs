//! What proxies tell of whom they pass on: `Forwarded` (RFC 7239), else `X-Forwarded-For`, `-Proto` and `-Host`. Each hop is believed only
//! when the one that tells it is trusted; the first that is not is the visitor.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header, uri::Authority};
use ipnet::IpNet;

use super::is_among;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The visitor, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) address: IpAddr,
    pub(super) is_encrypted: bool,
    /// What the visitor asked for, where a trusted proxy says so.
    pub(super) host: Option<HeaderValue>,
    /// A trusted proxy passed it on.
    pub(super) by_trusted: bool,
}

/// What one proxy says about who came to it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Hop {
    address: Option<IpAddr>,
    proto: Option<String>,
    host: Option<String>,
}

pub(super) fn resolve(trusted: &[IpNet], peer: IpAddr, is_encrypted: bool, headers: &HeaderMap) -> Told {
    let mut told = Told { address: peer.to_canonical(), is_encrypted, host: None, by_trusted: false };
    if !is_among(trusted, told.address) {
        return told;
    }
    for hop in hops(headers).into_iter().rev() {
        told.by_trusted = true;
        if let Some(proto) = hop.proto {
            told.is_encrypted = proto.eq_ignore_ascii_case("https");
        }
        if let Some(host) = hop.host.filter(|host| host.parse::<Authority>().is_ok()) {
            told.host = HeaderValue::from_str(&host).ok().or(told.host);
        }
        // One that hides its visitor stands for it.
        let Some(address) = hop.address else { break };
        told.address = address;
        if !is_among(trusted, address) {
            break;
        }
    }
    told
}

/// From the visitor to the nearest proxy.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    if headers.contains_key(header::FORWARDED) {
        return list(headers, &header::FORWARDED).iter().map(|element| element_of(element)).collect();
    }
    let (addresses, protos, hosts) = (list(headers, &FOR), list(headers, &PROTO), list(headers, &HOST));
    let count = addresses.len().max(usize::from(!(protos.is_empty() && hosts.is_empty())));
    // Lists that are shorter tell of the nearest hops; the first of them of all before as well.
    let from_end = |values: &[String], back: usize| {
        let place = values.len().saturating_sub(back + 1);
        values.get(place).filter(|value| !value.is_empty()).cloned()
    };
    (0..count)
        .rev()
        .map(|back| Hop {
            address: addresses.len().checked_sub(back + 1).and_then(|place| address_of(&addresses[place])),
            proto: from_end(&protos, back),
            host: from_end(&hosts, back),
        })
        .collect()
}

/// The elements of a header that may stand several times; commas in quotes are none.
fn list(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let mut elements = Vec::new();
    for value in headers.get_all(name).iter().filter_map(|value| value.to_str().ok()) {
        elements.extend(split(value, ','));
    }
    elements
}

fn split(text: &str, at: char) -> Vec<String> {
    let mut quoted = false;
    let is_end = |sign: char| {
        quoted ^= sign == '"';
        sign == at && !quoted
    };
    text.split(is_end).map(|part| part.trim().to_owned()).collect()
}

fn element_of(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address_of(value),
            "proto" => hop.proto = Some(value.to_owned()),
            "host" => hop.host = Some(value.to_owned()),
            _ => {}
        }
    }
    hop
}

/// An address with or without a port; `None` for `unknown` and made-up names.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(trusted: &str, peer: &str, headers: &[(&str, &str)]) -> (String, bool, Option<String>) {
        let trusted: Vec<IpNet> = trusted.split_whitespace().map(|net| net.parse().expect("a network")).collect();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().expect("a name"), value.parse().expect("a value"));
        }
        let told = resolve(&trusted, peer.parse().expect("an address"), false, &map);
        (told.address.to_string(), told.is_encrypted, told.host.map(|host| host.to_str().expect("text").to_owned()))
    }

    fn as_it_is(address: &str) -> (String, bool, Option<String>) {
        (address.to_owned(), false, None)
    }

    #[test]
    fn strangers_are_not_believed() {
        let lies: &[(&str, &str)] = &[
            ("forwarded", "for=127.0.0.1;proto=https;host=evil.test"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.test"),
        ];
        assert_eq!(told("", "198.51.100.7", lies), as_it_is("198.51.100.7"));
        assert_eq!(told("10.0.0.0/8", "198.51.100.7", lies), as_it_is("198.51.100.7"));
    }

    #[test]
    fn a_trusted_proxy_tells_who_came() {
        let headers: &[(&str, &str)] = &[
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "board.example.org"),
        ];
        let expected = ("203.0.113.9".to_owned(), true, Some("board.example.org".to_owned()));
        assert_eq!(told("127.0.0.1/32", "127.0.0.1", headers), expected);
        assert_eq!(told("127.0.0.1/32", "::ffff:127.0.0.1", headers), expected, "the same address");
        let standard = "for=203.0.113.9;proto=https;host=board.example.org";
        assert_eq!(told("127.0.0.1/32", "127.0.0.1", &[("forwarded", standard)]), expected);
    }

    #[test]
    fn what_a_visitor_says_of_itself_before_the_proxy_is_not_believed() {
        let headers: &[(&str, &str)] = &[("x-forwarded-for", "127.0.0.1, 203.0.113.9")];
        assert_eq!(told("127.0.0.1/32", "127.0.0.1", headers), as_it_is("203.0.113.9"));
        let twice: &[(&str, &str)] = &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9")];
        assert_eq!(told("127.0.0.1/32", "127.0.0.1", twice), as_it_is("203.0.113.9"));
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_beginning() {
        let headers: &[(&str, &str)] =
            &[("x-forwarded-for", "203.0.113.9, 10.0.0.2"), ("x-forwarded-proto", "https, http")];
        assert_eq!(told("10.0.0.0/8", "10.0.0.1", headers), ("203.0.113.9".to_owned(), true, None));
        let standard: &[(&str, &str)] = &[("forwarded", "for=203.0.113.9;proto=https, for=10.0.0.2;proto=http")];
        assert_eq!(told("10.0.0.0/8", "10.0.0.1", standard), ("203.0.113.9".to_owned(), true, None));
    }

    #[test]
    fn addresses_come_in_many_forms() {
        for (text, address) in [
            ("for=\"[2001:db8::9]:4711\"", "2001:db8::9"),
            ("For=\"[2001:db8::9]\"", "2001:db8::9"),
            ("for=203.0.113.9:80", "203.0.113.9"),
            ("for=\"::ffff:203.0.113.9\"", "203.0.113.9"),
            ("for=unknown", "127.0.0.1"),
            ("for=_hidden", "127.0.0.1"),
            ("for=\"a,b;c\";proto=http", "127.0.0.1"),
            ("", "127.0.0.1"),
        ] {
            assert_eq!(told("127.0.0.1/32", "127.0.0.1", &[("forwarded", text)]), as_it_is(address), "{text}");
        }
    }

    #[test]
    fn a_host_that_is_none_is_not_taken() {
        assert_eq!(told("127.0.0.1/32", "127.0.0.1", &[("x-forwarded-host", "a b/c")]), as_it_is("127.0.0.1"));
    }
}
