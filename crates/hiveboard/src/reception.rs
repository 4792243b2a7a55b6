//! Where a request comes from and where its answer goes: proxies that are trusted, and the path that the server is reached under.
//!
//! Everything behind this place sees a request as if it came straight from whoever sent it, at the root; everything it answers is led back
//! below the path.

mod forwarded;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use ipnet::IpNet;
use tower::ServiceExt;

use crate::config::Config;

/// The way from a page to the board's root, as a relative address: whatever path a proxy puts before it, it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BoardRoot(pub(crate) String);

/// Whether the way here is encrypted, as far as it is known: TLS of our own, or a trusted proxy's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsEncrypted(pub(crate) bool);

#[derive(Debug, Default)]
pub(crate) struct Reception {
    trusted: Vec<IpNet>,
    /// Without a slash at the end; empty at the root.
    prefix: String,
    /// Host and port of `public_url`.
    public_host: Option<String>,
}

impl Reception {
    pub(crate) fn new(config: &Config) -> Self {
        let public: Option<Uri> = config.public_url.as_deref().and_then(|url| url.parse().ok());
        Self {
            trusted: config.trusted_proxies.clone(),
            prefix: public.as_ref().map_or_else(String::new, |url| url.path().trim_end_matches('/').to_owned()),
            public_host: public.and_then(|url| Some(url.authority()?.as_str().to_ascii_lowercase())),
        }
    }

    /// Answers a request that came over a connection from `peer`.
    pub(crate) async fn answer(
        self: Arc<Self>,
        mut request: Request,
        peer: SocketAddr,
        is_encrypted: bool,
        routes: Router,
    ) -> Response {
        let told = forwarded::resolve(&self.trusted, peer.ip(), is_encrypted, request.headers());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(told.address, peer.port())));
        request.extensions_mut().insert(IsEncrypted(told.is_encrypted));
        if let Some(host) = &told.host {
            request.headers_mut().insert(header::HOST, host.clone());
        }
        let path = request.uri().path();
        if !self.prefix.is_empty() && path == self.prefix {
            return self.to_the_slash(request.uri());
        }
        let below = path.strip_prefix(self.prefix.as_str()).filter(|rest| rest.starts_with('/'));
        let is_below = !self.prefix.is_empty() && below.is_some();
        let root = root_from(below.unwrap_or(path));
        if is_below && let Some(stripped) = below.and_then(|below| with_path(request.uri(), below)) {
            *request.uri_mut() = stripped;
        }
        let is_public = is_below || told.by_trusted || self.is_public_host(request.headers());
        request.extensions_mut().insert(BoardRoot(root.clone()));
        let Ok(mut response) = routes.oneshot(request).await;
        if is_public && !self.prefix.is_empty() {
            lead_below(response.headers_mut(), &root, &self.prefix);
        }
        if told.is_encrypted {
            mark_cookies_secure(response.headers_mut());
        }
        response
    }

    fn is_public_host(&self, headers: &HeaderMap) -> bool {
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        asked.is_some_and(|host| Some(host.to_ascii_lowercase()) == self.public_host)
    }

    /// `/hive` is a page whose relative links lead beside it, so it goes on to `/hive/`.
    fn to_the_slash(&self, uri: &Uri) -> Response {
        let last = self.prefix.rsplit('/').next().unwrap_or_default();
        let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
        (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("{last}/{query}"))], Body::empty()).into_response()
    }
}

/// `./` on the first level, `../` below it.
fn root_from(path: &str) -> String {
    let depth = path.matches('/').count().saturating_sub(1);
    if depth == 0 { "./".to_owned() } else { "../".repeat(depth) }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{path}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

/// Redirects become relative, and cookies belong to the path alone.
fn lead_below(headers: &mut HeaderMap, root: &str, prefix: &str) {
    let at_root = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).and_then(|to| to.strip_prefix('/'));
    if let Some(to) = at_root.filter(|to| !to.starts_with('/'))
        && let Ok(to) = HeaderValue::from_str(&format!("{root}{to}"))
    {
        headers.insert(header::LOCATION, to);
    }
    each_cookie(headers, |cookie| {
        cookie.split("; ").any(|part| part == "Path=/").then(|| cookie.replace("Path=/", &format!("Path={prefix}/")))
    });
}

fn mark_cookies_secure(headers: &mut HeaderMap) {
    each_cookie(headers, |cookie| {
        (!cookie.split("; ").any(|part| part == "Secure")).then(|| format!("{cookie}; Secure"))
    });
}

fn each_cookie(headers: &mut HeaderMap, change: impl Fn(&str) -> Option<String>) {
    if let header::Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            let changed = cookie.to_str().ok().and_then(&change).and_then(|text| HeaderValue::from_str(&text).ok());
            if let Some(changed) = changed {
                *cookie = changed;
            }
        }
    }
}

/// Whose word about an address counts: nobody's for one that is not theirs.
fn is_among(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_knows_its_way_to_the_root() {
        for (path, root) in
            [("/", "./"), ("/agent", "./"), ("/agent/", "../"), ("/alerts/rules", "../"), ("/a/b/c", "../../")]
        {
            assert_eq!(root_from(path), root, "{path}");
        }
    }

    #[test]
    fn redirects_and_cookies_stay_below_the_path() {
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, HeaderValue::from_static("/sign-in?link=used"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("s=1; HttpOnly; Path=/; Max-Age=0"));
        lead_below(&mut headers, "./", "/hive");
        mark_cookies_secure(&mut headers);
        assert_eq!(headers[header::LOCATION], "./sign-in?link=used");
        assert_eq!(headers[header::SET_COOKIE], "s=1; HttpOnly; Path=/hive/; Max-Age=0; Secure");
    }

    #[test]
    fn a_redirect_to_elsewhere_is_left_alone() {
        for to in ["https://example.org/", "//example.org/", "./"] {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, HeaderValue::from_static(to));
            lead_below(&mut headers, "./", "/hive");
            assert_eq!(headers[header::LOCATION], to);
        }
    }
}
