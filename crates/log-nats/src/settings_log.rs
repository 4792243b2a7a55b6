//! The settings' changes in a stream of their own, and files of all of them in an object store.
//!
//! Whoever changes settings blocks, on any thread. So everything async happens on a runtime of this log's own, and callers wait for it through a channel.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Duration,
};

use async_nats::{
    Client,
    jetstream::{
        self, Context,
        object_store::{self, GetErrorKind, ObjectStore},
        stream::{RawMessageErrorKind, StorageType, Stream},
    },
};
use futures_util::{StreamExt, TryStreamExt};
use hiveboard_settings::{Entries, Published, Replicate, Restored, SettingsError};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::timeout,
};

use crate::{
    Beside, LogError, NatsOptions, Result, connection, layout,
    names::Names,
    publish::{self, Publication, publish},
};

/// A change that NATS does not acknowledge within it is refused: somebody looks at a form meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);
/// The same once it was refused, until NATS answers again: others wait behind it.
const PATIENCE_AFTER: Duration = Duration::from_millis(300);
/// Files are large.
const FILE_PATIENCE: Duration = Duration::from_secs(60);
/// Entries fetched at once.
const MOST_ENTRIES: usize = 256;
/// A sign of an entry comes before NATS has stored it.
const PAUSE_AFTER_SIGN: Duration = Duration::from_millis(10);
/// How long after the time a question may take its answer is waited for, should the runtime be late.
const GRACE: Duration = Duration::from_secs(5);
const LEVEL: i32 = 3;
const HEADERS_BYTES: usize = 1_024;

/// The settings' log of a cluster.
pub struct SettingsLog {
    cluster: String,
    shared: Arc<Shared>,
    /// Moves when an entry was seen to pass.
    signs: watch::Receiver<u64>,
    /// Whether the last change was refused for want of an answer.
    is_away: Mutex<bool>,
    runtime: Option<Runtime>,
}

struct Shared {
    client: Client,
    context: Context,
    names: Names,
    options: NatsOptions,
    stream: Stream,
    subject: String,
    files: ObjectStore,
}

impl SettingsLog {
    /// Connects, and makes the stream and the store of files if they are missing. Blocks.
    ///
    /// # Errors
    /// As [`Log::connect`](crate::Log::connect).
    pub fn connect(options: &NatsOptions) -> Result<Self> {
        Self::connect_beside(options, &layout::Nothing)
    }

    /// The same where there may have been a cluster before.
    ///
    /// # Errors
    /// As [`Log::connect_beside`](crate::Log::connect_beside).
    pub fn connect_beside(options: &NatsOptions, beside: &dyn Beside) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("settings-log")
            .enable_all()
            .build()
            .map_err(|error| LogError::Failed(format!("no thread can be started: {error}")))?;
        // On a thread of its own, for the caller's may be another runtime's.
        let opened = std::thread::scope(|threads| threads.spawn(|| runtime.block_on(open(options, beside))).join());
        let (cluster, shared) =
            opened.unwrap_or_else(|_| Err(LogError::Failed("connecting came to a sudden end".to_owned())))?;
        let shared = Arc::new(shared);
        let (sign, signs) = watch::channel(0);
        runtime.spawn(watch_signs(Arc::clone(&shared), sign));
        Ok(Self { cluster, shared, signs, is_away: Mutex::new(false), runtime: Some(runtime) })
    }

    /// Runs a question on the log's runtime and waits for its answer.
    fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        question: impl Future<Output = Result<T>> + Send + 'static,
    ) -> hiveboard_settings::Result<T> {
        let (answer, answered) = mpsc::sync_channel(1);
        let Some(runtime) = &self.runtime else { return Err(said(LogError::Failed("it is closed".to_owned()))) };
        runtime.spawn(async move {
            let done = timeout(patience, question).await;
            let done = done.unwrap_or_else(|_| Err(LogError::Unavailable("it did not answer in time".to_owned())));
            let _nobody_waits = answer.send(done);
        });
        let done = answered.recv_timeout(patience + GRACE);
        done.unwrap_or_else(|_| Err(LogError::Unavailable("it did not answer in time".to_owned()))).map_err(said)
    }

    fn is_away(&self) -> std::sync::MutexGuard<'_, bool> {
        self.is_away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for SettingsLog {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Also where it is dropped on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

async fn open(options: &NatsOptions, beside: &dyn Beside) -> Result<(String, Shared)> {
    let names = Names::new(&options.prefix)?;
    let client = connection::connect(options, "settings").await?;
    let mut context = jetstream::new(client.clone());
    context.set_timeout(options.patience);
    let layout = layout::agree(&context, &names, options, beside).await?;
    let stream = layout::settings_stream(&context, &names, options).await?;
    let files = files(&context, &names, options).await?;
    context.set_timeout(PATIENCE);
    let subject = names.settings_subject();
    Ok((layout.cluster, Shared { client, context, names, options: options.clone(), stream, subject, files }))
}

pub(crate) async fn files(context: &Context, names: &Names, options: &NatsOptions) -> Result<ObjectStore> {
    let bucket = names.snapshots_bucket();
    if let Ok(found) = context.get_object_store(&bucket).await {
        return Ok(found);
    }
    let config = object_store::Config {
        bucket: bucket.clone(),
        storage: StorageType::File,
        num_replicas: usize::from(options.replicas),
        ..object_store::Config::default()
    };
    match context.create_object_store(config).await {
        Ok(made) => Ok(made),
        // Another node may have made it meanwhile.
        Err(error) => context.get_object_store(&bucket).await.map_err(|_| {
            LogError::Unusable(format!(
                "object store {bucket} of NATS cannot be made ({error}): see that JetStream has room, and as many servers as `replicas`"
            ))
        }),
    }
}

/// Notices entries as they pass. What is missed here is found by looking.
async fn watch_signs(shared: Arc<Shared>, sign: watch::Sender<u64>) {
    loop {
        if let Ok(mut passing) = shared.client.subscribe(shared.subject.clone()).await {
            while passing.next().await.is_some() {
                sign.send_modify(|count| *count += 1);
            }
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

fn said(error: LogError) -> SettingsError {
    match error {
        LogError::Unavailable(_) | LogError::Full(_) => SettingsError::Unavailable(error.to_string()),
        LogError::Unusable(what) => SettingsError::Unusable(what),
        other => SettingsError::Failed(other.to_string()),
    }
}

impl Replicate for SettingsLog {
    fn cluster(&self) -> &str {
        &self.cluster
    }

    fn publish(&self, last: u64, id: &str, entry: &[u8]) -> hiveboard_settings::Result<Published> {
        let payload = zstd::bulk::compress(entry, LEVEL).map_err(|error| said(LogError::Failed(error.to_string())))?;
        let most = self.shared.client.max_payload().saturating_sub(HEADERS_BYTES);
        if payload.len() > most {
            return Err(said(LogError::Failed(format!(
                "a change of {} bytes is more than NATS takes ({most}): raise its `max_payload`",
                payload.len()
            ))));
        }
        let publication = Publication {
            subject: self.shared.subject.clone(),
            id: id.to_owned(),
            after: Some(last),
            payload: payload.into(),
        };
        let patience = if *self.is_away() { PATIENCE_AFTER } else { PATIENCE };
        let shared = Arc::clone(&self.shared);
        let done = self.ask(patience + GRACE, async move { publish(&shared.client, &publication, patience).await });
        *self.is_away() = matches!(done, Err(SettingsError::Unavailable(_)));
        Ok(match done? {
            publish::Published::At(place) => Published::At(place),
            publish::Published::Conflict => Published::Conflict,
        })
    }

    fn entries_after(&self, last: u64) -> hiveboard_settings::Result<Entries> {
        let shared = Arc::clone(&self.shared);
        self.ask(PATIENCE, async move {
            let state = shared.stream.get_info().await.map_err(LogError::unavailable)?.state;
            if state.last_sequence < last {
                let name = &shared.stream.cached_info().config.name;
                if state.messages > 0 {
                    return Err(LogError::Unusable(format!(
                        "stream {name} of NATS ends at change {}, and this node has all up to {last}: it was made anew or has lost its end, and settings were changed since. \
                         Stop all nodes, let it go on behind what they have (`nats stream purge {name} --seq {}`), start them, and make those changes again",
                        state.last_sequence,
                        last + 1
                    )));
                }
                tracing::error!(stream = name, last, "the stream of the settings was made anew; it goes on behind the changes that nodes have");
                shared.stream.purge().sequence(last + 1).await.map_err(LogError::unavailable)?;
                return Ok(Entries::Some(Vec::new()));
            }
            if state.last_sequence > last && state.first_sequence > last + 1 {
                return Ok(Entries::Trimmed);
            }
            let end = state.last_sequence.min(last + MOST_ENTRIES as u64);
            let mut entries = Vec::new();
            for place in last + 1..=end {
                match shared.stream.get_raw_message(place).await {
                    Ok(message) => entries.push((place, unpack(&message.payload)?)),
                    // Trimmed in this moment.
                    Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => break,
                    Err(error) => return Err(LogError::unavailable(error)),
                }
            }
            if entries.is_empty() && end > last { Ok(Entries::Trimmed) } else { Ok(Entries::Some(entries)) }
        })
    }

    fn wait_after(&self, last: u64, patience: Duration) {
        let mut signs = self.signs.clone();
        let shared = Arc::clone(&self.shared);
        // A sign that came while the caller was not waiting is not seen: the end of the stream tells.
        let _answer = self.ask(patience, async move {
            signs.mark_unchanged();
            if let Ok(info) = shared.stream.get_info().await
                && info.state.last_sequence > last
            {
                return Ok(());
            }
            let _closed = signs.changed().await;
            tokio::time::sleep(PAUSE_AFTER_SIGN).await;
            Ok(())
        });
    }

    fn trim(&self, last: u64) -> hiveboard_settings::Result<()> {
        let shared = Arc::clone(&self.shared);
        self.ask(PATIENCE, async move {
            shared.stream.purge().sequence(last + 1).await.map_err(LogError::unavailable)?;
            Ok(())
        })
    }

    fn keep_file(&self, name: &str, file: &Path) -> hiveboard_settings::Result<()> {
        let (shared, name, file) = (Arc::clone(&self.shared), name.to_owned(), file.to_owned());
        self.ask(FILE_PATIENCE, async move {
            let packed = pack(&file).await?;
            shared.files.put(name.as_str(), &mut packed.as_slice()).await.map_err(LogError::unavailable)?;
            Ok(())
        })
    }

    fn fetch_file(&self, name: &str, into: &Path) -> hiveboard_settings::Result<bool> {
        let (shared, name, into) = (Arc::clone(&self.shared), name.to_owned(), into.to_owned());
        self.ask(FILE_PATIENCE, async move {
            let mut object = match shared.files.get(&name).await {
                Ok(object) => object,
                Err(error) if error.kind() == GetErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(LogError::unavailable(error)),
            };
            let mut packed = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut object, &mut packed).await.map_err(LogError::unavailable)?;
            let bytes = unpack(&packed)?;
            tokio::fs::write(&into, bytes).await.map_err(|error| failed(&into, &error))?;
            Ok(true)
        })
    }

    fn file_names(&self) -> hiveboard_settings::Result<Vec<String>> {
        let shared = Arc::clone(&self.shared);
        self.ask(PATIENCE, async move {
            let list = shared.files.list().await.map_err(LogError::unavailable)?;
            let found: Vec<_> = list.try_collect().await.map_err(LogError::unavailable)?;
            Ok(found.into_iter().filter(|info| !info.deleted).map(|info| info.name).collect())
        })
    }

    fn forget_file(&self, name: &str) -> hiveboard_settings::Result<()> {
        let (shared, name) = (Arc::clone(&self.shared), name.to_owned());
        self.ask(PATIENCE, async move { shared.files.delete(&name).await.map_err(LogError::unavailable) })
    }

    fn restored(&self) -> hiveboard_settings::Result<Option<Restored>> {
        let shared = Arc::clone(&self.shared);
        self.ask(PATIENCE, async move {
            let found = layout::find(&shared.context, &shared.names, &shared.options).await?;
            // Whoever makes the log anew writes it last.
            let found = found.ok_or_else(|| LogError::Unavailable("it does not say what the cluster is".to_owned()))?;
            Ok(found.restored())
        })
    }
}

/// A file as it lies in the store of files.
pub(crate) async fn pack(file: &Path) -> Result<Vec<u8>> {
    let bytes = tokio::fs::read(file).await.map_err(|error| failed(file, &error))?;
    zstd::bulk::compress(&bytes, LEVEL).map_err(|error| failed(file, &error))
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    zstd::stream::decode_all(packed).map_err(|error| LogError::Failed(format!("something in NATS is damaged: {error}")))
}

fn failed(file: &Path, error: &std::io::Error) -> LogError {
    LogError::Failed(format!("{}: {error}", file.display()))
}
