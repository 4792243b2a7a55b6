//! The way in: one commit an append.

mod dedup_verify;
mod fold;
mod pack;
mod refill;
mod rows;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiveboard_wire::Scope;
use metrics::counter;
use rusqlite::{Connection, TransactionBehavior, params};

use self::{
    dedup_verify::{Verifier, content_hash},
    fold::Fold,
    pack::Packer,
};
pub(super) use self::{
    pack::{BLOCK_BYTES, BLOCK_EVENTS, insert as insert_block},
    refill::{Lying, Refill, read_block},
};
use super::{
    catalog::Catalog,
    day::Day,
    dedup::{Dedup, ends_of_sealed, load_sealed},
    dictionary::Dictionary,
    error::in_file,
    files,
    keys::{IdHash, StoreKey},
    recent::Sums,
    schema,
};
use crate::{Appended, Batch, Fresh, Result};

/// The writer's own state; one append at a time holds it.
pub(super) struct Writer {
    pub(super) dedup: Dedup,
    open: Option<OpenDay>,
    key: Option<StoreKey>,
    next_seq: u64,
    packer: Packer,
    sums: Sums,
}

/// The file that takes what arrives.
struct OpenDay {
    day: Arc<Day>,
    connection: Connection,
    dictionary: Dictionary,
    fold: Fold,
}

impl OpenDay {
    fn new(day: Arc<Day>, connection: Connection) -> Self {
        Self { day, connection, dictionary: Dictionary::default(), fold: Fold::default() }
    }

    /// Takes all that is recent into the tables, for nobody writes to the file from now on. Where that fails (the disk may be full) it stays in
    /// memory, and is read from the blocks at the next start.
    fn finish(&mut self, next_seq: u64) {
        let mut all = || -> Result<()> {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.fold.finish(&transaction, &self.day.recent, next_seq as i64)?;
            transaction.commit()?;
            Ok(())
        };
        match all() {
            Ok(()) => self.fold.committed(&self.day.recent),
            Err(error) => {
                counter!("hiveboard_store_maintenance_failures_total", "chore" => "fold").increment(1);
                tracing::warn!(%error, file = %self.day.path.display(), "a file's indexes were not completed; memory keeps the rest");
            }
        }
    }
}

/// What an append is about to store.
struct Commit {
    first_seq: u64,
    /// One a batch, in the batches' order.
    results: Vec<Appended>,
    scopes: Vec<Scope>,
    /// Places in `results` with something new, in the order of `seq`.
    order: Vec<usize>,
    hashes: Vec<IdHash>,
}

/// The writer, while the store is open.
pub(super) struct WriterSlot(Mutex<Option<Writer>>);

impl WriterSlot {
    pub(super) const fn new(writer: Writer) -> Self {
        Self(Mutex::new(Some(writer)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    pub(super) fn new(
        key: Option<StoreKey>,
        next_seq: u64,
        dedup: Dedup,
        newest: Option<(Arc<Day>, Connection)>,
    ) -> Result<Self> {
        let open = newest.map(|(day, connection)| OpenDay::new(day, connection));
        Ok(Self { dedup, open, key, next_seq, packer: Packer::new()?, sums: Sums::default() })
    }

    pub(super) fn append(&mut self, catalog: &Catalog, batches: Vec<Batch>) -> Result<Vec<Appended>> {
        let Some(arrived) = batches.iter().map(|batch| batch.received_at.day()).max() else { return Ok(Vec::new()) };
        files::check_room(&catalog.dir, catalog.options.free_space_floor_bytes)?;
        self.turn_to(catalog, arrived)?;
        let mut commit = Commit {
            first_seq: self.next_seq,
            results: Vec::new(),
            scopes: batches.iter().map(|batch| batch.scope).collect(),
            order: Vec::new(),
            hashes: Vec::new(),
        };
        let done = self.sift(catalog, batches, &mut commit).and_then(|()| self.store(catalog, &commit));
        if let Err(error) = done {
            self.take_back(&commit);
            return Err(error);
        }
        self.next_seq += commit.hashes.len() as u64;
        Ok(commit.results)
    }

    /// Goes over to the file of that day, unless it is the one at hand or, by a clock set back, an older one.
    fn turn_to(&mut self, catalog: &Catalog, day: i64) -> Result<()> {
        if let Some(open) = self.open.as_ref().filter(|open| open.day.number >= day) {
            // Half of what memory is meant for: then the other half may wait to be sealed.
            if self.dedup.newest().is_none_or(|set| set.len() > catalog.options.dedup_ids_in_memory as u64 / 2) {
                self.dedup.start(open.day.number, self.next_seq, catalog.oldest_known(open.day.number));
            }
            return Ok(());
        }
        if let Some(open) = &mut self.open {
            open.finish(self.next_seq);
        }
        let (opened, connection, key) =
            Day::open(&catalog.dir, day, self.key, self.next_seq, &catalog.options, catalog.shared())?;
        let opened = Arc::new(opened);
        catalog.add_day(Arc::clone(&opened), key);
        self.key = Some(key);
        self.dedup.start(day, self.next_seq, catalog.oldest_known(day));
        self.open = Some(OpenDay::new(opened, connection));
        Ok(())
    }

    /// Begins the file of that day when the one at hand is another, which then may go.
    pub(super) fn leave_day(&mut self, catalog: &Catalog, number: i64, day: i64) -> Result<()> {
        if self.open.as_ref().is_some_and(|open| open.day.number == number) {
            self.turn_to(catalog, day)
        } else {
            Ok(())
        }
    }

    /// Lets go of a damaged day; answers whether it is the one that takes what arrives.
    pub(super) fn let_go_of(&mut self, number: i64) -> bool {
        self.dedup.forget(number);
        self.open.take_if(|open| open.day.number == number).is_some()
    }

    /// Takes the saved file of a day in the place of the damaged one.
    pub(super) fn take(
        &mut self,
        catalog: &Catalog,
        day: &Arc<Day>,
        connection: Connection,
        is_open: bool,
    ) -> Result<()> {
        let today = hiveboard_wire::Timestamp::now().day();
        if day.number >= catalog.oldest_known(today) {
            load_ids(&connection, day, &mut self.dedup, catalog.oldest_known(today))?;
        }
        if is_open {
            self.open = Some(OpenDay::new(Arc::clone(day), connection));
        }
        if let Some(open) = &self.open {
            self.dedup.start(open.day.number, self.next_seq, catalog.oldest_known(today.min(open.day.number)));
        }
        Ok(())
    }

    /// Parts the new from the repeated, and numbers the new.
    fn sift(&mut self, catalog: &Catalog, batches: Vec<Batch>, commit: &mut Commit) -> Result<()> {
        let key = self.key.expect("a day file is open, and brought its key");
        let mut verifier = Verifier::new(catalog);
        let ids = batches
            .iter()
            .map(|batch| batch.events.iter().map(|incoming| key.id_hash(batch.scope, &incoming.event.event_id)));
        let hashes: Vec<IdHash> = ids.flatten().collect();
        let may_be_known = self.dedup.may_hold(&hashes);
        // Where each batch begins among them.
        let starts: Vec<usize> =
            batches.iter().scan(0, |next, batch| Some(std::mem::replace(next, *next + batch.events.len()))).collect();
        let mut candidates = Vec::new();
        commit.results = batches.iter().map(|_| Appended::default()).collect();
        let mut batches: Vec<Option<Batch>> = batches.into_iter().map(Some).collect();
        // Scope by scope, so that blocks hold one scope and an unbroken run of numbers.
        for index in by_scope(&commit.scopes) {
            let batch = batches[index].take().expect("each batch is visited once");
            let mut fresh = Vec::with_capacity(batch.events.len());
            for (place, incoming) in batch.events.into_iter().enumerate() {
                let id = &incoming.event.event_id;
                let hash = hashes[starts[index] + place];
                if may_be_known[starts[index] + place] {
                    self.dedup.candidates(hash, &mut candidates)?;
                } else {
                    // Then only this very commit may hold it.
                    candidates.clear();
                    self.dedup.newest().expect("a day is open").find(hash, &mut candidates);
                }
                let mut known = None;
                for seq in &candidates {
                    known = known.or(if *seq >= commit.first_seq {
                        same_commit(commit, &fresh, batch.scope, *seq, id)
                    } else {
                        verifier.content_of(*seq, batch.scope, id)?
                    });
                }
                if let Some(content) = known {
                    commit.results[index].duplicates += 1;
                    if content != content_hash(&batch.envelope.agent_id, &incoming.event) {
                        commit.results[index].differing.push(place);
                    }
                    continue;
                }
                let seq = commit.first_seq + commit.hashes.len() as u64;
                self.dedup.newest().expect("a day is open").insert(hash, seq);
                commit.hashes.push(hash);
                fresh.push(Fresh {
                    stored: hiveboard_wire::StoredEvent {
                        seq,
                        received_at: batch.received_at,
                        envelope: Arc::clone(&batch.envelope),
                        event: incoming.event,
                    },
                    body: incoming.body,
                    call_cost: incoming.call_cost,
                });
            }
            if !fresh.is_empty() {
                commit.order.push(index);
            }
            commit.results[index].fresh = fresh;
        }
        Ok(())
    }

    fn store(&mut self, catalog: &Catalog, commit: &Commit) -> Result<()> {
        if commit.hashes.is_empty() {
            return Ok(());
        }
        let open = self.open.as_mut().expect("a day is open");
        let key = self.key.expect("a day file is open, and brought its key");
        let path = open.day.path.clone();
        let stored = (|| -> Result<()> {
            let transaction = open.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.packer.begin();
            self.sums = Sums::default();
            for index in &commit.order {
                self.packer.add(&transaction, &key, commit.scopes[*index], &commit.results[*index].fresh)?;
            }
            self.packer.end(&transaction, &key)?;
            for index in &commit.order {
                let (scope, fresh) = (commit.scopes[*index], &commit.results[*index].fresh);
                rows::insert(&transaction, &mut open.dictionary, &mut self.sums, &key, scope, fresh, true)?;
            }
            open.fold.step(
                &transaction,
                &open.day.recent,
                &catalog.options,
                commit.first_seq as i64,
                self.packer.listed().len(),
            )?;
            let mut ids = Vec::with_capacity(commit.hashes.len() * IdHash::BYTES);
            commit.hashes.iter().for_each(|hash| ids.extend_from_slice(&hash.to_bytes()));
            transaction
                .prepare_cached("INSERT INTO seen(first_seq, ids) VALUES (?1, ?2)")?
                .execute(params![commit.first_seq, ids])?;
            transaction.commit()?;
            Ok(())
        })();
        if let Err(error) = stored {
            open.dictionary.rolled_back();
            let error = in_file(&path, error);
            open.day.mark(&error);
            return Err(error);
        }
        open.dictionary.committed();
        open.fold.committed(&open.day.recent);
        open.day.recent.add(self.packer.listed(), &self.sums);
        catalog.search.written(self.packer.unpacked());
        catalog.committed(&open.day, commit.first_seq + commit.hashes.len() as u64 - 1, self.packer.written());
        Ok(())
    }

    /// Forgets what a failed append had put into memory: nothing of it counts as seen.
    fn take_back(&mut self, commit: &Commit) {
        if let Some(set) = self.dedup.newest() {
            for (place, hash) in commit.hashes.iter().enumerate() {
                set.remove(*hash, commit.first_seq + place as u64);
            }
        }
    }

    /// Empties the log and lets go of the file.
    pub(super) fn close(self) -> Result<()> {
        let Some(mut open) = self.open else { return Ok(()) };
        open.finish(self.next_seq);
        schema::empty_log(&open.connection).map_err(|error| in_file(&open.day.path, error))
    }
}

/// Ids that are read before they are put in their places, 16 bytes each.
const IDS_AT_ONCE: usize = 1 << 20;

/// What is known of a day's ids: those that are sealed, and those that are not.
pub(super) fn load_ids(connection: &Connection, day: &Arc<Day>, dedup: &mut Dedup, oldest: i64) -> Result<()> {
    dedup.add_sealed(load_sealed(day, connection)?);
    let from = ends_of_sealed(connection)?.max(day.range().first_seq);
    dedup.start(day.number, from, oldest);
    let set = dedup.newest().expect("a set was started just now");
    let mut statement =
        connection.prepare("SELECT first_seq, ids FROM seen WHERE first_seq >= ?1 ORDER BY first_seq")?;
    let mut rows = statement.query([from])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let first_seq: i64 = row.get(0)?;
        let ids = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        waiting.extend(
            (first_seq as u64..).zip(ids.chunks_exact(IdHash::BYTES)).map(|(seq, id)| (IdHash::from_bytes(id), seq)),
        );
        if waiting.len() >= IDS_AT_ONCE {
            set.extend(&waiting);
            waiting.clear();
        }
    }
    set.extend(&waiting);
    Ok(())
}

/// Indices of the batches, scopes in the order in which they first appear.
fn by_scope(scopes: &[Scope]) -> Vec<usize> {
    let mut seen: Vec<Scope> = Vec::new();
    for scope in scopes {
        if !seen.contains(scope) {
            seen.push(*scope);
        }
    }
    seen.iter()
        .flat_map(|scope| scopes.iter().enumerate().filter(move |(_, other)| *other == scope).map(|(index, _)| index))
        .collect()
}

/// The content's hash of an event taken earlier in this same append, if it has this id.
fn same_commit(
    commit: &Commit,
    current: &[Fresh],
    scope: Scope,
    seq: u64,
    id: &hiveboard_wire::EventId,
) -> Option<u64> {
    let find = |fresh: &[Fresh]| {
        let place = seq.checked_sub(fresh.first()?.stored.seq)?;
        let stored = &fresh.get(place as usize)?.stored;
        (stored.event.event_id == *id).then(|| content_hash(&stored.envelope.agent_id, &stored.event))
    };
    let earlier = commit.order.iter().filter(|index| commit.scopes[**index] == scope);
    find(current).or_else(|| earlier.into_iter().find_map(|index| find(&commit.results[*index].fresh)))
}
