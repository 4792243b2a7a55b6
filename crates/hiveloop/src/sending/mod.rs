//! The sender: one plain thread that takes batches, posts them, and decides what becomes of them.

mod answer;
mod body;
mod retry;

pub(crate) use answer::Answer;
pub use retry::RetryPolicy;
pub(crate) use retry::{Hold, Schedule, Verdict};

use std::sync::Arc;

use crate::journal::Level;
use crate::process::Process;
use crate::transport::HttpTransport;
use body::write_body;

/// Runs until the client is closed.
pub(crate) fn run(process: &Arc<Process>) {
    let config = process.config.clone();
    let mut transport = HttpTransport::new(&config);
    let mut schedule = Schedule::new(config.retry);
    let mut random = crate::stamp::seeded();
    let mut body = Vec::new();
    while let Some(batch) = process.queue.next_batch() {
        write_body(&mut body, &batch, &process.instance_id);
        let count = batch.entries.len();
        let answer = transport.post(&body);
        if config.debug {
            process.say(Level::Debug, &format!("sent {count} events of {:?}: {answer}", batch.agent.agent_id));
        }
        let (verdict, line) = schedule.decide(answer, count, random.f64());
        if let Some((level, line)) = line {
            process.say(level, &line);
            if verdict.is_refusal() {
                config.journal.alarm(&line);
            }
        }
        match verdict {
            Verdict::Settled { rejected } => process.queue.settle(count.saturating_sub(rejected), rejected.min(count)),
            Verdict::Again { after, hold } => process.queue.put_back(batch, after, hold),
            Verdict::Halve => process.queue.put_back_in_halves(batch),
        }
    }
}
