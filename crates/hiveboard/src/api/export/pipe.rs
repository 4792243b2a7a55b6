//! From a thread that writes to an answer that is read, with little between them.

use std::{io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hiveboard_store::StoreError;
use tokio::sync::mpsc;

use crate::error::{ApiError, ApiResult};

/// How long an answer waits for its first piece: what fails before it is said by the status.
const FIRST_PIECE: Duration = Duration::from_secs(5);

/// Bytes of a piece, and pieces that wait for the reader: a slow one makes the writer wait, and memory stays as it is.
const PIECE_BYTES: usize = 64 * 1024;
const PIECES: usize = 4;

pub(super) struct Pipe {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

/// Ends the answer by an error, so that it is not taken for whole.
pub(super) struct Breaker(mpsc::Sender<io::Result<Bytes>>);

impl Breaker {
    pub(super) fn break_off(self, error: io::Error) {
        let _gone = self.0.blocking_send(Err(error));
    }
}

pub(super) fn pipe() -> (Pipe, impl Stream<Item = io::Result<Bytes>>) {
    let (pieces, waiting) = mpsc::channel(PIECES);
    let stream = futures_util::stream::unfold(waiting, |mut waiting| async move {
        waiting.recv().await.map(|piece| (piece, waiting))
    });
    // Layers around an answer ask once more after its end.
    (Pipe { pieces, buffer: Vec::new() }, stream.fuse())
}

/// The body of an answer, once its first piece is there, or takes long.
///
/// # Errors
/// When the writer failed before it.
pub(super) async fn begin(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> ApiResult<Body> {
    let mut stream = Box::pin(stream.peekable());
    let first = tokio::time::timeout(FIRST_PIECE, stream.as_mut().peek()).await;
    if let Ok(Some(Err(_))) = first
        && let Some(Err(error)) = stream.next().await
    {
        return Err(error.downcast::<StoreError>().map_or_else(ApiError::internal, ApiError::from));
    }
    Ok(Body::from_stream(stream))
}

impl Pipe {
    pub(super) fn breaker(&self) -> Breaker {
        Breaker(self.pieces.clone())
    }
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = Bytes::from(std::mem::take(&mut self.buffer));
        // The reader hung up: nobody needs the rest.
        self.pieces.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use hiveboard_wire::ErrorCode;

    use super::*;

    /// The answer to a writer that writes so many bytes, and then fails or ends.
    async fn answer(bytes: usize, failure: Option<StoreError>) -> ApiResult<Result<usize, axum::Error>> {
        let (mut pipe, stream) = pipe();
        tokio::task::spawn_blocking(move || {
            let breaker = pipe.breaker();
            pipe.write_all(&vec![b'x'; bytes]).expect("somebody reads");
            match failure {
                Some(failure) => breaker.break_off(io::Error::other(failure)),
                None => pipe.flush().expect("somebody reads"),
            }
        });
        let body = begin(stream).await?;
        Ok(axum::body::to_bytes(body, usize::MAX).await.map(|all| all.len()))
    }

    #[tokio::test]
    async fn what_fails_before_the_first_piece_is_an_error_of_its_own() {
        let busy = answer(0, Some(StoreError::TimedOut)).await.expect_err("nothing was written");
        assert_eq!(busy.code(), ErrorCode::Overloaded);
        let broken = answer(10, Some(StoreError::Failed("gone".to_owned()))).await.expect_err("nothing was sent");
        assert_eq!(broken.code(), ErrorCode::InternalError);
        let cut = answer(PIECE_BYTES, Some(StoreError::TimedOut)).await.expect("it began");
        cut.expect_err("a part is not taken for the whole");
        assert_eq!(answer(0, None).await.expect("it began").expect("whole"), 0);
        assert_eq!(answer(10, None).await.expect("it began").expect("whole"), 10);
    }
}
