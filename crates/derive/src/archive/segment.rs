//! Some thousand runs that ended, written once: a head that stays in memory, columns of figures, and the rows in chunks.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

use fastbloom::BloomFilter;
use hiveboard_text::Needle;
use serde::{Deserialize, Serialize};

use super::{
    ENDED,
    cold::{ColdRowError, ColdRows},
    columns::{self, Column, Columns, ColumnsBuilder, PartBytes, flag},
    known::{filter_for, filter_from},
    texts::{self, MayHold, TextsBuilder, UuidNeedle, rows_holding},
};
use crate::{
    hash::{hash_texts, task_hash},
    interner::Interner,
    persist::{Change, table},
    rows::RunRow,
    run::Run,
    run_sum::{RunFigures, RunSum},
};

/// Rows that are compressed and read together.
const CHUNK_ROWS: usize = 64;
const COMPRESSION: i32 = 1;
/// Bytes a chunk may have once it is opened; more than its rows can need.
const CHUNK_BYTES: usize = 64 << 20;

/// What lies in a segment, so that most segments need not be opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Zone {
    pub(crate) rows: u32,
    /// Least and greatest, in microseconds.
    pub(crate) first: (i64, i64),
    pub(crate) end: (i64, i64),
    pub(crate) greatest_last_sign: i64,
    /// How many runs ended so, by their place in [`ENDED`].
    pub(crate) statuses: [u32; ENDED.len()],
    /// The greatest of each figure that lists are sorted by; -1 where no run has it.
    pub(crate) greatest_duration: i64,
    pub(crate) greatest_cost: i64,
    pub(crate) greatest_tokens: i64,
    pub(crate) greatest_errors: i64,
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) id: u32,
    pub(crate) zone: Zone,
    pub(crate) sum: RunSum,
    /// Hashes of the runs, their tasks, correlations and labels.
    filter: BloomFilter,
    /// Until it is on disk.
    pinned: Mutex<Option<Arc<Parts>>>,
}

#[derive(Debug)]
pub(super) struct Parts {
    hashes: Vec<u64>,
    columns: Arc<[Vec<u8>; columns::PARTS]>,
    texts: [Vec<u8>; texts::Part::ALL.len()],
    /// Not compressed yet.
    chunks: Vec<Vec<u8>>,
}

pub(crate) fn label_hash(column: Column, text: &str) -> u64 {
    hash_texts(&[
        ["agent", "project", "type", "version", "environment", "group"][column as usize - Column::Agent as usize],
        text,
    ])
}

pub(crate) fn correlation_hash(text: &str) -> u64 {
    hash_texts(&["correlation", text]).max(1)
}

pub(crate) struct SegmentBuilder {
    columns: ColumnsBuilder,
    texts: TextsBuilder,
    chunks: Vec<Vec<u8>>,
    hashes: Vec<u64>,
    /// What goes into the filter beside the runs themselves.
    others: Vec<u64>,
    zone: Zone,
    sum: RunSum,
}

impl SegmentBuilder {
    pub(crate) fn new() -> Self {
        Self {
            columns: ColumnsBuilder::new(),
            texts: TextsBuilder::default(),
            chunks: Vec::new(),
            hashes: Vec::new(),
            others: Vec::new(),
            zone: Zone {
                rows: 0,
                first: (i64::MAX, i64::MIN),
                end: (i64::MAX, i64::MIN),
                greatest_last_sign: i64::MIN,
                statuses: [0; ENDED.len()],
                greatest_duration: i64::MIN,
                greatest_cost: -1,
                greatest_tokens: -1,
                greatest_errors: 0,
            },
            sum: RunSum::default(),
        }
    }

    /// Takes in a run that ended; others are left out.
    pub(crate) fn push(&mut self, hash: u64, run: &Run, agent_id: &str, names: &Interner) {
        let Some(ended) = run.standing().ended else { return };
        let status = ended.status();
        let Some(place) = ENDED.iter().position(|other| *other == status) else { return };
        let figures = RunFigures::of(run, status);
        self.sum.add(&figures);
        let counts = &run.counts;
        let has_tokens = counts.calls_with_tokens_in + counts.calls_with_tokens_out > 0;
        let flags = [
            (figures.escalated, flag::ESCALATED),
            (figures.cost.is_some(), flag::HAS_COST),
            (has_tokens, flag::HAS_TOKENS),
        ];
        let tokens = counts.tokens_in.saturating_add(counts.tokens_out).min(i64::MAX as u64) as i64;
        let (cost, estimated) = figures.cost.unwrap_or((0, 0));
        let task = task_hash(&run.task_id);
        let correlation = run.correlation.value.as_ref().map_or(0, |id| id.with_str(correlation_hash));
        let integers = [
            (Column::Hash, hash as i64),
            (Column::TaskHash, task as i64),
            (Column::CorrelationHash, correlation as i64),
            (Column::First, run.first.micros()),
            (Column::End, ended.at.micros()),
            (Column::Duration, ended.duration_micros),
            (Column::DurationBucket, i64::from(crate::sketch::bucket_of(ended.duration_micros))),
            (Column::Cost, cost),
            (Column::EstimatedCost, estimated),
            (Column::TokensIn, counts.tokens_in as i64),
            (Column::TokensOut, counts.tokens_out as i64),
            (Column::Errors, i64::from(counts.errors)),
            (Column::Calls, i64::from(counts.llm_calls)),
            (Column::Status, place as i64),
            (Column::Flags, flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).sum()),
        ];
        for (column, value) in integers {
            self.columns.put(column, value);
        }
        let labels = [
            (Column::Agent, Some(agent_id)),
            (Column::Project, names.optional(run.project.value)),
            (Column::TaskType, names.optional(run.task_type.value)),
            (Column::Version, names.optional(run.version.value)),
            (Column::Environment, names.optional(run.environment.value)),
            (Column::Group, names.optional(run.group.value)),
        ];
        for (column, text) in labels {
            if self.columns.put_label(column, text) {
                self.others.extend(text.map(|text| label_hash(column, text)));
            }
        }
        self.hashes.push(hash);
        self.others.push(task);
        self.others.extend((correlation != 0).then_some(correlation));
        let zone = &mut self.zone;
        let widen = |span: &mut (i64, i64), value: i64| *span = (span.0.min(value), span.1.max(value));
        widen(&mut zone.first, run.first.micros());
        widen(&mut zone.end, ended.at.micros());
        zone.rows += 1;
        zone.greatest_last_sign = zone.greatest_last_sign.max(run.last_sign.micros());
        zone.statuses[place] += 1;
        zone.greatest_duration = zone.greatest_duration.max(ended.duration_micros);
        zone.greatest_cost = zone.greatest_cost.max(figures.cost.map_or(-1, |(cost, _)| cost));
        zone.greatest_tokens = zone.greatest_tokens.max(if has_tokens { tokens } else { -1 });
        zone.greatest_errors = zone.greatest_errors.max(i64::from(counts.errors));
        self.texts.push(run);
        self.push_row(run, agent_id, names);
    }

    fn push_row(&mut self, run: &Run, agent_id: &str, names: &Interner) {
        if (self.hashes.len() - 1).is_multiple_of(CHUNK_ROWS) {
            self.chunks.push(Vec::with_capacity(CHUNK_ROWS * 256));
        }
        let Some(chunk) = self.chunks.last_mut() else { return };
        let place = chunk.len();
        chunk.extend([0; 4]);
        run.task_run_id.with_str(|task_run_id| {
            let row = RunRow::new(run, agent_id, task_run_id, names);
            *chunk =
                postcard::to_extend(&row, std::mem::take(chunk)).expect("rows hold nothing that cannot be encoded");
        });
        let bytes = (chunk.len() - place - 4) as u32;
        chunk[place..place + 4].copy_from_slice(&bytes.to_le_bytes());
    }

    pub(crate) fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    pub(crate) fn finish(self, id: u32) -> Segment {
        let mut filter = filter_for(self.hashes.len() + self.others.len());
        for hash in self.hashes.iter().chain(&self.others) {
            filter.insert_hash(*hash);
        }
        let labels = self.columns.texts(Column::Agent).chain(self.columns.texts(Column::TaskType));
        let texts = self.texts.finish(labels);
        let parts = Parts { hashes: self.hashes, columns: Arc::new(self.columns.finish()), texts, chunks: self.chunks };
        Segment { id, zone: self.zone, sum: self.sum, filter, pinned: Mutex::new(Some(Arc::new(parts))) }
    }
}

#[derive(Serialize, Deserialize)]
struct Head {
    zone: Zone,
    sum: RunSum,
    filter_hashes: u32,
    filter_words: u32,
}

impl Segment {
    pub(crate) fn key(id: u32) -> Vec<u8> {
        id.to_be_bytes().to_vec()
    }

    pub(crate) fn id_of(key: &[u8]) -> Option<u32> {
        key.try_into().ok().map(u32::from_be_bytes)
    }

    fn part_key(&self, part: usize) -> Vec<u8> {
        let mut key = Self::key(self.id);
        key.push(part as u8);
        key
    }

    fn chunk_key(&self, chunk: usize) -> Vec<u8> {
        let mut key = Self::key(self.id);
        key.extend((chunk as u16).to_be_bytes());
        key
    }

    /// Never wrong when it says no.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        self.filter.contains_hash(hash)
    }

    /// About what it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.filter.num_bits() / 8 + self.sum.bytes()
    }

    fn parts(&self) -> Option<Arc<Parts>> {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it can be read without the disk.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.parts().is_some()
    }

    /// To be called once its rows are on disk.
    pub(crate) fn release(&self) {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// What is to be written; nothing when it is on disk.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let Some(parts) = self.parts() else { return Vec::new() };
        let put = |table, key, value| Change { table, key, value: Some(value) };
        let mut compressor = zstd::bulk::Compressor::new(COMPRESSION).expect("there is memory for it");
        let mut changes = vec![put(table::SEGMENTS, Self::key(self.id), self.head(&parts.hashes))];
        for (part, bytes) in parts.columns.iter().enumerate() {
            changes.push(put(table::COLUMNS, self.part_key(part), bytes.clone()));
        }
        for (part, bytes) in texts::Part::ALL.into_iter().zip(&parts.texts) {
            let bytes = if part.is_compressed() {
                compressor.compress(bytes).expect("memory can be compressed")
            } else {
                bytes.clone()
            };
            changes.push(put(table::TEXTS, self.part_key(part as usize), bytes));
        }
        for (number, chunk) in parts.chunks.iter().enumerate() {
            let bytes = compressor.compress(chunk).expect("memory can be compressed");
            changes.push(put(table::CHUNKS, self.chunk_key(number), bytes));
        }
        changes
    }

    /// What is to be deleted when the segment goes.
    pub(crate) fn removal(&self) -> Vec<Change> {
        let gone = |table, key| Change { table, key, value: None };
        let chunks = (self.zone.rows as usize).div_ceil(CHUNK_ROWS);
        [table::SEGMENTS, table::DEAD_ROWS]
            .into_iter()
            .map(|table| gone(table, Self::key(self.id)))
            .chain((0..columns::PARTS).map(|part| gone(table::COLUMNS, self.part_key(part))))
            .chain((0..texts::Part::ALL.len()).map(|part| gone(table::TEXTS, self.part_key(part))))
            .chain((0..chunks).map(|chunk| gone(table::CHUNKS, self.chunk_key(chunk))))
            .collect()
    }

    fn head(&self, hashes: &[u64]) -> Vec<u8> {
        let words = self.filter.as_slice();
        let head = Head {
            zone: self.zone.clone(),
            sum: self.sum.clone(),
            filter_hashes: self.filter.num_hashes(),
            filter_words: words.len() as u32,
        };
        let mut bytes = postcard::to_stdvec(&head).expect("heads hold nothing that cannot be encoded");
        bytes.reserve(8 * (words.len() + hashes.len()));
        for word in words.iter().chain(hashes) {
            bytes.extend(word.to_le_bytes());
        }
        bytes
    }

    /// Back from its head, with the hashes of its runs.
    /// The segment, and the hashes of its runs.
    pub(crate) fn from_head(id: u32, bytes: &[u8]) -> Result<(Self, impl Iterator<Item = u64>), String> {
        let (head, rest) = postcard::take_from_bytes::<Head>(bytes).map_err(|error| error.to_string())?;
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        let split = head.filter_words as usize;
        if split == 0 || rest.len() / 8 != split + head.zone.rows as usize || head.filter_hashes == 0 {
            return Err("the head of a segment is cut off".to_owned());
        }
        let (words, hashes) = rest.split_at(split * 8);
        let filter = filter_from(words.chunks_exact(8).map(word).collect(), head.filter_hashes);
        let segment = Self { id, zone: head.zone, sum: head.sum, filter, pinned: Mutex::new(None) };
        Ok((segment, hashes.chunks_exact(8).map(word)))
    }

    pub(super) fn columns<'a>(&'a self, cold: &'a dyn ColdRows) -> Columns<'a> {
        Columns::new(self.zone.rows as usize, move |part| {
            if let Some(parts) = self.parts() {
                return Ok(PartBytes::Pinned(Arc::clone(&parts.columns), part));
            }
            let bytes = cold.row(table::COLUMNS, &self.part_key(part))?;
            bytes.map(PartBytes::Read).ok_or_else(|| ColdRowError::damaged("a segment of runs"))
        })
    }

    fn texts<T>(
        &self,
        cold: &dyn ColdRows,
        part: texts::Part,
        read: impl FnOnce(&[u8]) -> Result<T, ColdRowError>,
    ) -> Result<T, ColdRowError> {
        if let Some(parts) = self.parts() {
            return read(&parts.texts[part as usize]);
        }
        let damaged = || ColdRowError::damaged("the texts of archived runs");
        let bytes = cold.row(table::TEXTS, &self.part_key(part as usize))?.ok_or_else(damaged)?;
        if part.is_compressed() { read(&decompress(&bytes).ok_or_else(damaged)?) } else { read(&bytes) }
    }

    /// Where a text may stand in its runs.
    pub(super) fn may_hold_text(&self, cold: &dyn ColdRows, needle: &Needle) -> Result<MayHold, ColdRowError> {
        self.texts(cold, texts::Part::Filters, |filters| texts::may_hold(filters, needle))
    }

    /// Rows whose ids may hold a text; those that are left out do not, but for run ids that are UUIDs.
    pub(super) fn rows_whose_ids_hold(&self, cold: &dyn ColdRows, needle: &Needle) -> Result<Vec<u32>, ColdRowError> {
        self.texts(cold, texts::Part::Ids, |ids| rows_holding(ids, needle))
    }

    /// Rows the failure of which may hold a text; those that are left out do not.
    pub(super) fn rows_whose_failures_hold(
        &self,
        cold: &dyn ColdRows,
        needle: &Needle,
    ) -> Result<Vec<u32>, ColdRowError> {
        self.texts(cold, texts::Part::Failures, |failures| rows_holding(failures, needle))
    }

    /// Rows the run id of which is a UUID that holds a text.
    pub(super) fn rows_whose_uuids_hold(
        &self,
        cold: &dyn ColdRows,
        needle: &UuidNeedle,
    ) -> Result<Vec<u32>, ColdRowError> {
        self.texts(cold, texts::Part::Uuids, |uuids| needle.rows_holding(uuids))
    }

    fn chunk(&self, cold: &dyn ColdRows, number: usize) -> Result<Vec<u8>, ColdRowError> {
        if let Some(parts) = self.parts() {
            return parts.chunks.get(number).cloned().ok_or_else(|| ColdRowError::damaged("a chunk of runs"));
        }
        let bytes = cold.row(table::CHUNKS, &self.chunk_key(number))?;
        bytes.and_then(|bytes| decompress(&bytes)).ok_or_else(|| ColdRowError::damaged("a chunk of runs"))
    }

    /// Calls `visit` with the rows wanted, which are in order.
    pub(super) fn rows(
        &self,
        cold: &dyn ColdRows,
        wanted: &[u32],
        mut visit: impl FnMut(u32, RunRow<'_>),
    ) -> Result<(), ColdRowError> {
        let damaged = || ColdRowError::damaged("a row of an archived run");
        for of_chunk in wanted.chunk_by(|a, b| *a as usize / CHUNK_ROWS == *b as usize / CHUNK_ROWS) {
            let Some(first) = of_chunk.first() else { continue };
            let number = *first as usize / CHUNK_ROWS;
            let bytes = self.chunk(cold, number)?;
            let (mut rest, mut row, mut wanted) = (&bytes[..], (number * CHUNK_ROWS) as u32, of_chunk);
            while let Some(next) = wanted.first() {
                let (length, after) = rest.split_at_checked(4).ok_or_else(damaged)?;
                let length = u32::from_le_bytes(length.try_into().map_err(|_| damaged())?) as usize;
                let (bytes, after) = after.split_at_checked(length).ok_or_else(damaged)?;
                if row == *next {
                    visit(row, postcard::from_bytes(bytes).map_err(|_| damaged())?);
                    wanted = &wanted[1..];
                }
                (rest, row) = (after, row + 1);
            }
        }
        Ok(())
    }
}

/// What zstd made smaller, as large as it says that it is: room for the most that it may be would be asked of the system each time.
fn decompress(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok()??;
    let size = usize::try_from(size).ok().filter(|size| *size <= CHUNK_BYTES)?;
    thread_local! {
        // Making one costs as much as it takes to open a chunk.
        static OPENER: RefCell<Option<zstd::bulk::Decompressor<'static>>> = RefCell::new(zstd::bulk::Decompressor::new().ok());
    }
    OPENER.with_borrow_mut(|opener| opener.as_mut()?.decompress(bytes, size).ok())
}
