//! Blocks joined, and compressed with what they have in common.

use std::{collections::HashMap, path::Path, time::Instant};

use hiveboard_wire::Scope;
use rusqlite::{Connection, Row, params};

use super::Pace;
use crate::{
    Result, StoreError,
    sqlite::{
        block,
        compression::{self, Samples},
        day::Marks,
        events::block_of,
        reader::BlockOpener,
        row::{BlockRow, read_references, write_references},
        writer::{BLOCK_BYTES, BLOCK_EVENTS, insert_block},
    },
};

/// References that wait to be written in the order of their index.
const REFERENCES_AT_ONCE: usize = 1 << 19;

/// The blocks of the new file.
pub(super) struct Blocks {
    opener: BlockOpener,
    /// What opens the new ones, to see that they can be.
    checker: BlockOpener,
    compressor: zstd::bulk::Compressor<'static>,
    /// Of blocks that do not know their references themselves.
    listed: HashMap<i64, Vec<i64>>,
    /// By key and block.
    references: Vec<(i64, i64)>,
    current: Option<(BlockRow, Vec<u8>)>,
    compressed: Vec<u8>,
    refs: Vec<u8>,
    /// Behind the last event.
    pub(super) end_seq: u64,
}

impl Blocks {
    pub(super) fn new(connection: &Connection, path: &Path) -> Result<Self> {
        let mut opener = BlockOpener::new(path, compression::dictionary_of(connection, "stored")?.as_deref())?;
        let dictionary = train(connection, &mut opener)?;
        if let Some(dictionary) = &dictionary {
            compression::keep_dictionary(connection, dictionary)?;
        }
        let Marks { listed_from, .. } = Marks::read(connection, "stored")?;
        let mut listed: HashMap<i64, Vec<i64>> = HashMap::new();
        let mut statement = connection.prepare("SELECT key, block FROM stored.reference WHERE block < ?1")?;
        let mut rows = statement.query([listed_from])?;
        while let Some(row) = rows.next()? {
            listed.entry(row.get(1)?).or_default().push(row.get(0)?);
        }
        Ok(Self {
            opener,
            checker: BlockOpener::new(path, dictionary.as_deref())?,
            compressor: compression::compressor_with(dictionary.as_deref())?,
            listed,
            references: Vec::new(),
            current: None,
            compressed: Vec::new(),
            refs: Vec::new(),
            end_seq: 0,
        })
    }

    /// Takes all blocks of the old file, and joins those that follow on each other and are small. `false` when it is time to stop.
    pub(super) fn join(&mut self, connection: &Connection, pace: &Pace<'_>) -> Result<bool> {
        let mut since = Instant::now();
        let mut statement = connection.prepare(
            "SELECT b.id, b.last_seq, b.scope, b.count, b.least_timestamp, b.greatest_timestamp, b.types, b.severities, b.kinds, b.projects,
                b.environments, b.groups, b.greatest_cost, b.greatest_tokens, b.refs, d.raw_bytes, d.data
             FROM stored.block b JOIN stored.block_data d ON d.id = b.id ORDER BY b.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let block = self.block_row(row)?;
            let (raw_bytes, data) = block_of(row, 15)?;
            let raw = self.opener.open(raw_bytes, data)?;
            let fits = |current: &&mut (BlockRow, Vec<u8>)| can_join((&current.0, &current.1), (&block, raw));
            if let Some((joined, bytes)) = self.current.as_mut().filter(fits) {
                joined.add_block(&block);
                block::join(bytes, raw);
            } else {
                let next = (block, raw.to_vec());
                self.write(connection)?;
                self.current = Some(next);
            }
            if pace.look(&mut since) {
                return Ok(false);
            }
        }
        self.write(connection)?;
        self.write_references(connection)?;
        Ok(true)
    }

    fn block_row(&mut self, row: &Row<'_>) -> Result<BlockRow> {
        let id: i64 = row.get(0)?;
        let refs = row.get_ref(14)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        let references = match refs {
            Some(bytes) => read_references(bytes)?,
            None => self.listed.remove(&id).unwrap_or_default(),
        };
        Ok(BlockRow {
            scope: Scope::from_number(row.get(2)?),
            first_seq: id as u64,
            last_seq: row.get::<_, i64>(1)? as u64,
            count: row.get::<_, i64>(3)? as u64,
            least_timestamp: row.get(4)?,
            greatest_timestamp: row.get(5)?,
            types: row.get(6)?,
            severities: row.get(7)?,
            kinds: row.get(8)?,
            projects: row.get(9)?,
            environments: row.get(10)?,
            groups: row.get(11)?,
            greatest_cost: row.get(12)?,
            greatest_tokens: row.get(13)?,
            references,
            all_labels: refs.is_some(),
        })
    }

    /// Writes the block under way.
    fn write(&mut self, connection: &Connection) -> Result<()> {
        let Some((mut row, raw)) = self.current.take() else { return Ok(()) };
        row.references.sort_unstable();
        row.references.dedup();
        compression::compress(&mut self.compressor, &raw, &mut self.compressed)?;
        // The old file goes: what takes its place has to be the same.
        if self.checker.open(raw.len(), &self.compressed)? != raw {
            return Err(StoreError::Failed("a block that was compressed anew is not the same".to_owned()));
        }
        write_references(&row.references, &mut self.refs);
        insert_block(connection, &row, row.all_labels.then_some(&*self.refs), raw.len(), &self.compressed)?;
        self.references.extend(row.references.iter().map(|reference| (*reference, row.first_seq as i64)));
        self.end_seq = row.last_seq + 1;
        if self.references.len() >= REFERENCES_AT_ONCE {
            self.write_references(connection)?;
        }
        Ok(())
    }

    fn write_references(&mut self, connection: &Connection) -> Result<()> {
        self.references.sort_unstable();
        let mut insert = connection.prepare_cached("INSERT INTO main.reference(key, block) VALUES (?1, ?2)")?;
        for (key, block) in self.references.drain(..) {
            insert.execute(params![key, block])?;
        }
        Ok(())
    }
}

/// Whether one block can become part of the one before it.
fn can_join((first, before): (&BlockRow, &[u8]), (next, raw): (&BlockRow, &[u8])) -> bool {
    first.scope == next.scope
        && first.last_seq + 1 == next.first_seq
        && (first.count + next.count) as usize <= BLOCK_EVENTS
        && first.all_labels == next.all_labels
        && before.len() + raw.len() <= BLOCK_BYTES
        && block::are_alike(before, raw)
}

/// What blocks from all over the day have in common.
fn train(connection: &Connection, opener: &mut BlockOpener) -> Result<Option<Vec<u8>>> {
    let (count, raw_bytes): (i64, i64) =
        connection.query_row("SELECT count(*), coalesce(sum(raw_bytes), 0) FROM stored.block_data", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let Some(mut samples) = Samples::of(raw_bytes as u64) else { return Ok(None) };
    // Every so many, so that they come from the whole day.
    let step = (raw_bytes as u64 / samples.wanted_bytes() as u64).clamp(1, count.max(1) as u64);
    let ids: Vec<i64> = {
        let mut statement = connection.prepare("SELECT id FROM stored.block ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        ids.step_by(step as usize).collect::<rusqlite::Result<_>>()?
    };
    let mut statement = connection.prepare("SELECT raw_bytes, data FROM stored.block_data WHERE id = ?1")?;
    for id in ids {
        let mut rows = statement.query([id])?;
        let Some(row) = rows.next()? else { continue };
        let (raw_bytes, data) = block_of(row, 0)?;
        samples.add(opener.open(raw_bytes, data)?);
        if samples.is_enough() {
            break;
        }
    }
    Ok(samples.dictionary())
}
