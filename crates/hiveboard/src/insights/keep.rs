//! The sums on disk: one file beside the store, which can be deleted.

use std::{
    collections::HashMap,
    io::{Read, Write},
    path::Path,
    sync::atomic::Ordering,
};

use hiveboard_insights::fold::Memory;
use hiveboard_wire::Scope;

use super::Insights;

/// Another one means: gather anew.
const VERSION: u32 = 3;
const LEVEL: i32 = 1;

/// The file's name in the data directory.
pub(super) const SUMS: &str = "insights.sums";

/// Removes the sums of a data directory that no server uses: they are gathered anew from the events.
///
/// # Errors
/// When the file is there and cannot be removed.
pub fn remove_sums(data_dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(data_dir.join(SUMS)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Insights {
    /// Writes the sums down, whole or not at all.
    pub(super) fn keep(&self) {
        // Before the first events are all in, the file that is there says more.
        if !self.is_ready.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = self.write() {
            tracing::warn!(%error, "what insights are computed from was not written down; it is gathered anew at the next start");
        }
    }

    fn write(&self) -> anyhow::Result<()> {
        let bytes = {
            let scopes = self.scopes.lock();
            let by_number: HashMap<u32, &Memory> =
                scopes.iter().map(|(scope, memory)| (scope.number(), memory)).collect();
            let sums = (VERSION, self.seq.load(Ordering::Acquire), by_number);
            // As many bytes as it takes: a vector that grows would take twice as many.
            let room = postcard::experimental::serialized_size(&sums)?;
            postcard::to_extend(&sums, Vec::with_capacity(room))?
        };
        let fresh = self.file.with_extension("new");
        let mut encoder = zstd::Encoder::new(std::fs::File::create(&fresh)?, LEVEL)?;
        encoder.include_checksum(true)?;
        encoder.write_all(&bytes)?;
        encoder.finish()?.sync_all()?;
        std::fs::rename(&fresh, &self.file)?;
        Ok(())
    }

    /// Reads them back, where they are of this version and know no more than the store.
    pub(super) fn restore(&self, head: u64) {
        let Ok(file) = std::fs::File::open(&self.file) else { return };
        let read = || -> anyhow::Result<(u32, u64, HashMap<u32, Memory>)> {
            let mut bytes = Vec::new();
            zstd::Decoder::new(file)?.read_to_end(&mut bytes)?;
            let (version, rest): (u32, &[u8]) = postcard::take_from_bytes(&bytes)?;
            anyhow::ensure!(version == VERSION, "it is of another version");
            let (seq, memories) = postcard::from_bytes(rest)?;
            Ok((version, seq, memories))
        };
        match read() {
            Ok((_, seq, memories)) if seq <= head => {
                let mut scopes = self.scopes.lock();
                scopes.extend(
                    memories.into_iter().map(|(number, memory)| (Scope::from_number(number), memory.restored())),
                );
                self.seq.store(seq, Ordering::Release);
            }
            Ok(_) => tracing::info!("what insights are computed from is of another store, and is gathered anew"),
            Err(error) => {
                tracing::info!(%error, "what insights are computed from cannot be read back, and is gathered anew");
            }
        }
    }
}
