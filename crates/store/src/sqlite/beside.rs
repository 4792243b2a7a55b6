//! The events of a data directory, read beside the server that writes them. Changes nothing.

use std::path::{Path, PathBuf};

use hiveboard_wire::{CallCost, Scope, StoredEvent};

use super::{day, files, reader::Reader, replay::in_day};
use crate::{Appended, Batch, EventLog, Position, Result, StoreError};

/// All events of a directory that another process may write to. What is being written while it is read is there at the next look.
pub struct EventsBeside {
    dir: PathBuf,
}

impl EventsBeside {
    /// Of a directory; whether anything is in it shows when it is read.
    pub fn of(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// How many events there are.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn count(&self) -> Result<u64> {
        let mut count = 0;
        for number in files::days_in(&self.dir)? {
            let of_day = self.in_day(number, |reader| {
                let sql = "SELECT coalesce(sum(count), 0) FROM block";
                Ok(reader.connection.query_row(sql, [], |row| row.get::<_, u64>(0))?)
            })?;
            count += of_day.unwrap_or(0);
        }
        Ok(count)
    }

    /// Reads a day; `None` when retention took it away meanwhile, or nothing is in it yet.
    fn in_day<T>(&self, number: i64, read: impl FnOnce(&mut Reader) -> Result<T>) -> Result<Option<T>> {
        let path = files::day_path(&self.dir, number);
        let opened = Reader::open(&path).and_then(|reader| {
            let version: usize = reader.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            Ok((reader, version))
        });
        let (mut reader, version) = match opened {
            Err(_) if !path.exists() => return Ok(None),
            other => other?,
        };
        match version {
            // It is being made.
            0 => Ok(None),
            version if version == day::MIGRATIONS.len() => read(&mut reader).map(Some),
            version => Err(StoreError::Unusable(format!(
                "{} is of another version of HiveBoard ({version}, this one knows {}): run a server of this version on the directory first",
                path.display(),
                day::MIGRATIONS.len()
            ))),
        }
    }
}

impl EventLog for EventsBeside {
    fn append(&self, _: Vec<Batch>) -> Result<Vec<Appended>> {
        Err(StoreError::Unusable(format!("{} is only read here", self.dir.display())))
    }

    fn replay(&self, after: Position, visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>)) -> Result<()> {
        let mut after = after.seq();
        // A later day begins when the one before has all that it will have; so what is listed now is whole but for the last.
        for number in files::days_in(&self.dir)? {
            let mut seen = after;
            self.in_day(number, |reader| {
                in_day(reader, after, &mut |scope, event, cost| {
                    seen = event.seq;
                    visit(scope, event, cost);
                })
            })?;
            after = seen;
        }
        Ok(())
    }

    fn head(&self) -> Position {
        let last = |number: i64| {
            let read = self.in_day(number, |reader| {
                Ok(reader
                    .connection
                    .query_row("SELECT max(last_seq) FROM block", [], |row| row.get::<_, Option<u64>>(0))?)
            });
            read.ok().flatten().flatten()
        };
        let days = files::days_in(&self.dir).unwrap_or_default();
        Position::of_seq(days.into_iter().rev().find_map(last).unwrap_or(0))
    }
}
