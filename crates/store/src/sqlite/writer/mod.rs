//! The way in: one commit an append.

mod pack;
mod rows;
mod seen;
mod totals;

use std::sync::Arc;

use hiveboard_wire::Scope;
use rusqlite::{Connection, TransactionBehavior, params};

pub(super) use self::pack::Written;
use self::{pack::Packer, seen::Verifier, totals::Totals};
use super::{
    day::Day,
    dedup::Dedup,
    dictionary::Dictionary,
    error::in_file,
    files,
    keys::{IdHash, StoreKey},
    schema,
    store::Shared,
};
use crate::{Appended, Fresh, Group, Result};

/// The writer's own state; one append at a time holds it.
pub(super) struct Writer {
    pub(super) dedup: Dedup,
    open: Option<OpenDay>,
    key: Option<StoreKey>,
    next_seq: u64,
    packer: Packer,
    totals: Totals,
}

/// The file that takes what arrives.
struct OpenDay {
    day: Arc<Day>,
    connection: Connection,
    dictionary: Dictionary,
}

/// What an append is about to store.
struct Batch {
    first_seq: u64,
    /// One a group, in the groups' order.
    results: Vec<Appended>,
    scopes: Vec<Scope>,
    /// Places in `results` with something new, in the order of `seq`.
    order: Vec<usize>,
    hashes: Vec<IdHash>,
}

impl Writer {
    pub(super) fn new(
        key: Option<StoreKey>,
        next_seq: u64,
        dedup: Dedup,
        newest: Option<(Arc<Day>, Connection)>,
    ) -> Result<Self> {
        let open = newest.map(|(day, connection)| OpenDay { day, connection, dictionary: Dictionary::default() });
        Ok(Self { dedup, open, key, next_seq, packer: Packer::new()?, totals: Totals::default() })
    }

    pub(super) fn append(&mut self, shared: &Shared, groups: Vec<Group>) -> Result<Vec<Appended>> {
        let Some(arrived) = groups.iter().map(|group| group.received_at.day()).max() else { return Ok(Vec::new()) };
        files::check_room(&shared.dir, shared.options.free_space_floor_bytes)?;
        self.turn_to(shared, arrived)?;
        let mut batch = Batch {
            first_seq: self.next_seq,
            results: Vec::new(),
            scopes: groups.iter().map(|group| group.scope).collect(),
            order: Vec::new(),
            hashes: Vec::new(),
        };
        let done = self.sift(shared, groups, &mut batch).and_then(|()| self.store(shared, &batch));
        if let Err(error) = done {
            self.take_back(&batch);
            return Err(error);
        }
        self.next_seq += batch.hashes.len() as u64;
        Ok(batch.results)
    }

    /// Goes over to the file of that day, unless it is the one at hand or, by a clock set back, an older one.
    fn turn_to(&mut self, shared: &Shared, day: i64) -> Result<()> {
        if let Some(open) = self.open.as_ref().filter(|open| open.day.number >= day) {
            // Half of what memory is meant for: then the other half may wait to be sealed.
            if self.dedup.newest().is_none_or(|set| set.len() > shared.options.dedup_ids_in_memory as u64 / 2) {
                self.dedup.start(open.day.number, self.next_seq, shared.oldest_known(open.day.number));
            }
            return Ok(());
        }
        let (opened, connection, key) = Day::open(&shared.dir, day, self.key, self.next_seq, &shared.options)?;
        let opened = Arc::new(opened);
        shared.add_day(Arc::clone(&opened), key);
        self.key = Some(key);
        self.dedup.start(day, self.next_seq, shared.oldest_known(day));
        self.open = Some(OpenDay { day: opened, connection, dictionary: Dictionary::default() });
        Ok(())
    }

    /// Parts the new from the repeated, and numbers the new.
    fn sift(&mut self, shared: &Shared, groups: Vec<Group>, batch: &mut Batch) -> Result<()> {
        let key = self.key.expect("a day file is open, and brought its key");
        let mut verifier = Verifier::new(shared);
        let mut candidates = Vec::new();
        batch.results = groups.iter().map(|_| Appended::default()).collect();
        let mut groups: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
        // Scope by scope, so that blocks hold one scope and an unbroken run of numbers.
        for index in by_scope(&batch.scopes) {
            let group = groups[index].take().expect("each group is visited once");
            let mut fresh = Vec::with_capacity(group.events.len());
            for incoming in group.events {
                let id = &incoming.event.event_id;
                let hash = key.id_hash(group.scope, id);
                self.dedup.candidates(hash, &mut candidates)?;
                let mut repeated = false;
                for seq in &candidates {
                    repeated |= if *seq >= batch.first_seq {
                        same_commit(batch, &fresh, group.scope, *seq, id)
                    } else {
                        verifier.is_stored_as(*seq, group.scope, id)?
                    };
                }
                if repeated {
                    batch.results[index].duplicates += 1;
                    continue;
                }
                let seq = batch.first_seq + batch.hashes.len() as u64;
                self.dedup.newest().expect("a day is open").insert(hash, seq);
                batch.hashes.push(hash);
                fresh.push(Fresh {
                    stored: hiveboard_wire::StoredEvent {
                        seq,
                        received_at: group.received_at,
                        envelope: Arc::clone(&group.envelope),
                        event: incoming.event,
                    },
                    body: incoming.body,
                    call_cost: incoming.call_cost,
                });
            }
            if !fresh.is_empty() {
                batch.order.push(index);
            }
            batch.results[index].fresh = fresh;
        }
        Ok(())
    }

    fn store(&mut self, shared: &Shared, batch: &Batch) -> Result<()> {
        if batch.hashes.is_empty() {
            return Ok(());
        }
        let open = self.open.as_mut().expect("a day is open");
        let key = self.key.expect("a day file is open, and brought its key");
        let path = open.day.path.clone();
        let stored = (|| -> Result<()> {
            let transaction = open.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.packer.begin();
            self.totals.begin();
            for index in &batch.order {
                self.packer.add(&transaction, &key, batch.scopes[*index], &batch.results[*index].fresh)?;
            }
            self.packer.end(&transaction, &key)?;
            for index in &batch.order {
                let (scope, fresh) = (batch.scopes[*index], &batch.results[*index].fresh);
                rows::insert(&transaction, &mut open.dictionary, &mut self.totals, &key, scope, fresh)?;
            }
            self.totals.write(&transaction)?;
            let mut ids = Vec::with_capacity(batch.hashes.len() * IdHash::BYTES);
            batch.hashes.iter().for_each(|hash| ids.extend_from_slice(&hash.to_bytes()));
            transaction
                .prepare_cached("INSERT INTO seen(first_seq, ids) VALUES (?1, ?2)")?
                .execute(params![batch.first_seq, ids])?;
            transaction.commit()?;
            Ok(())
        })();
        if let Err(error) = stored {
            open.dictionary.rolled_back();
            return Err(in_file(&path, error));
        }
        open.dictionary.committed();
        shared.committed(&open.day, batch.first_seq + batch.hashes.len() as u64 - 1, self.packer.written());
        Ok(())
    }

    /// Forgets what a failed append had put into memory: nothing of it counts as seen.
    fn take_back(&mut self, batch: &Batch) {
        if let Some(set) = self.dedup.newest() {
            for (place, hash) in batch.hashes.iter().enumerate() {
                set.remove(*hash, batch.first_seq + place as u64);
            }
        }
    }

    /// Empties the log and lets go of the file.
    pub(super) fn close(self) -> Result<()> {
        let Some(open) = self.open else { return Ok(()) };
        schema::empty_log(&open.connection).map_err(|error| in_file(&open.day.path, error))
    }
}

/// Indices of the groups, scopes in the order in which they first appear.
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

/// Whether an event taken earlier in this same append has this id.
fn same_commit(batch: &Batch, current: &[Fresh], scope: Scope, seq: u64, id: &hiveboard_wire::EventId) -> bool {
    let same = |fresh: &[Fresh]| {
        fresh.first().is_some_and(|first| {
            seq.checked_sub(first.stored.seq)
                .and_then(|place| fresh.get(place as usize))
                .is_some_and(|fresh| fresh.stored.event.event_id == *id)
        })
    };
    same(current) || batch.order.iter().any(|index| batch.scopes[*index] == scope && same(&batch.results[*index].fresh))
}
