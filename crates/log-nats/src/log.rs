//! Batches in, in order, and durable.

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client,
    jetstream::{self, Context, kv::Store, stream::Stream},
};
use hiveboard_store::{Batch, Incoming, Position};
use hiveboard_wire::Scope;
use uuid::Uuid;

use crate::{
    Follower, LogError, NatsOptions, Result, connection, layout, message,
    names::{Names, partition_of},
    place,
    publish::{Publication, Published, publish},
};

/// What headers and the protocol take of a message's size.
const OVERHEAD_BYTES: usize = 1_024;

/// The log of a cluster. Cheap to clone.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    client: Client,
    context: Context,
    names: Names,
    /// One a partition, by its number.
    streams: Vec<Stream>,
    live: Store,
    cluster: String,
    patience: Duration,
}

/// What a partition's stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Before the first message that is still there.
    pub begins_after: Position,
    /// Of the last message: whoever has read past it has read all. [`Position::START`] when there never was one.
    pub last: Position,
    pub messages: u64,
    pub bytes: u64,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Log({}, {} partitions)", self.shared.cluster, self.shared.streams.len())
    }
}

impl Log {
    /// Connects, and makes the streams and buckets that are missing.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when NATS is away; [`LogError::Unusable`] when it, or what is there, does not fit the options.
    pub async fn connect(options: &NatsOptions) -> Result<Self> {
        let names = Names::new(&options.prefix)?;
        let client = connection::connect(options, "node").await?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(options.patience);
        let layout = layout::agree(&context, &names, options).await?;
        let mut streams = Vec::with_capacity(usize::from(layout.partitions));
        for partition in 0..layout.partitions {
            streams.push(layout::events_stream(&context, &names, partition, options).await?);
        }
        let live = layout::live_bucket(&context, &names, options).await?;
        let patience = options.patience;
        let cluster = layout.cluster;
        Ok(Self { shared: Arc::new(Shared { client, context, names, streams, live, cluster, patience }) })
    }

    /// Tells this cluster from any other.
    pub fn cluster(&self) -> &str {
        &self.shared.cluster
    }

    pub fn partitions(&self) -> u16 {
        self.shared.streams.len() as u16
    }

    /// Where the events of a scope go; the same on every node and for ever.
    pub fn partition_of(&self, scope: Scope) -> u16 {
        partition_of(scope, self.partitions())
    }

    /// Whether there is a connection right now.
    pub fn is_connected(&self) -> bool {
        connection::is_connected(&self.shared.client)
    }

    /// Writes a batch, and answers the place of its last event after NATS has said that it has it. Most batches are one message; what is too
    /// large for one goes into several.
    ///
    /// # Errors
    /// [`LogError::Full`] when there is no room. [`LogError::Unavailable`] when NATS did not answer: the batch, or its beginning, may be in the log all
    /// the same, and events that are sent again are told by their ids.
    pub async fn publish(&self, batch: &Batch) -> Result<Position> {
        let partition = self.partition_of(batch.scope);
        let subject = self.shared.names.events_subject(partition, batch.scope, &batch.envelope.agent_id);
        let mut last = Position::START;
        for (payload, events) in messages(batch, self.shared.client.max_payload().saturating_sub(OVERHEAD_BYTES))? {
            let publication = Publication {
                subject: subject.clone(),
                id: Uuid::new_v4().simple().to_string(),
                after: None,
                payload: payload.into(),
            };
            match publish(&self.shared.client, &publication, self.shared.patience).await? {
                Published::At(sequence) => {
                    last = Position::of_seq(place::start_of(sequence).seq() + events as u64 - 1);
                }
                Published::Conflict => {
                    return Err(LogError::Failed("nothing was expected of the log's end".to_owned()));
                }
            }
        }
        Ok(last)
    }

    /// Reads a partition from after a place on.
    ///
    /// # Errors
    /// [`LogError::Gone`] when messages after that place have left the log.
    pub async fn follow(&self, partition: u16, after: Position) -> Result<Follower> {
        let begins_after = self.extent(partition).await?.begins_after;
        let first = place::next_after(begins_after);
        if after > Position::START && first > place::sequence_of(after) + 1 {
            return Err(LogError::Gone { partition, after, first: begins_after });
        }
        Ok(Follower::new(self.clone(), partition, place::next_after(after).max(first)))
    }

    /// What a reader of a scope must have passed to have read all that was acknowledged of it. That of its partition's last message, which is cheap
    /// to ask for and never before the scope's own.
    pub async fn last_position(&self, scope: Scope) -> Result<Position> {
        self.last_of_partition(self.partition_of(scope)).await
    }

    /// The place of a partition's last message: compare with [`Follower::position`], which is past it when its events were handed out.
    pub async fn last_of_partition(&self, partition: u16) -> Result<Position> {
        Ok(self.extent(partition).await?.last)
    }

    pub async fn extent(&self, partition: u16) -> Result<Extent> {
        let info = self.stream(partition)?.get_info();
        let info = tokio::time::timeout(self.shared.patience, info)
            .await
            .map_err(|_| LogError::Unavailable("it did not say what a stream holds".to_owned()))?
            .map_err(LogError::unavailable)?;
        let state = info.state;
        Ok(Extent {
            begins_after: match state.first_sequence.saturating_sub(1) {
                0 => Position::START,
                before => place::end_of(before),
            },
            last: place::start_of(state.last_sequence),
            messages: state.messages,
            bytes: state.bytes,
        })
    }

    /// Lets messages go that are stored, all up to and including the one of a place. A stream that is full of what is stored would refuse what is new.
    pub async fn trim(&self, partition: u16, stored: Position) -> Result<()> {
        // The message of an event that is not its last may not be stored whole.
        self.purge_below(partition, place::next_after(stored)).await
    }

    /// Makes an empty partition begin after a place, so that events stored before there was a log have smaller ones. Does nothing when it does already.
    ///
    /// # Errors
    /// [`LogError::Unusable`] when messages are in it.
    pub async fn begin_after(&self, partition: u16, place_before: Position) -> Result<()> {
        let extent = self.extent(partition).await?;
        if extent.last >= place_before {
            return Ok(());
        }
        if extent.messages > 0 {
            return Err(LogError::Unusable(format!(
                "the log of partition {partition} holds {} messages and can no longer begin after {place_before}",
                extent.messages
            )));
        }
        self.purge_below(partition, place::sequence_of(place_before) + 1).await
    }

    async fn purge_below(&self, partition: u16, sequence: u64) -> Result<()> {
        if sequence <= 1 {
            return Ok(());
        }
        let purge = self.stream(partition)?.purge().sequence(sequence);
        tokio::time::timeout(self.shared.patience, purge)
            .await
            .map_err(|_| LogError::Unavailable("it did not trim a stream".to_owned()))?
            .map_err(LogError::unavailable)?;
        Ok(())
    }

    pub(crate) fn stream(&self, partition: u16) -> Result<&Stream> {
        self.shared.streams.get(usize::from(partition)).ok_or_else(|| {
            LogError::Failed(format!("there is no partition {partition}; the cluster has {}", self.partitions()))
        })
    }

    pub(crate) fn live(&self) -> &Store {
        &self.shared.live
    }

    pub(crate) fn context(&self) -> &Context {
        &self.shared.context
    }
}

/// The messages of a batch, each with how many events it holds.
fn messages(batch: &Batch, most_bytes: usize) -> Result<Vec<(Vec<u8>, usize)>> {
    let mut messages = Vec::with_capacity(1);
    let mut waiting: Vec<&[Incoming]> = batch.events.chunks(place::EVENTS_A_MESSAGE).rev().collect();
    while let Some(events) = waiting.pop() {
        let message = message::encode(batch, events);
        if message.len() <= most_bytes {
            messages.push((message, events.len()));
        } else if events.len() > 1 {
            let (first, second) = events.split_at(events.len() / 2);
            waiting.push(second);
            waiting.push(first);
        } else {
            return Err(LogError::Failed(format!(
                "an event takes {} bytes, and NATS takes messages of {most_bytes}: raise its `max_payload`",
                message.len()
            )));
        }
    }
    Ok(messages)
}
