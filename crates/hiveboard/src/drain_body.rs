//! Bodies of refused requests are read to their end before the answer: a server that answers and hangs up in the middle of a body makes
//! clients miss the answer, or trip over the closed connection with their next request.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures_util::future::poll_fn;
use parking_lot::Mutex;

/// So much of a body is read at most; then the connection is closed, and says so.
const DRAINED_BYTES: usize = 8 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// A body that the handler and whoever drains it both hold.
#[derive(Clone)]
struct Shared(Arc<Mutex<Inner>>);

struct Inner {
    body: Body,
    read_bytes: usize,
    ended: bool,
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let mut inner = self.0.lock();
        let frame = ready!(Pin::new(&mut inner.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => inner.read_bytes += frame.data_ref().map_or(0, Bytes::len),
            Some(Err(_)) | None => inner.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        let inner = self.0.lock();
        inner.ended || inner.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0.lock().body.size_hint()
    }
}

impl Shared {
    /// Reads on until the end; false when there is too much of it or it takes too long.
    async fn drain(mut self) -> bool {
        let reading = async {
            while !self.is_end_stream() && self.0.lock().read_bytes <= DRAINED_BYTES {
                poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, reading).await.is_ok();
        in_time && self.is_end_stream()
    }
}

/// Reads what a refusal left unread.
pub(crate) async fn after<F: Future<Output = Response>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    if request.body().is_end_stream() {
        return answer(request).await;
    }
    let (parts, body) = request.into_parts();
    let shared = Shared(Arc::new(Mutex::new(Inner { body, read_bytes: 0, ended: false })));
    let mut response = answer(Request::from_parts(parts, Body::new(shared.clone()))).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    // One that has stalled already is not waited for once more.
    let stalled = response.status() == StatusCode::REQUEST_TIMEOUT;
    if refused && !shared.is_end_stream() && (stalled || !shared.drain().await) {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
