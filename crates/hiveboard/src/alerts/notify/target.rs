//! Where the server may send to: not into its own network, unless the operator says so.

use std::net::{IpAddr, Ipv6Addr};

/// Whether an address is one that only this machine or its network knows.
pub fn is_private(addr: IpAddr) -> bool {
    match addr {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || v4.is_documentation()
                || a == 0
                // Shared by a carrier's customers, for benchmarks, for protocols, reserved.
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (b == 18 || b == 19))
                || (a == 192 && b == 0 && c == 0)
                || a >= 240
        }
        IpAddr::V6(v6) => match embedded_v4(v6) {
            Some(v4) => is_private(IpAddr::V4(v4)),
            None => {
                v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local()
                    || (v6.segments()[0] == 0x2001 && v6.segments()[1] == 0x0db8)
            }
        },
    }
}

/// Mapped, NAT64 and 6to4 addresses lead to a v4 one.
fn embedded_v4(v6: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    if let Some(v4) = v6.to_ipv4_mapped() {
        return Some(v4);
    }
    let segments = v6.segments();
    let of = |high: u16, low: u16| std::net::Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

/// What of a URL makes no sense as a target; the addresses behind its name are looked at when it is sent to.
pub fn problem(url: &str, allow_private: bool) -> Option<&'static str> {
    const FORBIDDEN: &str =
        "leads into the server's own network, which the setting `alerts_allow_private_targets` forbids";
    let Ok(url) = reqwest::Url::parse(url) else { return Some("is not a URL like https://example.org/hook") };
    if !matches!(url.scheme(), "http" | "https") {
        return Some("must begin with https:// or http://");
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else { return Some("names no host") };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if !allow_private {
        let is_local = bare.eq_ignore_ascii_case("localhost") || bare.to_ascii_lowercase().ends_with(".localhost");
        if is_local || bare.parse::<IpAddr>().is_ok_and(is_private) {
            return Some(FORBIDDEN);
        }
    }
    None
}

/// Scheme and host, which tell channels apart and give nothing away.
pub fn host(url: &str) -> Option<String> {
    let url = reqwest::Url::parse(url).ok()?;
    Some(format!("{}://{}", url.scheme(), url.host_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_own_network_are_known_in_every_writing() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(is_private(text.parse().unwrap()), "{text}");
        }
        for text in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(!is_private(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn urls_into_the_own_network_are_refused_unless_allowed() {
        for url in [
            "http://127.0.0.1/x",
            "http://localhost:9/x",
            "http://a.localhost/",
            "http://[::1]/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(problem(url, false).is_some_and(|what| what.contains("own network")), "{url}");
            assert_eq!(problem(url, true), None, "{url}");
        }
        assert_eq!(problem("https://example.org/hook", false), None);
        assert!(problem("ftp://example.org", true).is_some() && problem("example", true).is_some());
        assert_eq!(host("https://user:secret@example.org/T0/secret?x=1").unwrap(), "https://example.org");
    }
}
