//! Alerts: rules judged beside the write path, what fired kept in the settings, and what is to be told delivered from an outbox there.
//!
//! [`engine`] hears every change on a thread of its own and asks `hiveboard-alerts` what it means; [`feed`] turns changes into the facts
//! that rules look at; [`outbox`] delivers, by way of [`notify`]; [`preview`] lets a rule run over what is stored.

mod engine;
mod feed;
mod insights;
pub mod notify;
pub mod outbox;
pub mod preview;
mod seed;
pub mod view;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use parking_lot::Mutex;

pub use engine::{publish, start};

/// What others say to the engine and the outbox.
#[derive(Default)]
pub struct Alerts {
    rules_changed: AtomicBool,
    /// Something may be due.
    pub outbox: tokio::sync::Notify,
    engine: Mutex<Option<JoinHandle<()>>>,
}

impl Alerts {
    /// Rules were made, changed or deleted: they are read anew within a moment.
    pub fn reload(&self) {
        self.rules_changed.store(true, Ordering::Release);
    }

    fn take_reload(&self) -> bool {
        self.rules_changed.swap(false, Ordering::AcqRel)
    }

    /// Waits for the engine, which ends when the change stream is closed.
    pub(crate) fn join(&self) {
        let engine = self.engine.lock().take();
        if engine.is_some_and(|engine| engine.join().is_err()) {
            tracing::warn!("the thread of alerts ended by a panic");
        }
    }
}
