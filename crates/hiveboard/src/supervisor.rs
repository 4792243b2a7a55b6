//! What is done about a panic outside of a request: it is told and counted, and where it may have left something half done, the process
//! ends, for a server that answers `/health` and stores nothing helps nobody. The next start folds the events anew.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use metrics::counter;
use tokio::sync::watch;

pub struct Supervisor {
    /// Why the server cannot go on.
    fault: watch::Sender<Option<String>>,
}

impl Default for Supervisor {
    fn default() -> Self {
        Self { fault: watch::Sender::new(None) }
    }
}

impl Supervisor {
    /// Runs a part of the server; `false` when it panicked.
    pub fn run(&self, part: &'static str, work: impl FnOnce()) -> bool {
        let Err(cause) = catch_unwind(AssertUnwindSafe(work)) else { return true };
        let words = words_of(&*cause);
        tracing::error!(part, cause = words, "a part of the server panicked");
        counter!("hiveboard_panics_total", "part" => part).increment(1);
        false
    }

    /// The same for a part that nothing can go on without: its panic ends the process.
    pub fn run_vital(&self, part: &'static str, work: impl FnOnce()) -> bool {
        let done = self.run(part, work);
        if !done {
            self.give_up(&format!("the {part} failed"));
        }
        done
    }

    /// Ends the process as soon as it hears of it. The first reason counts.
    pub fn give_up(&self, why: &str) {
        self.fault.send_if_modified(|fault| {
            let first = fault.is_none();
            if first {
                *fault = Some(why.to_owned());
            }
            first
        });
    }

    pub fn is_sound(&self) -> bool {
        self.fault.borrow().is_none()
    }

    /// Waits until the server cannot go on, and says why.
    pub async fn fault(&self) -> String {
        let mut fault = self.fault.subscribe();
        let why = fault.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.expect("waited until there is one, and the sender lives as long as this")
    }
}

/// What a panic said.
pub fn words_of(cause: &(dyn Any + Send)) -> String {
    cause
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_of_a_vital_part_is_a_fault_and_that_of_another_is_not() {
        let supervisor = Supervisor::default();
        assert!(!supervisor.run("job", || panic!("tripped")));
        assert!(supervisor.is_sound());
        assert!(!supervisor.run_vital("writer", || panic!("fell")));
        assert!(!supervisor.is_sound());
        supervisor.give_up("something later");
        assert_eq!(supervisor.fault().await, "the writer failed");
    }
}
