//! A log that NATS has lost, made anew.

use std::path::Path;

use futures_util::TryStreamExt as _;
use hiveboard_settings::{Restored, SettingsCopy, kept_file_name, kept_file_number};

use crate::{
    Beside, Log, LogError, NatsOptions, Result,
    layout::{self, Layout},
    log::reach,
    settings_log::{files, pack},
};

/// Makes the log of a cluster anew from a node's copy of its settings: `file` is what
/// [`SqliteSettings::write_restored`](hiveboard_settings::SqliteSettings::write_restored) made of it. The cluster stays the one that it was, so nodes that run
/// go on. May be ended at any point, and done again.
///
/// # Errors
/// [`LogError::Unusable`] when NATS holds a cluster, or newer settings than these; and as [`Log::connect_beside`].
pub async fn restore(
    options: &NatsOptions,
    copy: &SettingsCopy,
    file: &Path,
    partitions: u16,
    beside: &dyn Beside,
) -> Result<Log> {
    let (_client, context, names) = reach(options).await?;
    ensure_lost(layout::find(&context, &names, options).await?.as_ref())?;
    let restored = Restored { from: copy.last };
    let files = files(&context, &names, options).await?;
    let found: Vec<_> =
        files.list().await.map_err(LogError::unavailable)?.try_collect().await.map_err(LogError::unavailable)?;
    let kept = found.iter().filter(|info| !info.deleted).filter_map(|info| kept_file_number(&info.name));
    if let Some(newer) = kept.filter(|last| *last > restored.from && *last != restored.behind()).max() {
        return Err(layout::has_newer_settings(newer, restored));
    }
    let packed = pack(file).await?;
    files
        .put(kept_file_name(restored.behind()).as_str(), &mut packed.as_slice())
        .await
        .map_err(LogError::unavailable)?;
    layout::settings_stream_behind(&context, &names, options, restored).await?;
    // Last, for by it nodes know that there is a log.
    let layout = Layout::new(copy.cluster.clone(), partitions, Some(restored.from));
    if !layout::write_anew(&context, &names, options, &layout).await? {
        ensure_lost(layout::find(&context, &names, options).await?.as_ref())?;
    }
    Log::connect_beside(options, beside).await
}

fn ensure_lost(found: Option<&Layout>) -> Result<()> {
    match found {
        None => Ok(()),
        Some(found) => Err(LogError::Unusable(format!(
            "NATS holds the log of cluster {}: there is nothing to restore",
            found.cluster
        ))),
    }
}
