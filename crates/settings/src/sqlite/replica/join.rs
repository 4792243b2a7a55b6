//! A file's first steps in a cluster.

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{BASE_PREFIX, Change, Entry, MIGRATIONS, Shared, file, set_last};
use crate::{Entries, Published, Result, SettingsError};

impl Shared {
    /// Sees to it that the file is the cluster's: an empty one becomes so; one of a server of its own is what the cluster begins with, if it has
    /// not begun yet.
    pub(super) fn join(&self, connection: &mut Connection) -> Result<()> {
        let row = "SELECT cluster, base FROM replica";
        let row: Option<(String, Option<String>)> =
            connection.query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match row {
            Some((cluster, _)) if cluster != self.log.cluster() => Err(SettingsError::Unusable(format!(
                "{} is a copy of another cluster's settings ({cluster}; this one is {}): move it away, and the node fetches this one's",
                self.path.display(),
                self.log.cluster()
            ))),
            // It was stopped while the cluster began with it.
            Some((_, Some(base))) => self.finish_base(connection, &base),
            Some((_, None)) => Ok(()),
            None if is_empty(connection)? => self.mark(connection, None),
            None => self.begin_with(connection),
        }
    }

    fn mark(&self, connection: &Connection, base: Option<&str>) -> Result<()> {
        connection.execute(
            "INSERT INTO replica(only_one, cluster, last, base) VALUES (1, ?1, 0, ?2)",
            params![self.log.cluster(), base],
        )?;
        Ok(())
    }

    /// Makes this file's settings those of the cluster.
    fn begin_with(&self, connection: &Connection) -> Result<()> {
        if !matches!(self.log.entries_after(0)?, Entries::Some(entries) if entries.is_empty()) {
            return Err(self.not_of_the_cluster());
        }
        let base = format!("{BASE_PREFIX}{}", Uuid::new_v4().simple());
        self.mark(connection, Some(&base))?;
        let copy = self.path.with_extension("kept");
        file::write_to(&self.path, &copy)?;
        self.log.keep_file(&base, &copy)?;
        file::remove(&copy)?;
        let id = Uuid::new_v4();
        let change = Change::Base(base.clone());
        let entry = Entry { id: id.into_bytes(), schema: MIGRATIONS.len() as u32, change };
        match self.log.publish(0, &id.simple().to_string(), &entry.encode())? {
            Published::At(place) => begun(connection, place),
            Published::Conflict => self.finish_base(connection, &base),
        }
    }

    fn finish_base(&self, connection: &Connection, base: &str) -> Result<()> {
        let first = match self.log.entries_after(0)? {
            Entries::Some(entries) => entries.into_iter().next(),
            Entries::Trimmed => None,
        };
        if let Some((place, bytes)) = &first
            && matches!(Entry::decode(bytes)?.change, Change::Base(name) if name == base)
        {
            return begun(connection, *place);
        }
        connection.execute("DELETE FROM replica", [])?;
        self.log.forget_file(base)?;
        match first {
            Some(_) => Err(self.not_of_the_cluster()),
            None => self.begin_with(connection),
        }
    }

    fn not_of_the_cluster(&self) -> SettingsError {
        SettingsError::Unusable(format!(
            "{} holds the settings of a server of its own, and the cluster has settings already: move the file away, and the node fetches the cluster's",
            self.path.display()
        ))
    }
}

fn begun(connection: &Connection, place: u64) -> Result<()> {
    connection.execute("UPDATE replica SET base = NULL", [])?;
    set_last(connection, place)
}

fn is_empty(connection: &Connection) -> Result<bool> {
    Ok(connection.query_row("SELECT NOT EXISTS(SELECT 1 FROM workspaces)", [], |row| row.get(0))?)
}
