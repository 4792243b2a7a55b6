//! What the client says: few lines, each once, where the matter is handled.

use std::any::Any;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Told only when `debug` is on.
    Debug,
    /// Worth knowing.
    Info,
    /// Something is lost or late.
    Warning,
    /// Nothing arrives until somebody acts.
    Error,
}

/// Takes the client's lines. Called on the client's own threads and on the caller's; must not block.
pub trait Logger: Any + Send + Sync {
    /// Writes one line.
    fn write(&self, level: Level, line: &str);

    /// Says that nothing arrives until somebody acts, even to those who listen to no log: on standard error.
    fn alarm(&self, line: &str) {
        eprintln!("hiveloop: {line}");
    }
}

/// Hands the lines to the `log` crate under the target `hiveloop`.
#[derive(Debug, Clone, Copy)]
pub struct LogFacade;

impl Logger for LogFacade {
    fn write(&self, level: Level, line: &str) {
        let level = match level {
            Level::Debug => log::Level::Debug,
            Level::Info => log::Level::Info,
            Level::Warning => log::Level::Warn,
            Level::Error => log::Level::Error,
        };
        log::log!(target: "hiveloop", level, "{line}");
    }
}
