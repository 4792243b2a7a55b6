//! Connections: taking them, answering on them, ending them.

mod per_address;

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

pub(crate) use self::per_address::PerAddress;
use crate::reception::Reception;

/// The head of a request takes no longer than this to arrive; a connection on which nothing comes is closed after it as well.
const HEAD_PATIENCE: Duration = Duration::from_secs(60);
/// How often the other side of an HTTP/2 connection is asked whether it is there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_PATIENCE: Duration = Duration::from_secs(20);
/// Agreeing on keys takes no longer.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait when the system gives no more connections, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// What browsers and `curl` show where TLS is spoken and they do not.
const PLAIN_TEXT_ANSWER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 46\r\n\r\n\
This server speaks TLS: use https:// or wss://";

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 and `WebSocket`s.
    Http1,
    /// HTTP/2 alone, which gRPC stands on.
    Http2,
}

impl Protocol {
    /// Its name where keys are agreed on.
    pub(crate) const fn name(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}

/// What every connection is served with.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) protocol: Protocol,
    pub(crate) routes: Router,
    pub(crate) reception: Arc<Reception>,
    pub(crate) per_address: PerAddress,
    /// `None`: connections are not encrypted.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Answers on all connections until told to stop; then what is in flight is finished.
pub(crate) async fn serve(listener: TcpListener, service: Service, mut stopping: watch::Receiver<bool>) {
    let told = stopping.clone();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // One that is over its share is hung up on.
                    if let Some(slot) = service.per_address.take(peer.ip()) {
                        let (service, told) = (service.clone(), told.clone());
                        connections.spawn(async move {
                            let _slot = slot;
                            take(stream, peer, service, told).await;
                        });
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_ended) = connections.join_next() => {}
            // Told, or nobody is left to tell: either way it is time to stop.
            _told = stopping.changed() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn take(stream: TcpStream, peer: SocketAddr, service: Service, stopping: watch::Receiver<bool>) {
    // Small answers should not wait for more to say.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays with delayed sends");
    }
    let Some(tls) = service.tls.clone() else { return converse(stream, peer, false, service, stopping).await };
    let handshake = async {
        let mut first = [0];
        // A record of TLS begins with its kind, which is no letter.
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            let _gone = stream.try_write(PLAIN_TEXT_ANSWER);
            return Err(std::io::Error::other("it speaks no TLS"));
        }
        tls.accept(stream).await
    };
    match timeout(HANDSHAKE_PATIENCE, handshake).await {
        Ok(Ok(stream)) => converse(stream, peer, true, service, stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS came about"),
        Err(_) => tracing::debug!("no TLS came about in time"),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    is_encrypted: bool,
    Service { protocol, routes, reception, .. }: Service,
    stopping: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = Arc::clone(&reception).answer(request.map(Body::new), peer, is_encrypted, routes.clone());
        async { Ok::<_, Infallible>(answer.await) }
    });
    let stream = TokioIo::new(stream);
    // Two types of connection that are told to end alike.
    macro_rules! until_told {
        ($connection:expr) => {{
            let mut stopping = stopping;
            let mut connection = pin!($connection);
            tokio::select! {
                ended = connection.as_mut() => ended,
                _told = stopping.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            }
        }};
    }
    let ended = match protocol {
        Protocol::Http1 => {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
            until_told!(http.serve_connection(stream, service).with_upgrades())
        }
        Protocol::Http2 => {
            let mut http = http2::Builder::new(TokioExecutor::new());
            http.timer(TokioTimer::new()).keep_alive_interval(PING_EVERY).keep_alive_timeout(PING_PATIENCE);
            until_told!(http.serve_connection(stream, service))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended by a fault");
    }
}
