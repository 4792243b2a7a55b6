//! Batches out, in order, each once, whatever becomes of the connection.

use std::{collections::VecDeque, time::Duration};

use async_nats::jetstream::{
    Message,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures_util::{FutureExt, StreamExt};
use hiveboard_store::{Batch, Position};
use tokio::time::Instant;

use crate::{Log, LogError, Result, connection::is_connected, message, place};

/// How much NATS may send ahead of what was asked for.
const MESSAGES_AHEAD: usize = 256;
/// Bytes that are handed out together at most (but for the last message), as they lie in the log.
const BYTES_AT_ONCE: usize = 8 << 20;
/// A silence twice as long means that the reading end at NATS is gone.
const HEARTBEAT: Duration = Duration::from_secs(1);
const ROUND: Duration = Duration::from_secs(10);
/// NATS forgets a reader that asked for nothing so long. Longer than any pause of a store that is away, or it is made anew.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// Making a reading end may take so long, however short somebody wants to wait: it is not begun in vain each time.
const OPEN_PATIENCE: Duration = Duration::from_secs(1);

/// Reads one partition.
pub struct Follower {
    log: Log,
    partition: u16,
    /// The message that is handed out next.
    next: u64,
    reading: Option<pull::Stream>,
    /// Read, and not handed out: what was there when somebody stopped waiting.
    ready: VecDeque<(u64, Batch)>,
    ready_bytes: usize,
    /// Messages behind the last one read.
    behind: u64,
}

/// What became of looking for a message.
enum Read {
    Message(Box<Message>),
    Nothing,
    Interrupted(String),
}

impl Follower {
    pub(crate) fn new(log: Log, partition: u16, next: u64) -> Self {
        Self { log, partition, next, reading: None, ready: VecDeque::new(), ready_bytes: 0, behind: 0 }
    }

    pub fn partition(&self) -> u16 {
        self.partition
    }

    /// All events up to here were handed out.
    pub fn position(&self) -> Position {
        match self.next - self.ready.len() as u64 - 1 {
            0 => Position::START,
            sequence => place::end_of(sequence),
        }
    }

    /// How many messages waited in the log when the last one was read.
    pub fn behind(&self) -> u64 {
        self.behind + self.ready.len() as u64
    }

    /// The next batches, positions set, each as it was published: at least one, and then what is there already, up to about so many events. None when nothing
    /// came within `patience`. May be dropped while it waits; nothing is lost by that.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when NATS was away all the time: the next call tries again. [`LogError::Gone`] and [`LogError::Message`] stay.
    pub async fn next(&mut self, most_events: usize, patience: Duration) -> Result<Vec<Batch>> {
        let deadline = Instant::now() + patience;
        while self.ready.is_empty() {
            let read = match self.open(deadline).await? {
                Some(problem) => Read::Interrupted(problem),
                None => self.read(deadline).await,
            };
            match read {
                Read::Message(message) => {
                    self.take(&message)?;
                }
                Read::Nothing if is_connected(&self.log.context().client()) => return Ok(Vec::new()),
                Read::Nothing => return Err(LogError::Unavailable("there is no connection".to_owned())),
                Read::Interrupted(problem) => {
                    tracing::debug!(partition = self.partition, problem, "reading the log again");
                    self.reading = None;
                    if Instant::now() >= deadline {
                        return Err(LogError::Unavailable(problem));
                    }
                    tokio::time::sleep_until((Instant::now() + PAUSE).min(deadline)).await;
                }
            }
        }
        self.take_what_is_there(most_events);
        let mut batches = Vec::new();
        let mut events = 0;
        while let Some((_, batch)) = self.ready.front() {
            if events > 0 && events + batch.events.len() > most_events {
                break;
            }
            events += batch.events.len();
            batches.extend(self.ready.pop_front().map(|(_, batch)| batch));
        }
        if self.ready.is_empty() {
            self.ready_bytes = 0;
        }
        Ok(batches)
    }

    fn take_what_is_there(&mut self, most_events: usize) {
        let mut events: usize = self.ready.iter().map(|(_, batch)| batch.events.len()).sum();
        while events < most_events && self.ready_bytes < BYTES_AT_ONCE {
            let Some(reading) = &mut self.reading else { return };
            let Some(found) = reading.next().now_or_never() else { return };
            let taken = match found {
                Some(Ok(message)) => self.take(&message).ok(),
                Some(Err(_)) | None => None,
            };
            // What is in the way comes again, and is said when there is nothing before it any more.
            let Some(more) = taken else {
                self.reading = None;
                return;
            };
            events += more;
        }
    }

    /// Puts a message where it belongs; answers how many events it brought.
    fn take(&mut self, message: &Message) -> Result<usize> {
        let info = message.info().map_err(|error| LogError::Failed(format!("a message without a place: {error}")))?;
        let sequence = info.stream_sequence;
        if sequence < self.next {
            return Ok(0);
        }
        if sequence > self.next && info.consumer_sequence == 1 {
            // The first that NATS has from there on: what is between is gone.
            if self.next > 1 {
                let (partition, after) = (self.partition, place::end_of(self.next - 1));
                self.reading = None;
                return Err(LogError::Gone { partition, after, first: place::start_of(sequence) });
            }
            self.next = sequence;
        }
        if sequence > self.next {
            // Sent into a connection that was lost, or dropped here: read again from where it is missing.
            tracing::debug!(partition = self.partition, self.next, sequence, "messages are missing; reading again");
            self.reading = None;
            return Ok(0);
        }
        let position = place::start_of(sequence);
        let batch = message::decode(&message.payload, Some(position)).map_err(|source| {
            self.reading = None;
            LogError::Message { partition: self.partition, position, source }
        })?;
        self.behind = info.pending;
        self.next += 1;
        self.ready_bytes += message.payload.len();
        let events = batch.events.len();
        self.ready.push_back((sequence, batch));
        Ok(events)
    }

    async fn read(&mut self, deadline: Instant) -> Read {
        let Some(reading) = &mut self.reading else { return Read::Interrupted("it is not read".to_owned()) };
        match tokio::time::timeout_at(deadline, reading.next()).await {
            Ok(Some(Ok(message))) => Read::Message(Box::new(message)),
            Ok(Some(Err(error))) => Read::Interrupted(error.to_string()),
            Ok(None) => Read::Interrupted("the reading end is gone".to_owned()),
            Err(_) => Read::Nothing,
        }
    }

    /// Makes a reading end at NATS where there is none. Answers what was in the way.
    async fn open(&mut self, deadline: Instant) -> Result<Option<String>> {
        if self.reading.is_some() {
            return Ok(None);
        }
        if !is_connected(&self.log.context().client()) {
            return Ok(Some("there is no connection".to_owned()));
        }
        let patience = deadline.saturating_duration_since(Instant::now()).max(OPEN_PATIENCE);
        match tokio::time::timeout(patience, self.try_open()).await {
            Ok(done) => done,
            Err(_) => Ok(Some("it did not answer".to_owned())),
        }
    }

    async fn try_open(&mut self) -> Result<Option<String>> {
        let extent = match self.log.extent(self.partition).await {
            Ok(extent) => extent,
            Err(LogError::Unavailable(problem)) => return Ok(Some(problem)),
            Err(error) => return Err(error),
        };
        if place::sequence_of(extent.last) + 1 < self.next {
            return Err(LogError::Shorter { partition: self.partition, last: extent.last, read: self.position() });
        }
        let first = place::next_after(extent.begins_after);
        if first > self.next {
            if self.next > 1 {
                return Err(LogError::Gone {
                    partition: self.partition,
                    after: place::end_of(self.next - 1),
                    first: extent.begins_after,
                });
            }
            // Who reads from the start takes what there is.
            self.next = first;
        }
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.next },
            // Where to go on is known here, and by the store.
            ack_policy: AckPolicy::None,
            inactive_threshold: FORGOTTEN_AFTER,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = match self.log.stream(self.partition)?.create_consumer(config).await {
            Ok(consumer) => consumer,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let reading = consumer
            .stream()
            .max_messages_per_batch(MESSAGES_AHEAD)
            .expires(ROUND)
            .heartbeat(HEARTBEAT)
            .messages()
            .await;
        match reading {
            Ok(reading) => {
                self.reading = Some(reading);
                Ok(None)
            }
            Err(error) => Ok(Some(error.to_string())),
        }
    }
}
