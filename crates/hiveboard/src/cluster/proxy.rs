//! Passing a request on to the node that owns its data, as it came, and the answer back: HTTP, and `WebSocket`s for as long as both ends stay.

use std::{
    net::SocketAddr,
    pin::Pin,
    task::{self, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use hiveboard_wire::ErrorCode;
use hmac::{Hmac, KeyInit, Mac};
use http_body::{Frame, SizeHint};
use hyper::{body::Incoming, upgrade::OnUpgrade};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use metrics::counter;
use rustls::ClientConfig;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::watch;

use crate::{
    error::{ApiError, ApiResult},
    reception::IsEncrypted,
};

/// Shows that a request comes from a node of the cluster.
const PASS: HeaderName = HeaderName::from_static("x-hiveboard-pass");
/// Whom it came from, and whether the way there was encrypted.
const PEER: HeaderName = HeaderName::from_static("x-hiveboard-peer");
const ENCRYPTED: HeaderName = HeaderName::from_static("x-hiveboard-encrypted");

/// To reach another node.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// Until it begins to answer, for as long as it lives.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);
/// Connections to a node that wait for the next request.
const IDLE_CONNECTIONS: usize = 64;

/// What belongs to one connection, and to neither request nor answer.
const OF_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
];

/// Comes when the node that was asked can no longer be counted on: a machine that is gone or stands still closes no connection.
pub(super) type Gone = BoxFuture<'static, ()>;

pub(super) struct Proxy {
    client: Client<HttpsConnector<HttpConnector>, Body>,
    scheme: &'static str,
    pass: HeaderValue,
    stopping: watch::Sender<bool>,
}

impl Proxy {
    /// `cluster` is known to those alone who can read the cluster's log. With `tls`, all nodes speak it to each other.
    pub(super) fn new(cluster: &str, tls: Option<ClientConfig>, stopping: watch::Sender<bool>) -> Self {
        let mut plain = HttpConnector::new();
        plain.set_connect_timeout(Some(CONNECT_PATIENCE));
        plain.set_nodelay(true);
        // The scheme is the encrypting connector's affair.
        plain.enforce_http(false);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls.unwrap_or_else(crate::tls::trusting_nobody))
            .https_or_http()
            .enable_http1()
            .wrap_connector(plain);
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(IDLE_CONNECTIONS).build::<_, Body>(connector);
        Self { client, scheme, pass: pass_of(cluster), stopping }
    }

    /// Passes a request on to `host:port`. What is still to come of the answer ends with the node.
    ///
    /// # Errors
    /// When the node does not answer, or is gone before it did.
    pub(super) async fn pass_on(&self, address: &str, gone: Gone, mut request: Request) -> ApiResult<Response> {
        counter!("hiveboard_requests_passed_on_total").increment(1);
        let place = request.uri().path_and_query().map_or("/", |place| place.as_str());
        let uri = format!("{}://{address}{place}", self.scheme);
        let ours = request.extensions_mut().remove::<OnUpgrade>();
        let upgrade = request.headers().get(header::UPGRADE).cloned().filter(|_| ours.is_some());
        let (mut parts, body) = request.into_parts();
        parts.uri = uri.parse::<Uri>().map_err(ApiError::internal)?;
        strip(&mut parts.headers);
        if let Some(upgrade) = &upgrade {
            parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
            parts.headers.insert(header::UPGRADE, upgrade.clone());
        }
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.to_string());
        parts.headers.insert(PEER, text(&peer.unwrap_or_default()));
        let encrypted = parts.extensions.get::<IsEncrypted>().is_some_and(|IsEncrypted(encrypted)| *encrypted);
        parts.headers.insert(ENCRYPTED, HeaderValue::from_static(if encrypted { "1" } else { "0" }));
        parts.headers.insert(PASS, self.pass.clone());
        // What this node knows of it stays here.
        parts.extensions = axum::http::Extensions::new();
        let gone = gone.shared();
        let asked = self.client.request(Request::from_parts(parts, body));
        let answer = tokio::select! {
            answer = tokio::time::timeout(ANSWER_PATIENCE, asked) => answer,
            () = gone.clone() => {
                tracing::warn!(address, "a node is gone before it answered");
                return Err(away());
            }
        };
        let mut answer = match answer {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::warn!(address, %error, "a node does not answer");
                return Err(away());
            }
            Err(_) => {
                tracing::warn!(address, "a node does not answer in time");
                return Err(away());
            }
        };
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS
            && let Some(ours) = ours
        {
            let theirs = hyper::upgrade::on(&mut answer);
            tokio::spawn(join(ours, theirs, gone, self.stopping.subscribe()));
            return Ok(answer.map(|_| Body::empty()));
        }
        strip(answer.headers_mut());
        Ok(answer.map(|body| Body::new(WhileThere { body, gone })))
    }

    /// Takes a request in that another node passed on: as it came there.
    ///
    /// # Errors
    /// When no node of the cluster sent it.
    pub(super) fn take_in(&self, request: &mut Request) -> ApiResult<()> {
        let headers = request.headers_mut();
        let (pass, peer, encrypted) = (headers.remove(PASS), headers.remove(PEER), headers.remove(ENCRYPTED));
        if !pass.is_some_and(|pass| bool::from(pass.as_bytes().ct_eq(self.pass.as_bytes()))) {
            return Err(ApiError::new(
                ErrorCode::Forbidden,
                "This port is for the nodes of the cluster alone; people and programs use the node's `addr`.",
            ));
        }
        if let Some(peer) = peer.and_then(|peer| peer.to_str().ok()?.parse::<SocketAddr>().ok()) {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        request.extensions_mut().insert(IsEncrypted(encrypted.is_some_and(|text| text == "1")));
        Ok(())
    }
}

fn pass_of(cluster: &str) -> HeaderValue {
    let mut mac = Hmac::<Sha256>::new_from_slice(cluster.as_bytes()).expect("any length will do");
    mac.update(b"passed on by a node");
    let mut pass = text(&URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    pass.set_sensitive(true);
    pass
}

fn text(plain: &str) -> HeaderValue {
    HeaderValue::from_str(plain).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn strip(headers: &mut HeaderMap) {
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    headers.remove(header::UPGRADE);
    headers.remove("keep-alive");
}

fn away() -> ApiError {
    ApiError::new(
        ErrorCode::NotReady,
        "The node that serves these data does not answer; another takes over within some seconds. Try again in a moment.",
    )
    .retry_after(1)
}

/// An answer that breaks off, rather than never ending, when the node is gone.
struct WhileThere {
    body: Incoming,
    gone: Shared<Gone>,
}

impl http_body::Body for WhileThere {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(axum::Error::new)));
        }
        self.gone.poll_unpin(context).map(|()| Some(Err(axum::Error::new("the node that answered is gone"))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Carries what either side says to the other, until one hangs up, the other node is gone or this one stops.
async fn join(ours: OnUpgrade, theirs: OnUpgrade, gone: Shared<Gone>, mut stopping: watch::Receiver<bool>) {
    let (Ok(ours), Ok(theirs)) = tokio::join!(ours, theirs) else { return };
    let (mut ours, mut theirs) = (TokioIo::new(ours), TokioIo::new(theirs));
    tokio::select! {
        _ended = tokio::io::copy_bidirectional(&mut ours, &mut theirs) => {}
        () = gone => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_know_the_cluster_is_refused_and_what_it_says_of_itself_is_not_believed() {
        let proxy = Proxy::new("one", None, watch::Sender::new(false));
        let request = |pass: HeaderValue| {
            let mut request = Request::get("/v1/agents").body(Body::empty()).unwrap();
            request.headers_mut().insert(PASS, pass);
            request.headers_mut().insert(PEER, HeaderValue::from_static("192.0.2.7:1234"));
            request
        };
        let mut stranger = request(pass_of("another"));
        assert!(proxy.take_in(&mut stranger).is_err());
        assert!(stranger.extensions().get::<ConnectInfo<SocketAddr>>().is_none());
        let mut node = request(pass_of("one"));
        proxy.take_in(&mut node).expect("a node of the cluster");
        let peer = node.extensions().get::<ConnectInfo<SocketAddr>>().expect("a peer").0;
        assert_eq!(peer.to_string(), "192.0.2.7:1234");
        assert!(node.headers().is_empty(), "nothing of it reaches the routes");
    }
}
