//! An event by its id: by the hashes that tell repeated ones, newest day first; by looking through the day where these are gone.

use hiveboard_wire::{CallCost, EventId, Scope, StoredEvent};
use rusqlite::params;

use super::{
    block::BlockView, catalog::Catalog, dedup::find_in_file, events::with_event, keys::IdHash, reader::Reader,
};
use crate::Result;

type Found = (StoredEvent, Option<CallCost>);

pub(super) fn event(catalog: &Catalog, scope: Scope, id: &EventId) -> Result<Option<Found>> {
    let Some(key) = catalog.key() else { return Ok(None) };
    let (deadline, hash) = (catalog.deadline(), key.id_hash(scope, id));
    for day in catalog.days().into_iter().rev() {
        let found = day.read(deadline, |reader| in_day(reader, scope, id, hash))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn in_day(reader: &mut Reader, scope: Scope, id: &EventId, hash: IdHash) -> Result<Option<Found>> {
    let mut candidates = Vec::new();
    let is_sealed = find_in_file(&reader.connection, hash, &mut candidates)?;
    let is_logged = in_log(reader, hash, &mut candidates)?;
    if !is_sealed && !is_logged {
        return through_blocks(reader, scope, id);
    }
    for seq in candidates.into_iter().rev() {
        let found = with_event(reader, scope, seq, |event| Ok((event.to_stored()?, event.call_cost())))?;
        // Equal hashes are not equal ids.
        if let Some(found) = found.filter(|(stored, _)| stored.event.event_id == *id) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether the file has a log of ids at all.
fn in_log(reader: &Reader, hash: IdHash, into: &mut Vec<u64>) -> Result<bool> {
    let wanted = hash.to_bytes();
    let mut statement = reader.connection.prepare_cached("SELECT first_seq, ids FROM seen ORDER BY first_seq")?;
    let mut rows = statement.query([])?;
    let mut any = false;
    while let Some(row) = rows.next()? {
        any = true;
        reader.deadline.check()?;
        let first_seq = row.get::<_, i64>(0)? as u64;
        let ids = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let places = ids.chunks_exact(IdHash::BYTES).enumerate().filter(|(_, id)| *id == wanted);
        into.extend(places.map(|(place, _)| first_seq + place as u64));
    }
    Ok(any)
}

/// Days whose ids are asked for by nobody any more have lost them with a scope that was let go.
fn through_blocks(reader: &mut Reader, scope: Scope, id: &EventId) -> Result<Option<Found>> {
    let Reader { connection, opener, deadline, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT d.raw_bytes, d.data FROM block b JOIN block_data d ON d.id = b.id WHERE b.scope = ?1 ORDER BY b.id DESC",
    )?;
    let mut rows = statement.query(params![scope.number()])?;
    while let Some(row) = rows.next()? {
        deadline.check()?;
        let raw_bytes = row.get::<_, u32>(0)? as usize;
        let data = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
            for event in (0..segment.len()).map(|index| segment.event(index)) {
                if event.event_id()? == *id {
                    return Ok(Some((event.to_stored()?, event.call_cost())));
                }
            }
        }
    }
    Ok(None)
}
