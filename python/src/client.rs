//! The native half of `hiveloop.HiveBoard`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hiveloop::{Config, Level};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::callbacks::{PythonExecutor, PythonSource, executor_of};
use crate::guard::{Inside, forget_others, wait_for_others};
use crate::logger::PythonLogger;
use crate::screen::screen_with;

/// Signals of Python's are looked at this often while something is waited for.
const BETWEEN_SIGNALS: Duration = Duration::from_millis(50);
/// Ids of agents that were let go of are remembered up to this many.
const MAX_REMEMBERED_IDS: usize = 10_000;

/// A client of this process and of those forked from it.
#[pyclass(frozen, subclass, module = "hiveloop._native")]
pub(crate) struct Client {
    client: hiveloop::Client,
    let_go: LetGo,
}

/// Agents whose handles the program no longer has, by id; `None` where the heart has been stopped.
///
/// Locked only while the interpreter is attached and without running Python, so never at the moment of a fork.
pub(crate) type LetGo = Arc<Mutex<HashMap<String, Option<LivesOn>>>>;

/// An agent that beats on without a handle.
pub(crate) struct LivesOn {
    pub(crate) core: hiveloop::Agent,
    pub(crate) source: Option<Arc<PythonSource>>,
}

/// Notes that a program has let go of an agent, which lives on or not.
pub(crate) fn note_let_go(let_go: &LetGo, agent_id: &str, lives_on: Option<LivesOn>) {
    let mut let_go = let_go.lock().unwrap_or_else(PoisonError::into_inner);
    if let_go.len() >= MAX_REMEMBERED_IDS {
        let_go.retain(|_, agent| agent.is_some());
    }
    let_go.insert(agent_id.to_owned(), lives_on);
}

impl Client {
    pub(crate) fn let_go(&self) -> &LetGo {
        &self.let_go
    }

    /// The agent of this id that was let go of: as it was, if it lives on; whether there was one at all.
    pub(crate) fn take_back(&self, agent_id: &str) -> (Option<LivesOn>, bool) {
        match self.let_go.lock().unwrap_or_else(PoisonError::into_inner).remove(agent_id) {
            Some(agent) => (agent, true),
            None => (None, false),
        }
    }

    pub(crate) fn client(&self) -> &hiveloop::Client {
        &self.client
    }
}

/// Hands lines that wait to `logging`, on this thread of the agent's, which must be [`Inside`].
pub(crate) fn pass_on_lines(py: Python<'_>, client: &hiveloop::Client) -> PyResult<()> {
    let logger: &dyn std::any::Any = &*client.config().logger;
    match logger.downcast_ref::<PythonLogger>() {
        Some(logger) if logger.has_lines() => pass_on(py, logger),
        _ => Ok(()),
    }
}

#[cold]
fn pass_on(py: Python<'_>, logger: &PythonLogger) -> PyResult<()> {
    static PASS_ON: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let pass_on = PASS_ON.import(py, "hiveloop._log", "pass_on")?;
    let lines: Vec<(u8, String, bool)> =
        logger.take().into_iter().map(|waiting| (level_number(waiting.level), waiting.line, waiting.is_said)).collect();
    let heard_from: u8 = pass_on.call1((lines,))?.extract()?;
    logger.is_heard_from(heard_from);
    Ok(())
}

/// A level as `logging` counts them.
pub(crate) fn level_number(level: Level) -> u8 {
    match level {
        Level::Debug => 10,
        Level::Info => 20,
        Level::Warning => 30,
        Level::Error => 40,
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX.min(Duration::from_secs(1 << 31)))
}

#[pymethods]
impl Client {
    #[expect(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "the settings are the manual's; hiveloop.init documents them, and only it calls this"
    )]
    #[new]
    #[pyo3(signature = (*, api_key, endpoint, environment, group, flush_interval, batch_size, max_queue_size, debug,
        capture_previews, gzip, ca_file, disabled, runtime, sdk_version, before_send, retry, scrub_urls=true))]
    fn new(
        api_key: String,
        endpoint: String,
        environment: String,
        group: String,
        flush_interval: f64,
        batch_size: usize,
        max_queue_size: usize,
        debug: bool,
        capture_previews: bool,
        gzip: bool,
        ca_file: Option<std::path::PathBuf>,
        disabled: bool,
        runtime: String,
        sdk_version: String,
        before_send: Option<Py<PyAny>>,
        retry: Option<(f64, f64, f64)>,
        scrub_urls: bool,
    ) -> PyResult<Self> {
        let defaults = Config::new(api_key);
        let config = Config {
            endpoint,
            environment,
            group,
            flush_interval: duration(flush_interval),
            batch_size,
            max_queue_size,
            debug,
            capture_previews,
            gzip,
            ca_file,
            disabled,
            scrub_urls,
            fail_dropped: false,
            runtime,
            sdk_version,
            retry: retry.map_or(defaults.retry, |(initial, maximum, refused)| hiveloop::RetryPolicy {
                initial: duration(initial),
                maximum: duration(maximum),
                refused: duration(refused),
                ..defaults.retry
            }),
            logger: Arc::new(PythonLogger::new(debug)),
            callback_executor: Some(Arc::new(|| Arc::new(PythonExecutor::default()))),
            before_send: None,
            ..defaults
        };
        let config = Config { before_send: before_send.map(|hook| screen_with(hook, config.logger.clone())), ..config };
        let client = hiveloop::Client::new(config).map_err(|error| {
            let reason = error.to_string();
            Python::attach(|py| {
                match py.import("hiveloop._errors").and_then(|errors| errors.getattr("HiveLoopConfigError")) {
                    Ok(class) => class.call1((reason,)).map_or_else(|error| error, |error| PyErr::from_value(error)),
                    Err(error) => error,
                }
            })
        })?;
        Ok(Self { client, let_go: LetGo::default() })
    }

    /// Makes what is queued due; gives what [`Client::wait_for`] takes.
    fn begin_flush(&self) -> u64 {
        self.client.begin_flush()
    }

    /// Waits for a flush; `None` when the time is over. Ctrl-C and other signals act at once.
    fn wait_for(&self, py: Python<'_>, flush: u64, timeout: f64) -> PyResult<Option<bool>> {
        let end = Instant::now() + duration(timeout);
        let done = loop {
            let slice = end.saturating_duration_since(Instant::now()).min(BETWEEN_SIGNALS);
            let done = py.detach(|| self.client.wait_for(flush, slice));
            // Also after the last slice: a signal that came meanwhile is not to be left for later.
            py.check_signals()?;
            if done.is_some() || Instant::now() >= end {
                break done;
            }
        };
        self.pass_on_lines(py)?;
        Ok(done)
    }

    /// Ends heartbeats and callbacks, says goodbye, and makes what is queued due.
    fn begin_shutdown(&self, py: Python<'_>) -> u64 {
        let executor = executor_of(&self.client);
        let any: &dyn std::any::Any = &*executor;
        if let Some(executor) = any.downcast_ref::<PythonExecutor>() {
            executor.close();
        }
        py.detach(|| self.client.begin_shutdown())
    }

    /// Ends the client: what still waits is dropped.
    fn finish_shutdown(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| {
            self.client.finish_shutdown();
            wait_for_others();
        });
        pass_on_lines(py, &self.client)
    }

    /// Whether an agent that was let go of beats on.
    fn lives_on(&self, agent_id: &str) -> bool {
        let let_go = self.let_go.lock().unwrap_or_else(PoisonError::into_inner);
        let_go.get(agent_id).is_some_and(Option::is_some)
    }

    /// What it was made with: endpoint, environment and group.
    fn settings(&self) -> (&str, &str, &str) {
        let config = self.client.config();
        (&config.endpoint, &config.environment, &config.group)
    }

    /// Whether its key may only read.
    #[getter]
    fn has_read_key(&self) -> bool {
        self.client.config().api_key.starts_with("hb_read_")
    }

    /// Whether a key is the one it was made with.
    fn has_key(&self, api_key: &str) -> bool {
        self.client.config().api_key == api_key
    }

    #[getter]
    fn closed(&self) -> bool {
        self.client.is_closed()
    }

    #[getter]
    fn instance_id(&self) -> &str {
        self.client.instance_id()
    }

    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = self.client.stats();
        let counts = PyDict::new(py);
        for (name, count) in [
            ("queued", stats.queued),
            ("queued_bytes", stats.queued_bytes),
            ("sent", stats.sent),
            ("dropped", stats.dropped),
            ("rejected", stats.rejected),
            ("retries", stats.retries),
            ("filtered", stats.filtered),
        ] {
            counts.set_item(name, count)?;
        }
        self.pass_on_lines(py)?;
        Ok(counts)
    }

    /// Writes a line to the client's logger, at a level of `logging`.
    fn say(&self, level: u8, line: &str) {
        let level = match level {
            0..=10 => Level::Debug,
            11..=20 => Level::Info,
            21..=30 => Level::Warning,
            _ => Level::Error,
        };
        self.client.say(level, line);
    }

    /// Hands lines that wait to `logging`, unless the client has been shut down.
    fn pass_on_lines(&self, py: Python<'_>) -> PyResult<()> {
        match Inside::enter(&self.client) {
            Some(_inside) => pass_on_lines(py, &self.client),
            None => Ok(()),
        }
    }

    fn after_fork_child(&self) {
        forget_others();
        self.client.after_fork_child();
    }
}
