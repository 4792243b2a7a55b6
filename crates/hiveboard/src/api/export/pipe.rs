//! From a thread that writes to an answer that is read, with little between them.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

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
