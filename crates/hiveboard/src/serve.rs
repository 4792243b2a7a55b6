//! Connections: taking them, answering on them, ending them.

mod per_address;

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
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
/// Agreeing on keys takes no longer.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait when the system gives no more connections, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// What browsers and `curl` show where TLS is spoken and they do not.
const PLAIN_TEXT_ANSWER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 46\r\n\r\n\
This server speaks TLS: use https:// or wss://";

/// What every connection is served with.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) routes: Router,
    pub(crate) reception: Arc<Reception>,
    pub(crate) per_address: PerAddress,
    /// `None`: connections are not encrypted.
    pub(crate) tls: Option<TlsAcceptor>,
}

/// Answers on all connections until told to stop; then what is in flight is finished.
pub(crate) async fn serve(listener: TcpListener, service: Service, mut stopping: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    let http = Arc::new(http);
    let told = stopping.clone();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    // One that is over its share is hung up on.
                    if let Some(slot) = service.per_address.take(peer.ip()) {
                        let (http, service, told) = (Arc::clone(&http), service.clone(), told.clone());
                        connections.spawn(async move {
                            let _slot = slot;
                            take(http, stream, peer, service, told).await;
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

async fn take(
    http: Arc<http1::Builder>,
    stream: TcpStream,
    peer: SocketAddr,
    service: Service,
    stopping: watch::Receiver<bool>,
) {
    // Small answers should not wait for more to say.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays with delayed sends");
    }
    let Some(tls) = service.tls.clone() else { return converse(http, stream, peer, false, service, stopping).await };
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
        Ok(Ok(stream)) => converse(http, stream, peer, true, service, stopping).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS came about"),
        Err(_) => tracing::debug!("no TLS came about in time"),
    }
}

async fn converse(
    http: Arc<http1::Builder>,
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    is_encrypted: bool,
    Service { routes, reception, .. }: Service,
    mut stopping: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = Arc::clone(&reception).answer(request.map(Body::new), peer, is_encrypted, routes.clone());
        async { Ok::<_, Infallible>(answer.await) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _told = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended by a fault");
    }
}
