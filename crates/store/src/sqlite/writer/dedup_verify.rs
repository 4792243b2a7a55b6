//! Compares an id with the one stored, where their hashes are equal.

use std::sync::Arc;

use hiveboard_wire::{EventId, Scope};
use rusqlite::{OptionalExtension, params};

use super::super::{block::BlockView, catalog::Catalog, day::Day, reader::Deadline};
use crate::Result;

/// Looks up stored ids. Keeps the last block, since batches are repeated as a whole.
pub(super) struct Verifier<'a> {
    catalog: &'a Catalog,
    last: Option<Ids>,
}

struct Ids {
    scope: Scope,
    ids: Vec<(u64, EventId)>,
}

impl<'a> Verifier<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, last: None }
    }

    /// Whether the event `seq` is of this scope and has this id.
    pub(super) fn is_stored_as(&mut self, seq: u64, scope: Scope, id: &EventId) -> Result<bool> {
        let known = self.last.as_ref().is_some_and(|last| last.scope == scope && last.find(seq).is_some());
        if !known {
            let Some(day) = self.catalog.day_of_seq(seq) else { return Ok(false) };
            self.last = read_ids(&day, scope, seq)?.map(|ids| Ids { scope, ids });
        }
        Ok(self.last.as_ref().and_then(|last| last.find(seq)).is_some_and(|stored| stored == id))
    }
}

impl Ids {
    fn find(&self, seq: u64) -> Option<&EventId> {
        let place = self.ids.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
        Some(&self.ids[place].1)
    }
}

fn read_ids(day: &Arc<Day>, scope: Scope, seq: u64) -> Result<Option<Vec<(u64, EventId)>>> {
    day.read(Deadline::NONE, |reader| {
        let mut statement = reader.connection.prepare_cached(
            "SELECT d.raw_bytes, d.data FROM block_data d WHERE d.id =
                (SELECT id FROM block WHERE scope = ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1)",
        )?;
        let found = statement
            .query_row(params![scope.number(), seq], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .optional()?;
        let Some((raw_bytes, data)) = found else { return Ok(None) };
        let raw = reader.opener.open(raw_bytes as usize, &data)?;
        let mut ids = Vec::new();
        for segment in BlockView::new(raw)?.segments()? {
            for index in 0..segment.len() {
                let event = segment.event(index);
                ids.push((event.seq(), event.event_id()?));
            }
        }
        Ok(Some(ids))
    })
}
