//! Compares an id with the one stored, where their hashes are equal.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use hiveboard_wire::{Event, EventId, Scope};
use rusqlite::{OptionalExtension, params};
use serde_json::value::RawValue;

use super::super::{block::BlockView, catalog::Catalog, day::Day, reader::Deadline};
use crate::Result;

/// Looks up stored ids. Keeps the last block, since batches are repeated as a whole.
pub(super) struct Verifier<'a> {
    catalog: &'a Catalog,
    last: Option<Ids>,
}

struct Ids {
    scope: Scope,
    /// With the hash of the content.
    ids: Vec<(u64, EventId, u64)>,
}

/// What tells a repetition from another event that has the same id.
pub(super) fn content_hash(agent_id: &str, event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    agent_id.hash(&mut hasher);
    event.timestamp.0.hash(&mut hasher);
    event.event_type.as_str().hash(&mut hasher);
    for label in [&event.task_id, &event.task_run_id, &event.action_id] {
        label.hash(&mut hasher);
    }
    event.payload.as_deref().map(RawValue::get).hash(&mut hasher);
    hasher.finish()
}

impl<'a> Verifier<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self { catalog, last: None }
    }

    /// The content's hash of the event `seq`, if it is of this scope and has this id.
    pub(super) fn content_of(&mut self, seq: u64, scope: Scope, id: &EventId) -> Result<Option<u64>> {
        let known = self.last.as_ref().is_some_and(|last| last.scope == scope && last.find(seq).is_some());
        if !known {
            let Some(day) = self.catalog.day_of_seq(seq) else { return Ok(None) };
            self.last = read_ids(&day, scope, seq)?.map(|ids| Ids { scope, ids });
        }
        let stored = self.last.as_ref().and_then(|last| last.find(seq));
        Ok(stored.filter(|(_, stored, _)| stored == id).map(|(_, _, content)| *content))
    }
}

impl Ids {
    fn find(&self, seq: u64) -> Option<&(u64, EventId, u64)> {
        let place = self.ids.binary_search_by_key(&seq, |(seq, ..)| *seq).ok()?;
        Some(&self.ids[place])
    }
}

fn read_ids(day: &Arc<Day>, scope: Scope, seq: u64) -> Result<Option<Vec<(u64, EventId, u64)>>> {
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
                let event = segment.event(index).to_stored()?;
                let content = content_hash(&event.envelope.agent_id, &event.event);
                ids.push((event.seq, event.event.event_id, content));
            }
        }
        Ok(Some(ids))
    })
}
