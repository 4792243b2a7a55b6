//! The senders: plain threads that take batches, post them, and see to what becomes of them. One while it is calm; more
//! while the server's answers take so long that one cannot carry what comes.

mod body;
mod forward;
pub(crate) mod proxy;
mod resolve;
pub(crate) mod transport;
mod warnings;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use crate::config::Config;
use crate::delivery::{Schedule, Verdict};
use crate::event_identity::seeded;
use crate::logger::Level;
use crate::queue::{Batch, Next, Queue};
use body::write_body;
use transport::HttpTransport;
use warnings::SaidWarnings;

/// What all senders of a process share.
pub(crate) struct Senders {
    config: Arc<Config>,
    queue: Arc<Queue>,
    instance_id: String,
    /// Made by the first sender: it reads the system's certificates.
    transport: OnceLock<HttpTransport>,
    schedule: Mutex<Schedule>,
    warnings: Mutex<SaidWarnings>,
}

impl Senders {
    pub(crate) fn new(config: Arc<Config>, queue: Arc<Queue>, instance_id: String) -> Arc<Self> {
        let (schedule, warnings) = (Mutex::new(Schedule::new(config.retry)), Mutex::default());
        Arc::new(Self { config, queue, instance_id, transport: OnceLock::new(), schedule, warnings })
    }

    /// Starts one sender more.
    pub(crate) fn start(self: &Arc<Self>) -> std::io::Result<()> {
        let senders = self.clone();
        let thread = thread::Builder::new().name("hiveloop-sender".into());
        thread.spawn(move || senders.run()).map(|_| ())
    }

    /// Runs until the client is closed, or this sender is no longer needed.
    fn run(self: &Arc<Self>) {
        let mut random = seeded();
        let (mut body, mut compressed) = (Vec::new(), Vec::new());
        while let Next::Send { batch, start_another } = self.queue.next() {
            if start_another && self.start().is_err() {
                // It goes on as it went; what waits goes later.
                self.queue.sender_failed_to_start();
            }
            write_body(&mut body, &batch, &self.instance_id);
            let transport = self.transport.get_or_init(|| HttpTransport::new(&self.config));
            let reply = transport.post(&body, &mut compressed);
            self.say_warnings(&reply.warnings);
            self.conclude(batch, reply.answer, random.f64());
        }
    }

    /// Sees to it that a batch gets what its answer means for it.
    fn conclude(&self, batch: Batch, answer: crate::delivery::Answer, random: f64) {
        let (count, agent_id) = (batch.entries.len(), batch.agent.agent_id.clone());
        if self.config.debug {
            let what = if answer.is_delivered() { "delivered" } else { "could not deliver" };
            self.say(Level::Debug, &format!("{what} {count} events of {agent_id:?}: {answer}"));
        }
        // Kept until the batch is put away, so that requests that fail together count as one failure.
        let mut schedule = self.schedule.lock().unwrap_or_else(PoisonError::into_inner);
        let (verdict, line) = if !answer.is_about_the_batch() && self.queue.has_failed_since(&batch) {
            (Schedule::repeat(&answer), None)
        } else {
            schedule.decide(answer, count, random)
        };
        // Said before the batch is put away: who waits for a flush then finds the line.
        if let Some((level, line)) = line {
            self.say(level, &line);
            if verdict.is_refusal() {
                self.config.logger.alarm(&line);
            }
        }
        match verdict {
            Verdict::Settled { rejected } => self.queue.settle(&batch, rejected),
            Verdict::Again { after, hold } => self.queue.put_back(batch, after, hold),
            Verdict::Halve => self.queue.put_back_in_halves(batch),
        }
    }

    fn say_warnings(&self, warnings: &[(String, String)]) {
        for (code, message) in warnings {
            let line = self.warnings.lock().unwrap_or_else(PoisonError::into_inner).line_for(code, message);
            if let Some((level, line)) = line {
                self.say(level, &line);
            }
        }
    }

    fn say(&self, level: Level, line: &str) {
        if level > Level::Debug || self.config.debug {
            self.config.logger.write(level, line);
        }
    }
}
