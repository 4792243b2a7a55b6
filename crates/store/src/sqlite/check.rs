//! Reads everything and says what is wrong.

use super::{
    block::BlockView,
    catalog::Catalog,
    events::block_of,
    reader::{Deadline, Reader},
};
use crate::{Result, StoreError};

/// One line a fault.
pub(super) fn check(catalog: &Catalog) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let mut previous = 0;
    for day in catalog.days() {
        let name = day.path.display().to_string();
        let checked = day.read(Deadline::NONE, |reader| in_day(reader, &name, &mut previous, &mut faults));
        match checked {
            Ok(()) => {}
            Err(StoreError::Unusable(what)) => faults.push(what),
            Err(other) => return Err(other),
        }
    }
    Ok(faults)
}

fn in_day(reader: &mut Reader, name: &str, previous: &mut u64, faults: &mut Vec<String>) -> Result<()> {
    let Reader { connection, opener, .. } = reader;
    let mut integrity = connection.prepare("PRAGMA integrity_check")?;
    for line in integrity.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            faults.push(format!("{name}: {line}"));
        }
    }
    let mut statement = connection.prepare(
        "SELECT b.id, b.last_seq, b.count, d.raw_bytes, d.data FROM block b LEFT JOIN block_data d ON d.id = b.id ORDER BY b.id",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, last_seq, count): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (id, last_seq) = (id as u64, last_seq as u64);
        if id <= *previous {
            faults.push(format!("{name}: block {id} begins before the one before it ends"));
        }
        *previous = last_seq;
        if row.get_ref(4)? == rusqlite::types::ValueRef::Null {
            faults.push(format!("{name}: block {id} has no data"));
            continue;
        }
        let (raw_bytes, data) = block_of(row, 3)?;
        let opened = opener.open(raw_bytes, data).and_then(|raw| events_in(raw, id));
        match opened {
            Ok((events, last)) if events as i64 == count && last == last_seq => {}
            Ok((events, last)) => faults.push(format!(
                "{name}: block {id} holds {events} events up to seq {last}; its row says {count} up to {last_seq}"
            )),
            Err(error) => faults.push(format!("{name}: block {id}: {error}")),
        }
    }
    Ok(())
}

/// How many events a block holds that can be read, and the last `seq`.
fn events_in(raw: &[u8], first_seq: u64) -> Result<(usize, u64)> {
    let (mut events, mut expected) = (0, first_seq);
    for segment in BlockView::new(raw)?.segments()? {
        for index in 0..segment.len() {
            let stored = segment.event(index).to_stored()?;
            if stored.seq != expected {
                return Err(StoreError::Unusable(format!("seq {} stands where {expected} should", stored.seq)));
            }
            expected += 1;
            events += 1;
        }
    }
    Ok((events, expected - 1))
}
