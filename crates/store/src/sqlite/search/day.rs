//! The index of one day: segments in its file, and what is not yet enough for one in memory.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{
    super::{
        block::BlockView,
        day::Day,
        events::block_of,
        files,
        reader::{Deadline, Reader},
    },
    SeqRange,
    postings::MOST_STRETCHES,
    segment::{self, Segment, Stretch, Unread, joined},
};
use crate::{Result, StoreError};

pub(super) struct DayIndex {
    path: PathBuf,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    file: Option<Arc<File>>,
    segments: Vec<Arc<Segment>>,
    /// What comes after the segments, not yet written.
    stretches: Vec<Arc<Stretch>>,
    /// Where the next segment begins.
    first_seq: u64,
    /// Nothing more comes, and what is not indexed is too little to be.
    is_done: bool,
    /// The file is gone, or no longer this index's.
    is_ended: bool,
}

/// Where the index of a day lies.
pub(super) fn path_of(day: &Day) -> PathBuf {
    day.path.with_extension("search")
}

impl State {
    /// The last `seq` that is indexed.
    fn indexed_to(&self) -> u64 {
        self.stretches.last().map_or(self.first_seq - 1, |stretch| stretch.last_seq)
    }
}

/// A piece of a search.
pub(super) enum Part {
    /// To be read through, or known to be a candidate.
    Range(u64, u64),
    Segment(Arc<Segment>, Arc<File>),
}

impl Part {
    pub(super) fn range(&self) -> SeqRange {
        match self {
            Self::Range(first, last) => (*first, *last),
            Self::Segment(segment, _) => (segment.first_seq, segment.last_seq),
        }
    }
}

impl DayIndex {
    /// What is on disk for a day, as far as it tells of the events that are there now.
    pub(super) fn open(day: &Day) -> Self {
        let path = path_of(day);
        let mut state = State { first_seq: day.range().first_seq, ..State::default() };
        if let Ok(file) = File::options().read(true).write(true).open(&path) {
            let mut at = 0;
            while let Ok(segment) = Segment::open(&file, at) {
                if segment.first_seq != state.first_seq {
                    break;
                }
                at = segment.end();
                state.first_seq = segment.last_seq + 1;
                state.segments.push(Arc::new(segment));
            }
            // Events are only ever added: when the last one of a segment is what it was, so are those before.
            let known = day.range().last_seq;
            while let Some(last) = state.segments.last() {
                // What cannot be read is not known to be the same.
                let mark = day.read(Deadline::NONE, |reader| mark_of(reader, last.last_seq)).ok();
                if last.last_seq <= known && mark == Some(last.mark) {
                    break;
                }
                state.first_seq = last.first_seq;
                state.segments.pop();
            }
            state.file = Some(Arc::new(file));
        }
        Self { path, state: RwLock::new(state) }
    }

    /// What a search has to look at, in order.
    pub(super) fn parts(&self, rows: &[u32], newest_first: bool) -> Vec<Part> {
        let state = self.read();
        let mut parts: Vec<Part> = Vec::new();
        if let Some(file) = &state.file {
            parts.extend(state.segments.iter().map(|segment| Part::Segment(Arc::clone(segment), Arc::clone(file))));
        }
        let mut first = state.first_seq;
        let ranges = state.stretches.iter().map(|stretch| {
            let range = (first, stretch.last_seq);
            first = stretch.last_seq + 1;
            (stretch, range)
        });
        let found = joined(ranges.filter(|(stretch, _)| stretch.rows.has_all(rows)).map(|(_, range)| range));
        parts.extend(found.into_iter().map(|(first, last)| Part::Range(first, last)));
        // Not indexed so far, or never.
        parts.push(Part::Range(state.indexed_to() + 1, u64::MAX));
        if newest_first {
            parts.reverse();
        }
        parts
    }

    /// The ranges of a part that may hold a text, oldest first.
    pub(super) fn find(&self, part: Part, rows: &[u32]) -> Vec<SeqRange> {
        match part {
            Part::Range(first, last) => vec![(first, last)],
            Part::Segment(segment, file) => segment.find(&file, rows).unwrap_or_else(|unread| {
                self.reject(&unread);
                vec![(segment.first_seq, segment.last_seq)]
            }),
        }
    }

    /// Where the indexer goes on (exclusive); `None` when there is nothing left for it to do.
    pub(super) fn indexed_to(&self) -> Option<u64> {
        let state = self.read();
        (!state.is_done && !state.is_ended).then(|| state.indexed_to())
    }

    /// Adds the stretch that follows on `after`; nothing when the index was thrown away meanwhile.
    pub(super) fn add(&self, after: u64, stretch: Stretch) {
        let mut state = self.write();
        if state.indexed_to() == after {
            state.stretches.push(Arc::new(stretch));
        }
    }

    /// How many stretches wait to be written.
    pub(super) fn waiting(&self) -> usize {
        self.read().stretches.len()
    }

    /// Says that nothing more comes.
    pub(super) fn finish(&self) {
        let mut state = self.write();
        state.stretches.clear();
        state.is_done = true;
    }

    /// Writes what waits as a segment.
    pub(super) fn seal(&self, day: &Day) -> Result<()> {
        let (stretches, offset, first_seq) = {
            let state = self.read();
            let waiting: Vec<_> = state.stretches.iter().take(MOST_STRETCHES).cloned().collect();
            (waiting, state.segments.last().map_or(0, |last| last.end()), state.first_seq)
        };
        let Some(last) = stretches.last() else { return Ok(()) };
        let mark = day.read(Deadline::NONE, |reader| mark_of(reader, last.last_seq))?;
        let (segment, bytes) = segment::build(offset, first_seq, mark, &stretches);
        let mut state = self.write();
        // Thrown away while it was made: then it tells of nothing any more.
        let is_same = state.stretches.get(stretches.len() - 1).is_some_and(|now| Arc::ptr_eq(now, last));
        if !is_same || state.first_seq != first_seq || state.is_ended {
            return Ok(());
        }
        // Not synced: it is checked when it is read, and made anew when it does not read well.
        let file = self.write_at(state.file.clone(), offset, &bytes);
        let file = file.map_err(|error| StoreError::Failed(format!("{}: {error}", self.path.display())))?;
        state.first_seq = segment.last_seq + 1;
        state.segments.push(Arc::new(segment));
        state.stretches.drain(..stretches.len());
        state.file = Some(file);
        Ok(())
    }

    fn write_at(&self, file: Option<Arc<File>>, offset: u64, bytes: &[u8]) -> std::io::Result<Arc<File>> {
        let file = match file {
            Some(file) => file,
            None => Arc::new(File::options().read(true).write(true).create(true).truncate(false).open(&self.path)?),
        };
        file.set_len(offset)?;
        file.write_all_at(bytes, offset)?;
        Ok(file)
    }

    /// Drops what is there; the indexer begins anew.
    fn clear(&self) {
        let mut state = self.write();
        let first_seq = state.segments.first().map_or(state.first_seq, |first| first.first_seq);
        let is_ended = state.is_ended;
        *state = State { first_seq, is_ended, ..State::default() };
        if !is_ended {
            // Searches under way go on with what they opened.
            let _absent = std::fs::remove_file(&self.path);
        }
    }

    /// Drops what is there, for good.
    pub(super) fn end(&self) {
        self.write().is_ended = true;
        self.clear();
    }

    fn reject(&self, unread: &Unread) {
        match unread {
            Unread::Broken => self.clear(),
            // The disk's fault, not the file's: what the file could have told is read through.
            Unread::Failed(error) => {
                tracing::warn!(%error, file = %self.path.display(), "the search index cannot be read");
            }
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is wrong with the index beside a day file, one line a fault. Beside a running server, the last segment may be one that is being written.
pub(in crate::sqlite) fn check(day_path: &Path) -> Vec<String> {
    let path = day_path.with_extension("search");
    let Ok(file) = File::open(&path) else { return Vec::new() };
    let is_in_use = path.parent().is_some_and(|dir| files::user_of(dir).is_some());
    let (mut at, mut faults) = (0, Vec::new());
    let is_there = |at: u64| file.metadata().is_ok_and(|file| file.len() > at);
    while is_there(at) {
        let checked = Segment::open(&file, at).and_then(|segment| segment.check(&file).map(|()| segment.end()));
        match checked {
            Ok(end) => at = end,
            Err(_) if is_in_use => break,
            Err(_) => {
                faults.push(format!(
                    "{}: the search index is damaged from byte {at} on; it is made anew, and searches take longer until then",
                    path.display()
                ));
                break;
            }
        }
    }
    faults
}

/// Tells an event from any other that may get its number: a checksum of what it is. Zero when there is none.
fn mark_of(reader: &mut Reader, seq: u64) -> Result<u32> {
    let Reader { connection, opener, .. } = reader;
    let mut statement = connection.prepare_cached(
        "SELECT raw_bytes, data FROM block_data WHERE id = (SELECT max(id) FROM block WHERE id <= ?1)",
    )?;
    let mut rows = statement.query([i64::try_from(seq).unwrap_or(i64::MAX)])?;
    let Some(row) = rows.next()? else { return Ok(0) };
    let (raw_bytes, data) = block_of(row, 0)?;
    for segment in BlockView::new(opener.open(raw_bytes, data)?)?.segments()? {
        if (segment.first_seq()..=segment.last_seq()).contains(&seq) {
            let event = segment.event((seq - segment.first_seq()) as usize);
            let mut sum = crc32fast::Hasher::new();
            event.event_id()?.with_str(|id| sum.update(id.as_bytes()));
            sum.update(&event.timestamp().0.to_le_bytes());
            sum.update(segment.agent_id().as_bytes());
            return Ok(sum.finalize());
        }
    }
    Ok(0)
}
