//! The way in: what is new of some batches, inserted in their order.

use std::{collections::HashMap, hash::Hasher, sync::Arc};

use clickhouse::Row;
use hiveboard_store::{Appended, Batch, Fresh, Incoming, Position, Result, StoreError};
use hiveboard_wire::{EventId, Scope, StoredEvent, kind::limits};
use serde::Deserialize;
use siphasher::sip::SipHasher13;

use crate::{
    ClickHouseOptions,
    days::{DAY_MICROS, Days},
    known::{Known, id_hash},
    lookup::{Found, Late, look_up, says_the_same},
    rows::NewRow,
    schema::stored_head,
    server::{Limit, Rows, Server},
    sql::Sql,
};

/// Rows of one insert; more would make a block that memory notices.
const ROWS_AT_ONCE: usize = 100_000;
/// Clocks of nodes may differ by so much, and events be stamped so far ahead.
const AHEAD_MICROS: i64 = (limits::FUTURE_SECONDS + 3600) * 1_000_000;
/// With more rows than this the last place is looked for among those that arrived lately.
const MOST_ROWS_FOR_HEAD: u64 = 50_000_000;

/// The writer's own state; one append at a time holds it.
pub(crate) struct Writer {
    partition: u16,
    dedup_days: u16,
    pub(crate) known: Known,
    head: u64,
    days: Vec<i64>,
    /// Set while it is not known whether the last insert is stored.
    is_uncertain: bool,
}

#[derive(Row, Deserialize)]
struct IdRow {
    seq: u64,
    id_hash: u64,
    received_us: i64,
}

#[derive(Row, Deserialize)]
struct Cut {
    received_us: i64,
}

/// An event on its way.
struct Candidate {
    hash: u64,
    /// Where events with the same hash are.
    places: Vec<u64>,
}

/// Something new, with where it belongs.
struct Place {
    batch: usize,
    fresh: usize,
    hash: u64,
}

impl Writer {
    /// Reads what is known of the partition. `at_least`: a place that was given away already.
    pub(crate) fn open(server: &Server, options: &ClickHouseOptions, at_least: Position) -> Result<Self> {
        let days = Days::read(server, options.partition)?;
        let newest = days.newest().unwrap_or(0);
        let mut writer = Self {
            partition: options.partition,
            dedup_days: options.dedup_days,
            known: Known::new(0, 0, 0),
            head: 0,
            days: days.numbers(),
            is_uncertain: false,
        };
        let lately = if days.events() > MOST_ROWS_FOR_HEAD { (newest - 1) * DAY_MICROS } else { i64::MIN };
        writer.head = stored_head(server, options.partition, lately)?.max(at_least.seq());
        let mut from_us = Known::memory_from_us(newest, options.dedup_days_in_memory);
        if days.events_since(from_us.div_euclid(DAY_MICROS)) > options.dedup_ids_in_memory as u64 {
            from_us = from_us.max(writer.arrival_of_newest(server, from_us, options.dedup_ids_in_memory)?);
        }
        writer.known = Known::new(from_us, options.dedup_days_in_memory, options.dedup_ids_in_memory);
        writer.load_ids(server, &Sql::new(format!("received_us >= {from_us}")))?;
        Ok(writer)
    }

    pub(crate) fn go_on_after(&mut self, seq: u64) {
        self.head = self.head.max(seq);
    }

    pub(crate) const fn head(&self) -> u64 {
        self.head
    }

    /// When the newest so many arrived, roughly.
    fn arrival_of_newest(&self, server: &Server, since_us: i64, most: usize) -> Result<i64> {
        let sql = format!(
            "SELECT received_us FROM events WHERE partition = {} AND received_us >= {since_us} ORDER BY received_us DESC LIMIT 1 OFFSET {most}",
            self.partition
        );
        Ok(server.first::<Cut>(&Sql::new(sql), Limit::Long)?.map_or(since_us, |row| row.received_us + 1))
    }

    fn load_ids(&mut self, server: &Server, which: &Sql) -> Result<()> {
        let sql = format!("SELECT ?fields FROM events FINAL WHERE partition = {} AND ", self.partition);
        server.visit(&Sql::new(sql).then(which.clone()), Limit::Long, |row: IdRow| {
            self.known.add(row.received_us, row.id_hash, row.seq);
            Ok(std::ops::ControlFlow::Continue(()))
        })
    }

    /// Finds out what became of an insert that was not answered.
    fn make_certain(&mut self, server: &Server) -> Result<()> {
        let head = self.head;
        self.load_ids(server, &Sql::new(format!("seq > {head}")))?;
        self.head = self.head.max(stored_head(server, self.partition, i64::MIN)?);
        self.days = Days::read(server, self.partition)?.numbers();
        self.is_uncertain = false;
        Ok(())
    }

    pub(crate) fn append(&mut self, server: &Server, batches: Vec<Batch>) -> Result<Vec<Appended>> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_uncertain {
            self.make_certain(server)?;
        }
        let days: Vec<i64> = batches.iter().map(|batch| batch.received_at.day()).collect();
        let Sifted { results, mut order, .. } = self.sift(server, batches)?;
        order.sort_by_key(|place| results[place.batch].1.fresh[place.fresh].stored.seq);
        if let Err(error) = self.store(server, &results, &order) {
            self.is_uncertain = true;
            return Err(error);
        }
        for place in &order {
            let stored = &results[place.batch].1.fresh[place.fresh].stored;
            self.known.add(stored.received_at.0, place.hash, stored.seq);
            self.head = self.head.max(stored.seq);
        }
        for day in days {
            if let Err(at) = self.days.binary_search(&day) {
                self.days.insert(at, day);
            }
        }
        if let Some(newest) = self.days.last() {
            self.known.shrink(*newest);
        }
        Ok(results.into_iter().map(|(_, appended)| appended).collect())
    }

    /// Inserts events that another store has numbered, as they are. They come in order, and nothing that came before is among them.
    pub(crate) fn take_over(&mut self, server: &Server, events: Vec<(Scope, Fresh)>) -> Result<()> {
        let (mut results, mut order) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
        for (batch, (scope, fresh)) in events.into_iter().enumerate() {
            order.push(Place { batch, fresh: 0, hash: id_hash(scope, &fresh.stored.event.event_id) });
            results.push((scope, Appended { fresh: vec![fresh], ..Appended::default() }));
        }
        self.store(server, &results, &order)?;
        self.head = results.last().map_or(self.head, |(_, appended)| appended.fresh[0].stored.seq.max(self.head));
        Ok(())
    }

    /// Since when ids are known on a day, by arrival: those of so many days back, and of as many days with events. A clock that jumps a year ahead
    /// for a moment would otherwise forget all.
    fn known_since(&self, day: i64) -> i64 {
        let before = self.days.partition_point(|other| *other < day);
        let by_days = before.checked_sub(usize::from(self.dedup_days)).and_then(|place| self.days.get(place)).copied();
        (day - i64::from(self.dedup_days)).min(by_days.unwrap_or(i64::MIN / DAY_MICROS)) * DAY_MICROS
    }

    /// Parts the new from the repeated, and numbers the new that no log has numbered.
    fn sift(&self, server: &Server, batches: Vec<Batch>) -> Result<Sifted> {
        let day = batches.iter().map(|batch| batch.received_at.day()).max().unwrap_or(0);
        let since_us = self.known_since(day);
        let (mut candidates, mut places, mut late) = (Vec::new(), Vec::new(), Vec::new());
        for batch in &batches {
            for incoming in &batch.events {
                let (id, timestamp_us) = (&incoming.event.event_id, incoming.event.timestamp.0);
                let mut candidate = Candidate { hash: id_hash(batch.scope, id), places: Vec::new() };
                self.known.candidates(candidate.hash, since_us, &mut candidate.places);
                places.extend(candidate.places.iter().map(|seq| (batch.scope, *seq)));
                if timestamp_us - AHEAD_MICROS < self.known.complete_from_us() && !self.days.is_empty() {
                    late.push(Late { scope: batch.scope, timestamp_us, id: id.to_string() });
                }
                candidates.push(candidate);
            }
        }
        let found = look_up(server, self.partition, &places, &late, since_us)?;
        let mut sifted = Sifted { next: self.head + 1, ..Sifted::default() };
        let mut candidates = candidates.into_iter();
        for batch in batches {
            sifted.batch(batch, &mut candidates, &found);
        }
        Ok(sifted)
    }

    /// Inserts in the order of places, one ClickHouse partition at a time: so everything before the last stored place is stored.
    fn store(&self, server: &Server, results: &[(Scope, Appended)], order: &[Place]) -> Result<()> {
        let fresh = |place: &Place| &results[place.batch].1.fresh[place.fresh];
        let day = |place: &Place| fresh(place).stored.received_at.day();
        for of_day in order.chunk_by(|one, next| day(one) == day(next)) {
            for some in of_day.chunks(ROWS_AT_ONCE) {
                let mut hasher = SipHasher13::new();
                for place in some {
                    hasher.write_u64(place.hash);
                }
                let (first, last) = (fresh(&some[0]).stored.seq, fresh(&some[some.len() - 1]).stored.seq);
                let token = format!("{} {first} {last} {:x}", self.partition, hasher.finish());
                let row = |at: usize| {
                    let place = &some[at];
                    NewRow::new(self.partition, results[place.batch].0, place.hash, fresh(place))
                };
                server.insert("events", &token, &Rows::<NewRow<'_>> { count: some.len(), row: &row })?;
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Sifted {
    next: u64,
    results: Vec<(Scope, Appended)>,
    order: Vec<Place>,
    /// What is new by the hashes of its ids: places in `order`.
    here: HashMap<u64, Vec<usize>>,
}

impl Sifted {
    fn batch(&mut self, batch: Batch, candidates: &mut impl Iterator<Item = Candidate>, found: &Found) {
        let Batch { scope, envelope, received_at, position, events } = batch;
        let at = self.results.len();
        self.results.push((scope, Appended::default()));
        for (place, Incoming { event, body, call_cost }) in events.into_iter().enumerate() {
            let candidate = candidates.next().expect("one was made of each event");
            let own = position.map(|first| first.seq() + place as u64);
            let same = {
                let earlier = self.earlier(scope, &event.event_id, candidate.hash);
                let stored = earlier.or_else(|| found.event(scope, &event.event_id, &candidate.places));
                // The event itself, stored by an attempt that was not answered.
                let stored = stored.filter(|stored| own != Some(stored.seq));
                stored.map(|stored| says_the_same(&envelope.agent_id, &event, &stored.envelope.agent_id, &stored.event))
            };
            let appended = &mut self.results[at].1;
            if let Some(same) = same {
                appended.duplicates += 1;
                if !same {
                    appended.differing.push(place);
                }
                continue;
            }
            let seq = own.unwrap_or(self.next);
            self.next = self.next.max(seq) + 1;
            let stored = StoredEvent { seq, received_at, envelope: Arc::clone(&envelope), event };
            self.here.entry(candidate.hash).or_default().push(self.order.len());
            self.order.push(Place { batch: at, fresh: appended.fresh.len(), hash: candidate.hash });
            appended.fresh.push(Fresh { stored, body, call_cost });
        }
    }

    /// An event of this same append that has this id.
    fn earlier(&self, scope: Scope, id: &EventId, hash: u64) -> Option<&StoredEvent> {
        let places = self.here.get(&hash)?.iter().map(|at| &self.order[*at]);
        let mut stored = places.filter(|place| self.results[place.batch].0 == scope);
        stored
            .find(|place| self.results[place.batch].1.fresh[place.fresh].stored.event.event_id == *id)
            .map(|place| &self.results[place.batch].1.fresh[place.fresh].stored)
    }
}

/// Where a closed store is asked to append.
pub(crate) fn closed() -> StoreError {
    StoreError::Failed("the store is closed".to_owned())
}
