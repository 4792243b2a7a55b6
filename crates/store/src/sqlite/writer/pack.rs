//! Puts what arrived into blocks.
//!
//! Batches of one commit share blocks, whoever sent them: small batches make poor blocks.

use hiveboard_wire::Scope;
use rusqlite::{Connection, params};

use super::super::{
    block::{self, SegmentEncoder},
    catalog::Written,
    compression,
    keys::StoreKey,
    recent::Listed,
    row::{BlockRow, write_references},
    search::Unpacked,
};
use crate::{Fresh, Result};

/// A block is closed rather than made larger than this.
pub(in crate::sqlite) const BLOCK_EVENTS: usize = 128;
/// Or than this, before compression.
pub(in crate::sqlite) const BLOCK_BYTES: usize = 256 << 10;

const NOTHING: Written = Written { events: 0, least_timestamp: i64::MAX, greatest_timestamp: i64::MIN };

pub(super) struct Packer {
    encoder: SegmentEncoder,
    compressor: zstd::bulk::Compressor<'static>,
    raw: Vec<u8>,
    compressed: Vec<u8>,
    references: Vec<u8>,
    current: Option<BlockRow>,
    written: Written,
    listed: Vec<Listed>,
    /// The blocks of the commit under way before they were compressed.
    unpacked: Vec<Unpacked>,
}

impl Packer {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            encoder: SegmentEncoder::default(),
            compressor: compression::compressor()?,
            raw: Vec::new(),
            compressed: Vec::new(),
            references: Vec::new(),
            current: None,
            written: NOTHING,
            listed: Vec::new(),
            unpacked: Vec::new(),
        })
    }

    pub(super) fn begin(&mut self) {
        self.current = None;
        self.written = NOTHING;
        self.listed.clear();
        self.unpacked.clear();
    }

    /// What the last commit's blocks are listed under.
    pub(super) fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The last commit's blocks, once.
    pub(super) fn unpacked(&mut self) -> impl Iterator<Item = Unpacked> {
        self.unpacked.drain(..)
    }

    pub(super) const fn written(&self) -> Written {
        self.written
    }

    /// Adds what a batch brought.
    pub(super) fn add(&mut self, connection: &Connection, key: &StoreKey, scope: Scope, fresh: &[Fresh]) -> Result<()> {
        // Even parts of large batches: 500 make four of 125, not three of 128 and a rest.
        let parts = fresh.len().div_ceil(BLOCK_EVENTS).max(1);
        for part in fresh.chunks(fresh.len().div_ceil(parts).max(1)) {
            let fits = self.current.as_ref().is_some_and(|row| {
                row.scope == scope && row.count as usize + part.len() <= BLOCK_EVENTS && self.raw.len() < BLOCK_BYTES
            });
            if !fits {
                self.end(connection, key)?;
            }
            let row = self.current.get_or_insert_with(|| {
                block::begin(&mut self.raw);
                BlockRow::new(scope, part[0].stored.seq)
            });
            row.add(key, part);
            self.encoder.append(part, &mut self.raw);
        }
        Ok(())
    }

    /// Writes the block under way.
    pub(super) fn end(&mut self, connection: &Connection, key: &StoreKey) -> Result<()> {
        let Some(mut row) = self.current.take() else { return Ok(()) };
        row.finish(key);
        self.written.events += row.count;
        self.written.least_timestamp = self.written.least_timestamp.min(row.least_timestamp);
        self.written.greatest_timestamp = self.written.greatest_timestamp.max(row.greatest_timestamp);
        compression::compress(&mut self.compressor, &self.raw, &mut self.compressed)?;
        write_references(&row.references, &mut self.references);
        let block = row.first_seq as i64;
        self.listed.extend(row.references.iter().map(|reference| Listed { reference: *reference, block }));
        insert(connection, &row, Some(&self.references), self.raw.len(), &self.compressed)?;
        // The next one is about as large.
        let next = Vec::with_capacity(self.raw.len());
        let raw = std::mem::replace(&mut self.raw, next);
        self.unpacked.push(Unpacked { first_seq: row.first_seq, last_seq: row.last_seq, events: row.count, raw });
        Ok(())
    }
}

/// Puts a block into a file.
pub(in crate::sqlite) fn insert(
    connection: &Connection,
    row: &BlockRow,
    references: Option<&[u8]>,
    raw_bytes: usize,
    data: &[u8],
) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO block VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)")?
        .execute(params![
            row.first_seq,
            row.last_seq,
            row.scope.number(),
            row.count,
            row.least_timestamp,
            row.greatest_timestamp,
            row.types,
            row.severities,
            row.kinds,
            row.projects,
            row.environments,
            row.groups,
            row.greatest_cost,
            row.greatest_tokens,
            references
        ])?;
    connection.prepare_cached("INSERT INTO block_data(id, raw_bytes, data) VALUES (?1, ?2, ?3)")?.execute(params![
        row.first_seq,
        raw_bytes as u64,
        data
    ])?;
    Ok(())
}
