//! Between the store and ClickHouse: loses answers, or everything.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

/// Everything passes.
pub(crate) const OPEN: u8 = 0;
/// What is asked arrives, and no answer comes back.
pub(crate) const LOSES_ANSWERS: u8 = 1;
/// Connections break at once.
pub(crate) const CLOSED: u8 = 2;

/// A proxy for as long as the test runs.
pub(crate) struct Proxy {
    pub(crate) url: String,
    pub(crate) state: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) fn to(url: &str) -> Self {
        let target = url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(AtomicU8::new(OPEN));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                if shared.load(Ordering::SeqCst) == CLOSED {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { continue };
                let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (state, other) = (Arc::clone(&shared), Arc::clone(&shared));
                std::thread::spawn(move || pump(from_client, to_server, &state, false));
                std::thread::spawn(move || pump(server, client, &other, true));
            }
        });
        Self { url, state }
    }

    pub(crate) fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, state: &AtomicU8, is_answer: bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut buffer) {
        let now = state.load(Ordering::SeqCst);
        if read == 0 || now == CLOSED || (is_answer && now == LOSES_ANSWERS) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _closed = from.shutdown(Shutdown::Both);
    let _closed = to.shutdown(Shutdown::Both);
}
