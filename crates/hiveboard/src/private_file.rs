//! Small files that hold a secret: whole or not at all, and for nobody else.

use std::{io::Write, path::Path};

use anyhow::Context;

/// Writes a file in one step, and its folder where there is none. A file that is there keeps who may read it; a new one is its owner's alone.
pub(crate) fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
    let told = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(told)?;
    }
    let beside = path.with_file_name(format!(".{name}.{}.hiveboard", std::process::id()));
    let mode = std::fs::metadata(path).map_or(0o600, |there| there.permissions().mode() & 0o777);
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)
        .with_context(told)?;
    file.write_all(text.as_bytes()).with_context(told)?;
    file.sync_all().with_context(told)?;
    std::fs::rename(&beside, path).with_context(told)
}
