//! Stored blocks again into an empty day file: what stands beside them is made anew from what is in them.
//!
//! So a damaged file is saved as far as its blocks can be read, and a sound one is compared with what it should hold.

use hiveboard_wire::Scope;
use rusqlite::{Connection, params};

use super::{
    super::{
        block::BlockView,
        day::{Marks, set_about},
        dictionary::Dictionary,
        keys::{IdHash, StoreKey},
        recent::Sums,
        row::{BlockRow, write_references},
    },
    fold, pack, rows,
};
use crate::{Fresh, Result, StoreError};

pub(in crate::sqlite) struct Refill<'c> {
    connection: &'c Connection,
    key: StoreKey,
    marks: Marks,
    dictionary: Dictionary,
    references: Vec<u8>,
}

/// A block as it lies in a file.
pub(in crate::sqlite) struct Lying<'b> {
    pub(in crate::sqlite) scope: Scope,
    pub(in crate::sqlite) first_seq: u64,
    pub(in crate::sqlite) raw: &'b [u8],
    pub(in crate::sqlite) data: &'b [u8],
}

impl<'c> Refill<'c> {
    /// `marks` say what of a block stands where.
    pub(in crate::sqlite) fn into(connection: &'c Connection, key: StoreKey, marks: Marks) -> Self {
        Self { connection, key, marks, dictionary: Dictionary::default(), references: Vec::new() }
    }

    /// Takes a block in, unless it does not read as one from its first event to its last; answers how many events it holds.
    pub(in crate::sqlite) fn block(&mut self, block: &Lying<'_>) -> Result<u64> {
        let segments = read_block(block)?;
        let first = block.first_seq as i64;
        let all_labels = first >= self.marks.listed_from;
        let mut row = BlockRow::new(block.scope, block.first_seq);
        row.all_labels = all_labels;
        for fresh in &segments {
            row.add(&self.key, fresh);
        }
        row.finish(&self.key);
        write_references(&row.references, &mut self.references);
        let references = all_labels.then_some(&*self.references);
        pack::insert(self.connection, &row, references, block.raw.len(), block.data)?;
        if first < self.marks.references_from {
            let mut insert =
                self.connection.prepare_cached("INSERT OR IGNORE INTO reference(key, block) VALUES (?1, ?2)")?;
            for reference in &row.references {
                insert.execute(params![reference, first])?;
            }
        }
        let mut sums = Sums::default();
        let mut ids = Vec::with_capacity(row.count as usize * IdHash::BYTES);
        for fresh in &segments {
            let dictionary = &mut self.dictionary;
            rows::insert(self.connection, dictionary, &mut sums, &self.key, block.scope, fresh, all_labels)?;
            for one in fresh {
                ids.extend_from_slice(&self.key.id_hash(block.scope, &one.stored.event.event_id).to_bytes());
            }
        }
        if first < self.marks.sums_from {
            fold::write_sums(self.connection, &sums)?;
            if first >= self.marks.labels_from {
                fold::write_label_sums(self.connection, &sums)?;
            }
        }
        self.connection
            .prepare_cached("INSERT INTO seen(first_seq, ids) VALUES (?1, ?2)")?
            .execute(params![block.first_seq, ids])?;
        Ok(row.count)
    }

    /// All blocks below that number are in the tables.
    pub(in crate::sqlite) fn finish(self, next_seq: u64) -> Result<()> {
        set_about(self.connection, "references_from", next_seq)?;
        set_about(self.connection, "sums_from", next_seq)
    }
}

/// The events of a block, a list a segment, numbered without a gap.
pub(in crate::sqlite) fn read_block(block: &Lying<'_>) -> Result<Vec<Vec<Fresh>>> {
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
