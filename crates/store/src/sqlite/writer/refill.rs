//! Stored blocks again into an empty day file: what stands beside them is made anew from what is in them.
//!
//! So a damaged file is saved as far as its blocks can be read, and a sound one is compared with what it should hold.

use hiveboard_wire::Scope;
use rusqlite::{Connection, params};

use super::{
    super::{
        block::BlockView,
        dictionary::Dictionary,
        keys::{IdHash, StoreKey},
        row::BlockRow,
    },
    pack, rows,
    totals::Totals,
};
use crate::{Fresh, Result, StoreError};

pub(in crate::sqlite) struct Refill<'c> {
    connection: &'c Connection,
    key: StoreKey,
    dictionary: Dictionary,
    totals: Totals,
}

/// A block as it lies in a file.
pub(in crate::sqlite) struct Lying<'b> {
    pub(in crate::sqlite) scope: Scope,
    pub(in crate::sqlite) first_seq: u64,
    pub(in crate::sqlite) raw: &'b [u8],
    pub(in crate::sqlite) data: &'b [u8],
}

impl<'c> Refill<'c> {
    pub(in crate::sqlite) fn into(connection: &'c Connection, key: StoreKey) -> Self {
        Self { connection, key, dictionary: Dictionary::default(), totals: Totals::default() }
    }

    /// Takes a block in, unless it does not read as one from its first event to its last; answers how many events it holds.
    pub(in crate::sqlite) fn block(&mut self, block: &Lying<'_>) -> Result<u64> {
        let segments = read(block)?;
        let mut row = BlockRow::new(block.scope, block.first_seq);
        for fresh in &segments {
            row.add(&self.key, fresh);
        }
        row.finish(&self.key);
        pack::insert(self.connection, &row, block.raw.len(), block.data)?;
        self.totals.begin();
        let mut ids = Vec::with_capacity(row.count as usize * IdHash::BYTES);
        for fresh in &segments {
            rows::insert(self.connection, &mut self.dictionary, &mut self.totals, &self.key, block.scope, fresh)?;
            for one in fresh {
                ids.extend_from_slice(&self.key.id_hash(block.scope, &one.stored.event.event_id).to_bytes());
            }
        }
        self.totals.write(self.connection)?;
        self.connection
            .prepare_cached("INSERT INTO seen(first_seq, ids) VALUES (?1, ?2)")?
            .execute(params![block.first_seq, ids])?;
        Ok(row.count)
    }
}

/// The events of a block, a list a segment, numbered without a gap.
fn read(block: &Lying<'_>) -> Result<Vec<Vec<Fresh>>> {
    let mut expected = block.first_seq;
    let mut segments = Vec::new();
    for segment in BlockView::new(block.raw)?.segments()? {
        let mut events = Vec::with_capacity(segment.len());
        for index in 0..segment.len() {
            let event = segment.event(index);
            let (stored, call_cost) = (event.to_stored()?, event.call_cost());
            if stored.seq != expected {
                return Err(StoreError::Damaged(format!("seq {} stands where {expected} should", stored.seq)));
            }
            expected += 1;
            let body = stored.event.body();
            events.push(Fresh { stored, body, call_cost });
        }
        segments.push(events);
    }
    if segments.is_empty() {
        return Err(StoreError::Damaged("a block is empty".to_owned()));
    }
    Ok(segments)
}
