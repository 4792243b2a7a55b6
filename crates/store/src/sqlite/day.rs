//! A day file and those who read it.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use hiveboard_wire::{CallCost, CostSource, NanoDollars, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    damage::Damages,
    error::in_file,
    files,
    keys::StoreKey,
    reader::{Deadline, Reader, Readers},
    recent::{Listed, Recent, Sums, Texts},
    row, schema,
    zones::Zones,
};
use crate::{Result, ScopeUsage, Span, StoreError, StoreOptions};

const MICROS_PER_DAY: i64 = 86_400_000_000;

pub(super) const MIGRATIONS: &[&str] = &["
    CREATE TABLE about(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE dictionary(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    -- id: the first seq inside. Masks: a bit a type, severity, kind; for projects, environments, groups a bit of their hash.
    CREATE TABLE block(
        id INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL, scope INTEGER NOT NULL, count INTEGER NOT NULL,
        least_timestamp INTEGER NOT NULL, greatest_timestamp INTEGER NOT NULL,
        types INTEGER NOT NULL, severities INTEGER NOT NULL, kinds INTEGER NOT NULL,
        projects INTEGER NOT NULL, environments INTEGER NOT NULL, groups INTEGER NOT NULL,
        greatest_cost INTEGER, greatest_tokens INTEGER
    );
    CREATE INDEX block_by_scope ON block(scope);
    CREATE INDEX block_by_cost ON block(scope, greatest_cost) WHERE greatest_cost IS NOT NULL;
    CREATE INDEX block_by_tokens ON block(scope, greatest_tokens) WHERE greatest_tokens IS NOT NULL;
    CREATE TABLE block_data(id INTEGER PRIMARY KEY, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE reference(key INTEGER, block INTEGER, PRIMARY KEY(key, block)) WITHOUT ROWID;
    -- Texts by dictionary, zero for none; task: a hash; cost: nano-dollars, from the third step on hundredths of them; source: 0 reported, 1 estimated, 2 unknown.
    CREATE TABLE call(
        seq INTEGER PRIMARY KEY, scope INTEGER NOT NULL, timestamp INTEGER NOT NULL, agent INTEGER NOT NULL, project INTEGER NOT NULL,
        task INTEGER, task_type INTEGER NOT NULL, model INTEGER NOT NULL, environment INTEGER NOT NULL, grp INTEGER NOT NULL,
        version INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost INTEGER NOT NULL, source INTEGER NOT NULL
    );
    CREATE INDEX call_by_time ON call(scope, timestamp);
    -- Sums of calls by grain (µs) and bucket of that width; zero for no text. Saturate at 2^62.
    CREATE TABLE call_total(
        scope INTEGER, grain INTEGER, bucket INTEGER, agent INTEGER, project INTEGER, task_type INTEGER, model INTEGER,
        environment INTEGER, grp INTEGER, version INTEGER,
        calls INTEGER NOT NULL, cost INTEGER NOT NULL, estimated_cost INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
        PRIMARY KEY(scope, grain, bucket, agent, project, task_type, model, environment, grp, version)
    ) WITHOUT ROWID;
    CREATE TABLE failure(
        seq INTEGER PRIMARY KEY, scope INTEGER NOT NULL, timestamp INTEGER NOT NULL, agent INTEGER NOT NULL, project INTEGER NOT NULL,
        task INTEGER, environment INTEGER NOT NULL, grp INTEGER NOT NULL
    );
    CREATE INDEX failure_by_time ON failure(scope, timestamp);
    -- One row a commit: six bytes an event.
    CREATE TABLE seen(first_seq INTEGER PRIMARY KEY, ids BLOB NOT NULL);
    -- The same of older times: sorted, in pages. Pages of a run count once the run is in sealed.
    CREATE TABLE sealed(run INTEGER PRIMARY KEY /* first seq */, end_seq INTEGER NOT NULL, ids INTEGER NOT NULL);
    CREATE TABLE sealed_page(run INTEGER, least INTEGER, ids BLOB NOT NULL, PRIMARY KEY(run, least)) WITHOUT ROWID;
", "
    -- The references of a block, ascending, as differences. Those of blocks from about.references_from on are not all in reference yet, and
    -- calls from about.sums_from on are not in call_total. Blocks from about.listed_from on are listed under every label they hold, and
    -- their failures summed up.
    ALTER TABLE block ADD COLUMN refs BLOB;
    -- NULL in rows from before there was this column: the block knows.
    ALTER TABLE failure ADD COLUMN task_type INTEGER;
    -- Failures are summed up as calls are, with no model and no version.
    ALTER TABLE call_total ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
    INSERT INTO about SELECT name, (SELECT coalesce(max(last_seq), 0) + 1 FROM block)
        FROM (SELECT 'references_from' AS name UNION ALL SELECT 'sums_from' UNION ALL SELECT 'listed_from');
", "
    -- Blocks of version 2 say by which way their batches came in. From here on costs are hundredths of nano-dollars.
    UPDATE block SET greatest_cost = min(greatest_cost, (1 << 62) / 100) * 100 WHERE greatest_cost IS NOT NULL;
    UPDATE call SET cost = min(cost, (1 << 62) / 100) * 100 WHERE cost > 0;
    UPDATE call_total SET cost = min(cost, (1 << 62) / 100) * 100, estimated_cost = min(estimated_cost, (1 << 62) / 100) * 100
        WHERE cost > 0;
", "
    -- The same sums by one text alone (label: see recent.rs; of all, the value is zero), down to the minute: few rows, however many agents. Of
    -- calls and failures before about.labels_from they are not there.
    CREATE TABLE label_total(
        scope INTEGER, label INTEGER, grain INTEGER, bucket INTEGER, value INTEGER,
        calls INTEGER NOT NULL, cost INTEGER NOT NULL, estimated_cost INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, failures INTEGER NOT NULL,
        PRIMARY KEY(scope, label, grain, bucket, value)
    ) WITHOUT ROWID;
    INSERT INTO about SELECT 'labels_from', value FROM about WHERE name = 'sums_from';
", "
    -- Calls and failures of a time are found by the blocks that tell of it (zones.rs). Their times lie scattered over what just came in: with each
    -- commit dozens of pages of such an index were written anew, two fifths of all that was.
    DROP INDEX call_by_time;
    DROP INDEX failure_by_time;
", "
    -- What may be inside, see dedup/filter.rs, so that a start need not go through the pages. NULL: made anew from them.
    ALTER TABLE sealed ADD COLUMN filter BLOB;
", "
    -- What the blocks of a compacted day are compressed with (compact.rs); twice, since none of them can be opened without it.
    CREATE TABLE zstd_dictionary(copy INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, bytes BLOB NOT NULL);
"];

/// What a day file holds, kept up to date in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DayRange {
    pub(super) events: u64,
    /// Everything in the file is at or above it.
    pub(super) first_seq: u64,
    /// Less than `first_seq` while empty.
    pub(super) last_seq: u64,
    pub(super) least_timestamp: i64,
    pub(super) greatest_timestamp: i64,
}

pub(super) struct Day {
    /// Since the epoch, UTC.
    pub(super) number: i64,
    pub(super) path: PathBuf,
    range: Mutex<DayRange>,
    readers: Arc<Readers>,
    damages: Arc<Damages>,
    /// Not answered from any more.
    is_damaged: AtomicBool,
    /// What was last counted, with the events and the last number it was counted for.
    pub(super) usage: Mutex<Option<(u64, u64, Vec<ScopeUsage>)>>,
    /// What is not in the tables of indexes yet.
    pub(super) recent: Recent,
    pub(super) zones: Zones,
    /// Held by whoever reads the file; alone, by whoever puts another in its place.
    in_place: RwLock<()>,
    is_compacted: AtomicBool,
    /// Blocks from here on are listed under all labels they hold; those before, under agent, task, correlation and what is rare.
    listed_from: u64,
    /// Calls and failures from here on are summed up by each label alone.
    labels_from: u64,
}

impl Day {
    /// Opens or makes the file of a day. A new file takes `key` and `first_seq`.
    pub(super) fn open(
        dir: &Path,
        day: i64,
        key: Option<StoreKey>,
        first_seq: u64,
        options: &StoreOptions,
        shared: (&Arc<Readers>, &Arc<Damages>),
    ) -> Result<(Self, Connection, StoreKey)> {
        let path = files::day_path(dir, day);
        let is_new = !path.exists();
        let mut connection = schema::open_file(&path, schema::Synchronous::Full, Duration::from_secs(5))?;
        let prepare = |connection: &mut Connection| -> Result<(StoreKey, DayRange, Recent, Marks, bool)> {
            // The checkpoint thread does it, so that no commit has to wait for one.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.pragma_update(None, "cache_size", -((options.cache_bytes >> 10) as i64))?;
            if let Some(pages) = options.max_pages {
                connection.pragma_update(None, "max_page_count", pages)?;
            }
            schema::migrate(connection, &path, MIGRATIONS)?;
            let own_key = if let Some(own) = read_key(connection)? {
                own
            } else {
                let made = key.map_or_else(StoreKey::make, Ok)?;
                // Both or neither: a file without its first seq could not be read.
                let transaction = connection.transaction()?;
                set_up(&transaction, first_seq, made)?;
                transaction.commit()?;
                made
            };
            let range = read_range(connection)?;
            let marks = Marks::read(connection, "main")?;
            Ok((own_key, range, read_recent(connection, marks)?, marks, is_compacted(connection)?))
        };
        let (own_key, range, recent, marks, is_compacted) =
            prepare(&mut connection).map_err(|error| in_file(&path, error))?;
        if key.is_some_and(|key| key != own_key) {
            return Err(in_file(&path, StoreError::Unusable("it belongs to another data directory".to_owned())));
        }
        if is_new {
            files::sync_dir(dir)?;
        }
        let day = Self {
            number: day,
            path,
            range: Mutex::new(range),
            readers: Arc::clone(shared.0),
            damages: Arc::clone(shared.1),
            is_damaged: AtomicBool::new(false),
            usage: Mutex::default(),
            recent,
            zones: Zones::default(),
            in_place: RwLock::new(()),
            is_compacted: AtomicBool::new(is_compacted),
            listed_from: marks.listed_from as u64,
            labels_from: marks.labels_from as u64,
        };
        Ok((day, connection, own_key))
    }

    /// What it holds, as others may know it.
    pub(super) fn span(&self) -> Span {
        Span {
            from: Timestamp(self.number.saturating_mul(MICROS_PER_DAY)),
            until: Timestamp((self.number + 1).saturating_mul(MICROS_PER_DAY)),
            events: self.range().events,
            bytes: files::database_bytes(&self.path),
        }
    }

    pub(super) fn range(&self) -> DayRange {
        *self.range_lock()
    }

    /// Whether all blocks of the day are listed under every label they hold, and all failures in the sums.
    pub(super) fn lists_all_labels(&self) -> bool {
        self.listed_from <= self.range().first_seq
    }

    /// Whether all calls and failures of the day are summed up by each label alone.
    pub(super) fn sums_labels(&self) -> bool {
        self.labels_from <= self.range().first_seq
    }

    /// Counts in what was committed.
    pub(super) fn grow(&self, change: impl FnOnce(&mut DayRange)) {
        change(&mut self.range_lock());
    }

    fn range_lock(&self) -> MutexGuard<'_, DayRange> {
        self.range.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a query on a connection that only reads, which gives up when its time is over.
    pub(super) fn read<T>(&self, deadline: Deadline, query: impl FnOnce(&mut Reader) -> Result<T>) -> Result<T> {
        let _in_place = self.in_place.read().unwrap_or_else(PoisonError::into_inner);
        let answer = self.readers.read(self.number, &self.path, deadline, query);
        answer.map_err(|error| in_file(&self.path, error)).inspect_err(|error| self.mark(error))
    }

    /// Puts another file of the same events in the place of the day's, between two queries; `false` when there was no such moment before
    /// it was to give up.
    pub(super) fn exchange(
        &self,
        gives_up: &dyn Fn() -> bool,
        exchange: impl FnOnce() -> Result<bool>,
    ) -> Result<bool> {
        // Never stands in line: those who come to read would have to wait behind it.
        let _alone = loop {
            match self.in_place.try_write() {
                Ok(alone) => break alone,
                Err(TryLockError::Poisoned(alone)) => break alone.into_inner(),
                Err(TryLockError::WouldBlock) if gives_up() => return Ok(false),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        self.close_readers();
        if !exchange()? {
            return Ok(false);
        }
        self.zones.forget();
        self.recent.references_written(self.range().last_seq as i64 + 1);
        *self.usage.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.is_compacted.store(true, Ordering::Release);
        Ok(true)
    }

    pub(super) fn is_compacted(&self) -> bool {
        self.is_compacted.load(Ordering::Acquire)
    }

    /// Takes the day out of all queries when that is what an error says.
    pub(super) fn mark(&self, error: &StoreError) {
        if let StoreError::Damaged(what) = error
            && !self.is_damaged.swap(true, Ordering::AcqRel)
        {
            self.damages.mark(&self.path, what);
        }
    }

    /// Whether something in it could not be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Acquire)
    }

    /// Reads anew what the file holds, after something was taken out of it.
    pub(super) fn look_again(&self, connection: &Connection) -> Result<()> {
        *self.range_lock() = read_range(connection)?;
        Ok(())
    }

    /// Lets go of idle connections.
    pub(super) fn close_readers(&self) {
        self.readers.close(self.number);
    }
}

/// What a new file has to know.
pub(super) fn set_up(connection: &Connection, first_seq: u64, key: StoreKey) -> Result<()> {
    set_about(connection, "first_seq", first_seq)?;
    set_about(connection, "key", key.0)
}

pub(super) fn read_key(connection: &Connection) -> Result<Option<StoreKey>> {
    let key = connection.query_row("SELECT value FROM about WHERE name = 'key'", [], |row| row.get(0)).optional()?;
    Ok(key.map(StoreKey))
}

pub(super) fn set_about(connection: &Connection, name: &str, value: impl rusqlite::ToSql) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO about(name, value) VALUES (?1, ?2)")?
        .execute(params![name, value])?;
    Ok(())
}

pub(super) fn read_first_seq(connection: &Connection) -> Result<u64> {
    let first: i64 = connection.query_row("SELECT value FROM about WHERE name = 'first_seq'", [], |row| row.get(0))?;
    Ok(first as u64)
}

pub(super) fn read_about(connection: &Connection, name: &str) -> Result<i64> {
    Ok(connection.prepare_cached("SELECT value FROM about WHERE name = ?1")?.query_row([name], |row| row.get(0))?)
}

/// Says that a file is compacted.
pub(super) const COMPACTED: &str = "compacted";

fn is_compacted(connection: &Connection) -> Result<bool> {
    let found = connection.query_row("SELECT 1 FROM about WHERE name = ?1", [COMPACTED], |_| Ok(())).optional()?;
    Ok(found.is_some())
}

/// From which block on a file has what, and has it not yet: see the second migration and the fourth.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_field_names,
    reason = "each names a place from which on something holds, as its row in the file does"
)]
pub(super) struct Marks {
    /// Blocks from here on are listed under every label they hold, and their failures know their type and are summed up.
    pub(super) listed_from: i64,
    /// References of blocks from here on are not all in their table.
    pub(super) references_from: i64,
    /// Calls and failures from here on are in no sum.
    pub(super) sums_from: i64,
    /// Those from here on are summed up by each label alone as well, as far as they are in sums.
    pub(super) labels_from: i64,
}

impl Marks {
    /// All is noted, and in its table.
    pub(super) const NEW: Self =
        Self { listed_from: 0, references_from: i64::MAX, sums_from: i64::MAX, labels_from: 0 };

    /// Of a database by its name in SQL.
    pub(super) fn read(connection: &Connection, database: &str) -> Result<Self> {
        let read = |name: &str| -> Result<i64> {
            let sql = format!("SELECT value FROM {database}.about WHERE name = ?1");
            Ok(connection.query_row(&sql, [name], |row| row.get(0))?)
        };
        Ok(Self {
            listed_from: read("listed_from")?,
            references_from: read("references_from")?,
            sums_from: read("sums_from")?,
            labels_from: read("labels_from")?,
        })
    }
}

/// What a crash kept from the tables of indexes; nothing of that after a tidy stop.
fn read_recent(connection: &Connection, marks: Marks) -> Result<Recent> {
    let Marks { references_from, sums_from, .. } = marks;
    let recent = Recent::new(references_from, sums_from);
    let mut listed = Vec::new();
    let mut blocks = connection.prepare("SELECT id, refs FROM block WHERE id >= ?1")?;
    let mut rows = blocks.query([references_from])?;
    while let Some(row) = rows.next()? {
        let block: i64 = row.get(0)?;
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        listed.extend(row::read_references(bytes)?.into_iter().map(|reference| Listed { reference, block }));
    }
    let mut sums = Sums::default();
    let mut calls = connection.prepare(
        "SELECT scope, timestamp, agent, project, task_type, model, environment, grp, version, tokens_in, tokens_out, cost, source
         FROM call WHERE seq >= ?1",
    )?;
    let mut rows = calls.query([sums_from])?;
    while let Some(row) = rows.next()? {
        let texts = Texts {
            agent: row.get(2)?,
            project: row.get(3)?,
            task_type: row.get(4)?,
            model: row.get(5)?,
            environment: row.get(6)?,
            group: row.get(7)?,
            version: row.get(8)?,
        };
        let source = if row.get::<_, u8>(12)? == CostSource::Estimated as u8 {
            CostSource::Estimated
        } else {
            CostSource::Reported
        };
        let cost = CallCost { amount: NanoDollars(row.get(11)?), source };
        sums.add(row.get(0)?, row.get(1)?, texts, cost, (row.get(9)?, row.get(10)?));
    }
    let mut failures = connection
        .prepare("SELECT scope, timestamp, agent, project, task_type, environment, grp FROM failure WHERE seq >= ?1")?;
    let mut rows = failures.query([sums_from])?;
    while let Some(row) = rows.next()? {
        let texts = Texts {
            agent: row.get(2)?,
            project: row.get(3)?,
            task_type: row.get(4)?,
            model: 0,
            environment: row.get(5)?,
            group: row.get(6)?,
            version: 0,
        };
        sums.add_failure(row.get(0)?, row.get(1)?, texts);
    }
    recent.add(&listed, &sums);
    Ok(recent)
}

fn read_range(connection: &Connection) -> Result<DayRange> {
    let start = read_first_seq(connection)? as i64;
    let range = connection.query_row(
        "SELECT coalesce(sum(count), 0), coalesce(max(last_seq), ?1 - 1), coalesce(min(least_timestamp), ?2), coalesce(max(greatest_timestamp), ?3) FROM block",
        params![start, i64::MAX, i64::MIN],
        |row| {
            Ok(DayRange {
                events: row.get::<_, i64>(0)? as u64,
                first_seq: start as u64,
                last_seq: row.get::<_, i64>(1)? as u64,
                least_timestamp: row.get(2)?,
                greatest_timestamp: row.get(3)?,
            })
        },
    )?;
    Ok(range)
}
