//! Streams and buckets of a cluster: made by the first node, verified by all others.

use std::time::Duration;

use async_nats::jetstream::{
    Context, ErrorCode,
    context::{AccountErrorKind, CreateStreamErrorKind, GetStreamErrorKind},
    kv::{self, CreateErrorKind, Store},
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
};
use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{self, BoxFuture},
};
use hiveboard_settings::Restored;
use hiveboard_store::Position;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{LogError, NatsOptions, Result, leases, names::Names, place, publish::STORAGE_EXCEEDED};

/// Within it, a message that is sent again is told from a new one by its id. What comes later is told by the events' own ids.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);
const MOST_PARTITIONS: u16 = 256;
const LAYOUT_KEY: &str = "layout";
const VERSION: u32 = 1;
/// How often an entry is looked for that should be there.
const LOOKS: usize = 10;
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// What a cluster is, from its first start on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layout {
    version: u32,
    /// Tells this cluster from any other, and from itself if its streams are thrown away.
    pub(crate) cluster: String,
    pub(crate) partitions: u16,
    /// The last change in the copy from which the settings went on, where the log had lost them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restored_from: Option<u64>,
}

impl Layout {
    pub(crate) const fn new(cluster: String, partitions: u16, restored_from: Option<u64>) -> Self {
        Self { version: VERSION, cluster, partitions, restored_from }
    }

    pub(crate) fn restored(&self) -> Option<Restored> {
        self.restored_from.map(|from| Restored { from })
    }

    fn written(&self) -> Bytes {
        serde_json::to_vec(self).expect("numbers and texts can be written").into()
    }
}

/// What is known of a cluster beside its log, asked where some of the log has to be made.
pub trait Beside: Send + Sync {
    /// Sees that there was no cluster before.
    ///
    /// # Errors
    /// [`LogError::Unusable`] where there was: then the log has lost what it kept.
    fn may_begin(&self) -> BoxFuture<'_, Result<()>>;

    /// What is stored of a partition.
    fn stored(&self, partition: u16) -> BoxFuture<'_, Result<Position>>;
}

/// Where nothing is beside the log yet.
pub(crate) struct Nothing;

impl Beside for Nothing {
    fn may_begin(&self) -> BoxFuture<'_, Result<()>> {
        future::ready(Ok(())).boxed()
    }

    fn stored(&self, _: u16) -> BoxFuture<'_, Result<Position>> {
        future::ready(Ok(Position::START)).boxed()
    }
}

/// Sees that NATS can keep a log.
async fn ensure_usable(context: &Context, options: &NatsOptions) -> Result<()> {
    if !matches!(options.replicas, 1 | 3 | 5) {
        return Err(LogError::Unusable(format!("{} replicas cannot be kept: give 1, 3 or 5", options.replicas)));
    }
    let account = context.query_account().await;
    if let Err(error) = account {
        return Err(match error.kind() {
            AccountErrorKind::JetStream(said) => refused("of any name", &said),
            // Servers that have it, or will in a moment, do not say that they don't.
            AccountErrorKind::JetStreamUnavailable if !context.client().server_info().jetstream => LogError::Unusable(
                format!("NATS runs without JetStream: {}", what_to_do(ErrorCode::JETSTREAM_NOT_ENABLED)),
            ),
            _ => LogError::unavailable(error),
        });
    }
    Ok(())
}

/// The cluster's layout, where there is one. Makes nothing.
pub(crate) async fn find(context: &Context, names: &Names, options: &NatsOptions) -> Result<Option<Layout>> {
    ensure_usable(context, options).await?;
    let name = names.cluster_bucket();
    let Some(bucket) = existing_bucket(context, &name, Duration::ZERO, options).await? else { return Ok(None) };
    match entry_of(&bucket).await? {
        Some(bytes) => fitting(serde_json::from_slice(&bytes).ok(), names, options).map(Some),
        None => Ok(None),
    }
}

/// The layout as it is written. A replica that answers may not have it yet.
async fn entry_of(bucket: &Store) -> Result<Option<Bytes>> {
    for _ in 0..LOOKS {
        if let Some(found) = bucket.get(LAYOUT_KEY).await.map_err(LogError::unavailable)? {
            return Ok(Some(found));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(None)
}

/// The cluster's layout, agreed upon by whoever came first.
pub(crate) async fn agree(
    context: &Context,
    names: &Names,
    options: &NatsOptions,
    beside: &dyn Beside,
) -> Result<Layout> {
    if let Some(found) = find(context, names, options).await? {
        return Ok(found);
    }
    let wanted = options.partitions.unwrap_or(NatsOptions::PARTITIONS);
    if !(1..=MOST_PARTITIONS).contains(&wanted) {
        return Err(LogError::Unusable(format!("{wanted} partitions cannot be: give 1 to {MOST_PARTITIONS}")));
    }
    beside.may_begin().await?;
    let own = Layout::new(Uuid::new_v4().to_string(), wanted, None);
    let bucket = bucket(context, &names.cluster_bucket(), Duration::ZERO, options).await?;
    if write(&bucket, &own).await? {
        return Ok(own);
    }
    let found = entry_of(&bucket).await?;
    fitting(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()), names, options)
}

/// Writes a layout where there is none; answers whether there was none.
async fn write(bucket: &Store, layout: &Layout) -> Result<bool> {
    match bucket.create(LAYOUT_KEY, layout.written()).await {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(LogError::unavailable(error)),
    }
}

/// Says what the cluster is, where nothing in NATS does.
pub(crate) async fn write_anew(
    context: &Context,
    names: &Names,
    options: &NatsOptions,
    layout: &Layout,
) -> Result<bool> {
    let bucket = bucket(context, &names.cluster_bucket(), Duration::ZERO, options).await?;
    write(&bucket, layout).await
}

/// A layout that this program knows and the options ask for.
fn fitting(found: Option<Layout>, names: &Names, options: &NatsOptions) -> Result<Layout> {
    let found = found.ok_or_else(|| {
        LogError::Unusable(format!(
            "bucket {} of NATS holds no layout of a cluster: another program uses the prefix; choose another",
            names.cluster_bucket()
        ))
    })?;
    if found.version != VERSION {
        return Err(LogError::Unusable(format!(
            "the cluster's layout is of version {}, and this program knows {VERSION}: bring this node to the cluster's version",
            found.version
        )));
    }
    if let Some(wanted) = options.partitions.filter(|wanted| *wanted != found.partitions) {
        return Err(LogError::Unusable(format!(
            "the cluster has {} partitions, for ever, and the configuration says {wanted}: take the setting out, or name another prefix for another cluster",
            found.partitions
        )));
    }
    Ok(found)
}

/// The stream of a partition. One that is missing is made, and begins behind what is stored: places are never given twice.
pub(crate) async fn events_stream(
    context: &Context,
    names: &Names,
    partition: u16,
    options: &NatsOptions,
    beside: &dyn Beside,
) -> Result<Stream> {
    let mut wanted = events_config(names, partition, options);
    if let Some(found) = existing_stream(context, &wanted).await? {
        return Ok(found);
    }
    let stored = beside.stored(partition).await?;
    if stored > Position::START {
        tracing::error!(
            partition,
            %stored,
            "the stream of a partition is missing though events of it are stored: what was in it alone is lost; it is made anew, and begins behind them"
        );
        wanted.first_sequence = Some(place::sequence_of(stored) + 1);
    }
    stream(context, wanted).await
}

/// The stream of a partition, which must be there. Makes nothing.
pub(crate) async fn events_stream_of(
    context: &Context,
    names: &Names,
    partition: u16,
    options: &NatsOptions,
) -> Result<Stream> {
    let wanted = events_config(names, partition, options);
    existing_stream(context, &wanted).await?.ok_or_else(|| missing("stream", &wanted.name))
}

fn missing(what: &str, name: &str) -> LogError {
    LogError::Unusable(format!(
        "{what} {name} of NATS is missing; a node that starts makes it anew. What was in it alone is lost, and until then ingest is refused"
    ))
}

fn events_config(names: &Names, partition: u16, options: &NatsOptions) -> Config {
    Config {
        name: names.events_stream(partition),
        subjects: vec![names.events_subjects(partition)],
        max_age: options.max_age,
        duplicate_window: DUPLICATE_WINDOW.min(options.max_age),
        max_bytes: i64::try_from(options.max_bytes).unwrap_or(i64::MAX),
        ..config(options)
    }
}

/// The stream of the settings' changes.
pub(crate) async fn settings_stream(context: &Context, names: &Names, options: &NatsOptions) -> Result<Stream> {
    stream(context, settings_config(names, options)).await
}

/// The same, with nothing in it, going on behind a change. What is there was there before the log was lost, and is in a copy.
pub(crate) async fn settings_stream_behind(
    context: &Context,
    names: &Names,
    options: &NatsOptions,
    restored: Restored,
) -> Result<()> {
    let behind = restored.behind();
    let config = Config { first_sequence: Some(behind + 1), ..settings_config(names, options) };
    let state = stream(context, config).await?.get_info().await.map_err(LogError::unavailable)?.state;
    if state.last_sequence == behind && state.messages == 0 {
        return Ok(());
    }
    if state.last_sequence > restored.from {
        return Err(has_newer_settings(state.last_sequence, restored));
    }
    let stream = context.get_stream(names.settings_stream()).await.map_err(LogError::unavailable)?;
    stream.purge().sequence(behind + 1).await.map_err(LogError::unavailable)?;
    Ok(())
}

pub(crate) fn has_newer_settings(last: u64, restored: Restored) -> LogError {
    LogError::Unusable(format!(
        "NATS still holds the settings up to change {last}, and this copy has them up to {}: use the copy of the node whose `hiveboard doctor` names the greatest number",
        restored.from
    ))
}

fn settings_config(names: &Names, options: &NatsOptions) -> Config {
    Config { name: names.settings_stream(), subjects: vec![names.settings_subject()], max_bytes: -1, ..config(options) }
}

/// Who lives and who owns what.
pub(crate) async fn live_bucket(context: &Context, names: &Names, options: &NatsOptions) -> Result<Store> {
    bucket(context, &names.live_bucket(), leases::TIME_TO_LIVE, options).await
}

/// The same, which must be there. Makes nothing.
pub(crate) async fn live_bucket_of(context: &Context, names: &Names, options: &NatsOptions) -> Result<Store> {
    let name = names.live_bucket();
    let found = existing_bucket(context, &name, leases::TIME_TO_LIVE, options).await?;
    found.ok_or_else(|| missing("bucket", &name))
}

fn config(options: &NatsOptions) -> Config {
    Config {
        retention: RetentionPolicy::Limits,
        // Never the oldest: it may not be stored yet.
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: usize::from(options.replicas),
        duplicate_window: DUPLICATE_WINDOW,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: -1,
        allow_direct: true,
        ..Config::default()
    }
}

/// A stream that is there, as it is wanted.
async fn existing_stream(context: &Context, wanted: &Config) -> Result<Option<Stream>> {
    match context.get_stream(&wanted.name).await {
        Ok(stream) => verified(stream, wanted).map(Some),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(ref said) if said.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            GetStreamErrorKind::JetStream(said) => Err(refused(&wanted.name, &said)),
            _ => Err(LogError::unavailable(error)),
        },
    }
}

async fn stream(context: &Context, wanted: Config) -> Result<Stream> {
    let name = wanted.name.clone();
    // Two nodes may make it at once; whoever comes second finds it.
    for _ in 0..2 {
        if let Some(found) = existing_stream(context, &wanted).await? {
            return Ok(found);
        }
        match context.create_stream(wanted.clone()).await {
            Ok(stream) => return Ok(stream),
            Err(error) => match error.kind() {
                CreateStreamErrorKind::JetStream(ref said) if said.error_code() == ErrorCode::STREAM_NAME_EXIST => {}
                CreateStreamErrorKind::JetStream(said) => return Err(refused(&name, &said)),
                _ => return Err(LogError::unavailable(error)),
            },
        }
    }
    Err(LogError::Unavailable(format!("stream {name} can neither be made nor found")))
}

fn what_to_do(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
            "start the NATS servers with JetStream (`jetstream {}` in their configuration, or `-js`), and give the account a share of it"
        }
        ErrorCode(10047 | 10023) => {
            "the limits of all its streams together are more than JetStream may take: lower `max_bytes`, or raise `max_file_store` of the NATS servers"
        }
        ErrorCode(10074 | 10005) => {
            "there are fewer NATS servers than replicas: lower `replicas`, or start more servers"
        }
        ErrorCode(10065) => "another stream takes the same subjects: choose another `prefix`",
        _ => "see what NATS says of it",
    }
}

fn refused(name: &str, said: &async_nats::jetstream::Error) -> LogError {
    let code = said.error_code();
    let is_for_good = [
        ErrorCode::JETSTREAM_NOT_ENABLED,
        ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
        STORAGE_EXCEEDED,
        ErrorCode::INSUFFICIENT_RESOURCES,
    ];
    if said.code() == 503 && !is_for_good.contains(&code) {
        return LogError::Unavailable(format!("stream {name}: {said}"));
    }
    LogError::Unusable(format!("stream {name} cannot be used ({said}): {}", what_to_do(code)))
}

fn verified(stream: Stream, wanted: &Config) -> Result<Stream> {
    let found = &stream.cached_info().config;
    let mut differences = Vec::new();
    let mut compare = |what: &str, is: String, should: String| {
        if is != should {
            differences.push(format!("{what} is {is}, the configuration says {should}"));
        }
    };
    compare("subjects", found.subjects.join(" "), wanted.subjects.join(" "));
    compare("storage", format!("{:?}", found.storage), format!("{:?}", wanted.storage));
    compare("retention", format!("{:?}", found.retention), format!("{:?}", wanted.retention));
    compare("discard", format!("{:?}", found.discard), format!("{:?}", wanted.discard));
    compare("replicas", found.num_replicas.to_string(), wanted.num_replicas.to_string());
    compare("max_age in seconds", found.max_age.as_secs().to_string(), wanted.max_age.as_secs().to_string());
    compare("max_bytes", found.max_bytes.to_string(), wanted.max_bytes.to_string());
    if differences.is_empty() {
        return Ok(stream);
    }
    Err(LogError::Unusable(format!(
        "stream {} of NATS is not what the configuration says: {}. Change the configuration of all nodes, or the stream (`nats stream edit {}`)",
        wanted.name,
        differences.join("; "),
        wanted.name
    )))
}

/// A bucket that is there, as it is wanted.
async fn existing_bucket(
    context: &Context,
    name: &str,
    max_age: Duration,
    options: &NatsOptions,
) -> Result<Option<Store>> {
    let stream = format!("KV_{name}");
    let found = match context.get_key_value(name).await {
        Ok(found) => found,
        // Only the stream's own answer says why not.
        Err(unsaid) => match context.get_stream(&stream).await {
            Ok(_) => return Err(LogError::unavailable(unsaid)),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(said) if said.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    return Ok(None);
                }
                GetStreamErrorKind::JetStream(said) => return Err(refused(&stream, &said)),
                _ => return Err(LogError::unavailable(error)),
            },
        },
    };
    let config = &found.stream.cached_info().config;
    if config.max_age != max_age || config.num_replicas != usize::from(options.replicas) {
        return Err(LogError::Unusable(format!(
            "bucket {name} of NATS keeps {} replicas for {} s, and {} for {} s are wanted: change `replicas`, or the stream (`nats stream edit KV_{name}`)",
            config.num_replicas,
            config.max_age.as_secs(),
            options.replicas,
            max_age.as_secs()
        )));
    }
    Ok(Some(found))
}

async fn bucket(context: &Context, name: &str, max_age: Duration, options: &NatsOptions) -> Result<Store> {
    let wanted = kv::Config {
        bucket: name.to_owned(),
        history: 1,
        max_age,
        // Revisions must not begin anew with a restart: they fence.
        storage: StorageType::File,
        num_replicas: usize::from(options.replicas),
        ..kv::Config::default()
    };
    for _ in 0..2 {
        if let Some(found) = existing_bucket(context, name, max_age, options).await? {
            return Ok(found);
        }
        if let Ok(made) = context.create_key_value(wanted.clone()).await {
            return Ok(made);
        }
    }
    let error = match context.create_key_value(wanted).await {
        Ok(made) => return Ok(made),
        Err(error) => error,
    };
    existing_bucket(context, name, max_age, options).await?.ok_or_else(|| {
        LogError::Unusable(format!(
            "bucket {name} of NATS cannot be made ({error}): see that JetStream has room, and as many servers as `replicas`"
        ))
    })
}
