//! Which proxy leads to the server, as curl reads it from the environment.
//!
//! `http_proxy` or `https_proxy` by the endpoint's scheme, in small or capital letters; then `all_proxy`; and `no_proxy` names
//! what is reached directly. Under CGI, `HTTP_PROXY` is whatever the visitor sends as the header `Proxy`, so it is left alone.

use std::net::IpAddr;

use ureq::http::Uri;

/// The proxy for an address, given a way to read variables of the environment.
pub(crate) fn proxy_for(url: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let is_https = uri.scheme_str() == Some("https");
    // One that is set but empty counts as not set.
    let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let either = |small: &str, capital: &str| variable(small).or_else(|| variable(capital));
    let named = if is_https {
        either("https_proxy", "HTTPS_PROXY")
    } else {
        variable("http_proxy")
            .or_else(|| if variable("REQUEST_METHOD").is_some() { None } else { variable("HTTP_PROXY") })
    };
    let proxy = named.or_else(|| either("all_proxy", "ALL_PROXY"))?.trim().to_owned();
    let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
    let direct = either("no_proxy", "NO_PROXY").is_some_and(|list| is_listed(&list, uri.host().unwrap_or(""), port));
    let with_scheme = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
    (!direct).then_some(with_scheme)
}

/// Whether a list such as `example.test, 10.0.0.0/8 [::1] .corp:8000` names a host and its port.
fn is_listed(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    list.split(|letter: char| letter == ',' || letter.is_whitespace()).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        let (name, entry_port) = split_port(entry);
        if entry_port.is_some_and(|entry_port| entry_port != port) {
            return false;
        }
        match address {
            Some(address) => names_address(name, address),
            None => names_domain(name, &host),
        }
    })
}

/// An entry without its port: `host:8000`, `[::1]:8000`, `[::1]`, `::1`, `10.0.0.0/8`.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[')
        && let Some((name, after)) = rest.split_once(']')
    {
        return (name, after.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, Some(port.parse().unwrap_or(0))),
        _ => (entry, None),
    }
}

fn names_domain(name: &str, host: &str) -> bool {
    let name = name.strip_prefix('*').unwrap_or(name).trim_matches('.').to_ascii_lowercase();
    !name.is_empty() && host.strip_suffix(&name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn names_address(name: &str, address: IpAddr) -> bool {
    let (network, bits) = match name.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (name, Some(u32::MAX)),
    };
    let (Ok(network), Some(bits)) = (network.parse::<IpAddr>(), bits) else { return false };
    let (one, other, width) = match (network, address) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u128::from(u32::from(one)), u128::from(u32::from(other)), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (u128::from(one), u128::from(other), 128),
        _ => return false,
    };
    if bits != u32::MAX && bits > width {
        return false;
    }
    let free = width - bits.min(width);
    free >= 128 || one >> free == other >> free
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "http://p:3128";

    type Variables = &'static [(&'static str, &'static str)];

    /// What curl does: variables, address, whether the proxy is used.
    const TABLE: &[(Variables, &str, bool)] = &[
        (&[("HTTPS_PROXY", PROXY)], "http://h:8000", false),
        (&[("HTTPS_PROXY", PROXY)], "https://h", true),
        (&[("https_proxy", PROXY)], "https://h", true),
        (&[("http_proxy", PROXY)], "https://h", false),
        (&[("http_proxy", PROXY)], "http://h", true),
        (&[("HTTP_PROXY", PROXY)], "http://h", true),
        (&[("HTTP_PROXY", PROXY), ("REQUEST_METHOD", "GET")], "http://h", false),
        (&[("http_proxy", PROXY), ("REQUEST_METHOD", "GET")], "http://h", true),
        (&[("HTTPS_PROXY", PROXY), ("REQUEST_METHOD", "GET")], "https://h", true),
        (&[("ALL_PROXY", PROXY)], "http://h", true),
        (&[("all_proxy", PROXY)], "https://h", true),
        (&[("all_proxy", PROXY), ("http_proxy", "")], "http://h", true),
        (&[("http_proxy", PROXY), ("no_proxy", ""), ("NO_PROXY", "h")], "http://h", false),
        (&[("http_proxy", PROXY), ("no_proxy", "x"), ("NO_PROXY", "h")], "http://h", true),
        (&[("http_proxy", "p:3128")], "http://h", true),
        (&[("http_proxy", "  ")], "http://h", false),
        (&[], "http://h", false),
    ];

    /// Entries of `no_proxy`, a host with its port, whether it is reached directly.
    const DIRECT: &[(&str, &str, bool)] = &[
        ("example.test", "example.test", true),
        ("example.test", "api.example.test", true),
        ("example.test", "badexample.test", false),
        (".example.test", "api.example.test", true),
        (".example.test", "example.test", true),
        ("*.example.test", "api.example.test", true),
        ("EXAMPLE.test", "Example.TEST", true),
        ("example.test.", "example.test", true),
        ("*", "anything", true),
        ("a, b c", "b", true),
        (" a ,\tb ", "a", true),
        ("a b", "c", false),
        ("", "a", false),
        (",,", "a", false),
        ("10.0.0.0/8", "10.1.2.3", true),
        ("10.0.0.0/8", "11.1.2.3", false),
        ("10.0.0.0/33", "10.0.0.0", false),
        ("0.0.0.0/0", "11.1.2.3", true),
        ("192.168.1.7", "192.168.1.7", true),
        ("168.1.7", "192.168.1.7", false),
        ("10.0.0.0/8", "10.example.test", false),
        ("::1", "[::1]", true),
        ("[::1]", "[::1]", true),
        ("[::1]:8000", "[::1]:8000", true),
        ("[::1]:8001", "[::1]:8000", false),
        ("fe80::/10", "[fe80::12]", true),
        ("fe80::/10", "[fd00::1]", false),
        ("0:0:0:0:0:0:0:1", "[::1]", true),
        ("127.0.0.1", "[::1]", false),
        ("h:8000", "h:8000", true),
        ("h:8000", "h:9000", false),
        (".corp:8000", "h.corp:8000", true),
        (".corp:8000", "h.corp", false),
        ("h:80", "h", true),
        ("h:port", "h", false),
    ];

    #[test]
    fn proxies_are_found_as_curl_finds_them() {
        for (variables, url, used) in TABLE {
            let read =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(proxy_for(url, read), used.then(|| PROXY.to_owned()), "{variables:?} {url}");
        }
    }

    #[test]
    fn hosts_of_no_proxy_are_reached_directly() {
        for (list, host, direct) in DIRECT {
            for name in ["no_proxy", "NO_PROXY"] {
                let read = |asked: &str| match asked {
                    "http_proxy" => Some(PROXY.to_owned()),
                    _ => (asked == name).then(|| (*list).to_owned()),
                };
                let proxy = proxy_for(&format!("http://{host}/v1/ingest"), read);
                assert_eq!(proxy.is_none(), *direct, "{name}={list} {host}");
            }
        }
    }
}
