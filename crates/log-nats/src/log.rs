//! Batches in, in order, and durable.

use std::{sync::Arc, time::Duration};

use async_nats::{
    Client,
    jetstream::{self, Context, kv::Store, stream::Stream},
};
use hiveboard_store::{Batch, Incoming, Position};
use hiveboard_wire::{Scope, Timestamp};
use uuid::Uuid;

use crate::{
    Beside, Follower, LogError, NatsOptions, Result, connection, layout, message,
    names::{Names, partition_of},
    place,
    publish::{Publication, Published, publish},
};

/// Events that are read together of what lies below what is stored.
const EVENTS_AT_ONCE: usize = 16_000;
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
    /// When the first message that is still there arrived.
    pub since: Option<Timestamp>,
}

/// What [`Log::left_below`] found.
#[derive(Debug)]
pub struct Left {
    /// Without places.
    pub batches: Vec<Batch>,
    /// Messages that they came in.
    messages: u64,
    /// All before this one are in `batches`.
    next: u64,
}

/// What [`Log::gap_after`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Messages that are gone.
    pub batches: u64,
    /// All that is still there comes after this place.
    pub until: Position,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Log({}, {} partitions)", self.shared.cluster, self.shared.streams.len())
    }
}

impl Log {
    /// Connects, and makes the streams and buckets that are missing, where nothing is stored yet.
    ///
    /// # Errors
    /// [`LogError::Unavailable`] when NATS is away; [`LogError::Unusable`] when it, or what is there, does not fit the options.
    pub async fn connect(options: &NatsOptions) -> Result<Self> {
        Self::connect_beside(options, &layout::Nothing).await
    }

    /// The same where there may have been a cluster before: a log that has to be made is asked for, and a stream of it begins behind what is stored of its
    /// partition.
    ///
    /// # Errors
    /// As [`Log::connect`], and of `beside`.
    pub async fn connect_beside(options: &NatsOptions, beside: &dyn Beside) -> Result<Self> {
        let (client, context, names) = reach(options).await?;
        let layout = layout::agree(&context, &names, options, beside).await?;
        let mut streams = Vec::with_capacity(usize::from(layout.partitions));
        for partition in 0..layout.partitions {
            streams.push(layout::events_stream(&context, &names, partition, options, beside).await?);
        }
        let live = layout::live_bucket(&context, &names, options).await?;
        let (cluster, patience) = (layout.cluster, options.patience);
        Ok(Self { shared: Arc::new(Shared { client, context, names, streams, live, cluster, patience }) })
    }

    /// Connects to a log that is there, and makes nothing. `None` where no node has made it yet.
    ///
    /// # Errors
    /// As [`Log::connect`], and [`LogError::Unusable`] when a part of it is missing.
    pub async fn find(options: &NatsOptions) -> Result<Option<Self>> {
        let (client, context, names) = reach(options).await?;
        let Some(layout) = layout::find(&context, &names, options).await? else { return Ok(None) };
        let mut streams = Vec::with_capacity(usize::from(layout.partitions));
        for partition in 0..layout.partitions {
            streams.push(layout::events_stream_of(&context, &names, partition, options).await?);
        }
        let live = layout::live_bucket_of(&context, &names, options).await?;
        let (cluster, patience) = (layout.cluster, options.patience);
        Ok(Some(Self { shared: Arc::new(Shared { client, context, names, streams, live, cluster, patience }) }))
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

    /// What has left the log between a place and the first message that is still there: it was older than the log's `max_age` before anybody read it, or
    /// the store has lost what it had stored. `None` where nothing is missing.
    pub async fn gap_after(&self, partition: u16, after: Position) -> Result<Option<Gap>> {
        let until = self.extent(partition).await?.begins_after;
        let batches = (place::sequence_of(until) + 1).saturating_sub(place::sequence_of(after) + 1);
        Ok((batches > 0).then_some(Gap { batches, until }))
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
            since: (state.messages > 0)
                .then(|| Timestamp((state.first_timestamp.unix_timestamp_nanos() / 1_000) as i64)),
        })
    }

    /// Lets messages go that are stored, all up to and including the one of a place. A stream that is full of what is stored would refuse what is new.
    pub async fn trim(&self, partition: u16, stored: Position) -> Result<()> {
        if place::sequence_of(self.extent(partition).await?.last) < place::sequence_of(stored) {
            // What is in it is something else than what was stored under these numbers.
            return Ok(());
        }
        // The message of an event that is not its last may not be stored whole.
        self.purge_below(partition, place::next_after(stored)).await?;
        Ok(())
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
        self.purge_below(partition, place::sequence_of(place_before) + 1).await?;
        Ok(())
    }

    /// What lies in a partition's stream below what is stored, where the stream ends before that: one that was made anew begins with small numbers, and
    /// one whose server lost its power may have lost its end. Its events have places of others, or are stored already, so they come without any;
    /// [`Log::take_out`] then makes room for the rest. `None` where the stream goes as far as the store, as it should.
    ///
    /// # Errors
    /// As [`Follower::next`].
    pub async fn left_below(&self, partition: u16, stored: Position) -> Result<Option<Left>> {
        let extent = self.extent(partition).await?;
        if place::sequence_of(extent.last) >= place::sequence_of(stored) {
            return Ok(None);
        }
        if extent.messages == 0 {
            return Ok(Some(Left { batches: Vec::new(), messages: 0, next: place::sequence_of(stored) + 1 }));
        }
        let mut follower = Follower::new(self.clone(), partition, place::next_after(extent.begins_after));
        let mut batches = follower.next(EVENTS_AT_ONCE, self.shared.patience).await?;
        if batches.is_empty() {
            return Err(LogError::Unavailable("it did not hand out what lies below what is stored".to_owned()));
        }
        for batch in &mut batches {
            batch.position = None;
        }
        let (messages, next) = (batches.len() as u64, place::next_after(follower.position()));
        Ok(Some(Left { batches, messages, next }))
    }

    /// Takes out what [`Log::left_below`] answered, once it is stored. Where nothing was left, the stream goes on behind what is stored.
    pub async fn take_out(&self, partition: u16, left: &Left) -> Result<()> {
        let lost = self.purge_below(partition, left.next).await?.saturating_sub(left.messages);
        if lost > 0 {
            tracing::error!(partition, lost, "batches that came while a stream was set behind what is stored are lost");
        }
        Ok(())
    }

    /// Lets the epochs of owners go on above one: those of a bucket that was made anew, or has lost its end, begin with small numbers, and the store knows
    /// owners of greater ones. Every owner loses its lease by that, and may have it again at once. Answers whether anything was to be done.
    pub async fn lift_epochs(&self, above: u64) -> Result<bool> {
        let stream = &self.shared.live.stream;
        let last = stream.get_info().await.map_err(LogError::unavailable)?.state.last_sequence;
        if last > above {
            return Ok(false);
        }
        stream.purge().sequence(above + 2).await.map_err(LogError::unavailable)?;
        Ok(true)
    }

    /// Answers how many messages went.
    async fn purge_below(&self, partition: u16, sequence: u64) -> Result<u64> {
        if sequence <= 1 {
            return Ok(0);
        }
        let purge = self.stream(partition)?.purge().sequence(sequence);
        let done = tokio::time::timeout(self.shared.patience, purge)
            .await
            .map_err(|_| LogError::Unavailable("it did not trim a stream".to_owned()))?
            .map_err(LogError::unavailable)?;
        Ok(done.purged)
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

pub(crate) async fn reach(options: &NatsOptions) -> Result<(Client, Context, Names)> {
    let names = Names::new(&options.prefix)?;
    let client = connection::connect(options, "node").await?;
    let mut context = jetstream::new(client.clone());
    context.set_timeout(options.patience);
    Ok((client, context, names))
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
