//! A nats-server of a test's own.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use hiveboard_log_nats::{Log, LogError, NatsOptions};
use tempfile::TempDir;

pub(crate) struct Server {
    dir: TempDir,
    pub(crate) port: u16,
    more: String,
    child: Option<Child>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// `more` goes into its configuration.
    pub(crate) fn with(more: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let more = more.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        let mut server = Self { dir, port, more, child: None };
        server.run();
        server
    }

    pub(crate) fn run(&mut self) {
        let file = self.dir.path().join("nats.conf");
        let store = self.dir.path().join("store");
        let text = format!(
            "listen: \"127.0.0.1:{}\"\njetstream {{ store_dir: \"{}\", max_file_store: 4GB, sync_interval: always }}\n{}\n",
            self.port,
            store.display(),
            self.more
        );
        std::fs::write(&file, text).expect("it is written");
        let log = std::fs::File::create(self.dir.path().join("log")).expect("a file");
        let child = Command::new(program())
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the nats-server starts: python3 scripts/engines.py install");
        self.child = Some(child);
        let until = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < until, "it does not listen: {}", self.said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("it runs");
        let sent = Command::new("kill").arg(signal).arg(child.id().to_string()).status().expect("there is a kill");
        assert!(sent.success(), "it is there");
    }

    /// It stands still, and its connections with it.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it is there");
            child.wait().expect("it ended");
        }
    }

    pub(crate) fn options(&self) -> NatsOptions {
        NatsOptions {
            urls: vec![format!("nats://127.0.0.1:{}", self.port)],
            max_bytes: 64 << 20,
            patience: Duration::from_secs(3),
            ..NatsOptions::default()
        }
    }

    pub(crate) async fn log(&self) -> Log {
        // A server that was killed looks through its store before it answers.
        for _ in 0..50 {
            match Log::connect(&self.options()).await {
                Err(LogError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(100)).await,
                done => return done.expect("it connects"),
            }
        }
        panic!("NATS is not ready: {}", self.said())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `HIVEBOARD_NATS_SERVER`, or where scripts/engines.py puts it.
fn program() -> PathBuf {
    std::env::var_os("HIVEBOARD_NATS_SERVER").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/engines/python/bin/nats-server"),
        PathBuf::from,
    )
}
