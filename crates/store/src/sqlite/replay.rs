//! All events again, in the order of `seq`.

use hiveboard_wire::{CallCost, Scope, StoredEvent};

use super::{
    block::BlockView,
    catalog::Catalog,
    events::block_of,
    reader::{Deadline, Reader},
    rescue::rescue,
    writer::WriterSlot,
};
use crate::{Result, StoreError};

pub(super) fn replay(
    catalog: &Catalog,
    writer: &WriterSlot,
    after: u64,
    visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>),
) -> Result<()> {
    let mut after = after;
    let mut days = catalog.days();
    while !days.is_empty() {
        let day = days.remove(0);
        let range = day.range();
        if range.events == 0 || range.last_seq <= after {
            continue;
        }
        let mut seen = after;
        let mut count = |scope, event: StoredEvent, cost| {
            seen = event.seq;
            visit(scope, event, cost);
        };
        // At start of the server, nobody waits for anything else.
        match day.read(Deadline::NONE, |reader| in_day(reader, after, &mut count)) {
            Ok(()) => {}
            // It goes on behind what was visited, with what could be saved.
            Err(StoreError::Damaged(_)) => {
                rescue(catalog, writer)?;
                days = catalog.days();
            }
            Err(other) => return Err(other),
        }
        after = seen;
    }
    Ok(())
}

/// Visits what a day holds after a place.
pub(super) fn in_day(
    reader: &mut Reader,
    after: u64,
    visit: &mut dyn FnMut(Scope, StoredEvent, Option<CallCost>),
) -> Result<()> {
    let Reader { connection, opener, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT b.scope, d.raw_bytes, d.data FROM block b JOIN block_data d ON d.id = b.id
         WHERE b.id >= coalesce((SELECT max(id) FROM block WHERE id <= ?1), 0) ORDER BY b.id",
    )?;
    let mut rows = statement.query([i64::try_from(after).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        let scope = Scope::from_number(row.get(0)?);
        let (raw_bytes, data) = block_of(row, 1)?;
        for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
            for index in 0..segment.len() {
                let event = segment.event(index);
                if event.seq() > after {
                    visit(scope, event.to_stored()?, event.call_cost());
                }
            }
        }
    }
    Ok(())
}
