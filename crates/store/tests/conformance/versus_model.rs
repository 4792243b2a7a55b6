//! Every query gives what the plain list gives, whatever was appended, across reopening and crashes.

use std::path::{Path, PathBuf};

use hiveboard_store::{
    CallSort, EventFilter, EventLog, EventPage, EventReader, Position, SqliteStore, StoreAdmin, StoreOptions,
    query::SeqOrder,
};
use hiveboard_wire::{StoredEvent, Timestamp};
use proptest::prelude::*;

use crate::{
    model::{self, Known, Model},
    random::{self, DAY, SCOPES, Step},
};

/// A store and the list that it should equal.
struct Pair {
    root: tempfile::TempDir,
    dir: PathBuf,
    store: Option<SqliteStore>,
    model: Model,
    now: i64,
    crashes: u32,
    options: StoreOptions,
}

impl Pair {
    fn new(few_blocks: u32, recent: usize) -> Self {
        let options = StoreOptions {
            few_blocks,
            recent_references: recent,
            recent_sums: recent,
            search_stretch_events: 8,
            search_segment_stretches: 5,
            ..crate::options()
        };
        let root = tempfile::tempdir().expect("a directory");
        let dir = root.path().join("0");
        let store = Some(SqliteStore::open(&dir, options.clone()).expect("the store opens"));
        Self { root, dir, store, model: Model::default(), now: random::base(), crashes: 0, options }
    }

    fn store(&self) -> &SqliteStore {
        self.store.as_ref().expect("open between steps")
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Append(batches, days) => {
                self.now = (self.now + days * DAY + 1_000_000).min(random::base() + 3 * DAY);
                let groups: Vec<_> = batches.iter().map(|batch| batch.build(Timestamp(self.now))).collect();
                self.append(groups);
            }
            Step::Maintain => self.store().maintain().expect("there is room"),
            Step::Reopen => {
                self.store().close().expect("closes");
                self.store = None;
                self.store = Some(SqliteStore::open(&self.dir, self.options.clone()).expect("the store opens"));
            }
            Step::Crash => {
                self.crashes += 1;
                let next = self.root.path().join(self.crashes.to_string());
                copy(&self.dir, &next);
                self.store = None;
                self.dir = next;
                self.store = Some(SqliteStore::open(&self.dir, self.options.clone()).expect("the store opens"));
            }
        }
    }

    fn append(&mut self, groups: Vec<hiveboard_store::Batch>) {
        let head = self.store().head().seq();
        let expected = self.model.expect(&groups);
        let scopes: Vec<_> = groups.iter().map(|group| group.scope).collect();
        let done = self.store().append(groups).expect("appends");
        let mut numbers = Vec::new();
        for ((appended, (ids, duplicates)), scope) in done.iter().zip(&expected).zip(scopes) {
            let stored: Vec<String> =
                appended.fresh.iter().map(|fresh| fresh.stored.event.event_id.to_string()).collect();
            assert_eq!((&stored, appended.duplicates), (ids, *duplicates));
            let mine: Vec<u64> = appended.fresh.iter().map(|fresh| fresh.stored.seq).collect();
            assert!(mine.is_sorted());
            numbers.extend(mine);
            for fresh in &appended.fresh {
                self.model.learn(Known {
                    scope,
                    seq: fresh.stored.seq,
                    received_at: fresh.stored.received_at,
                    envelope: (*fresh.stored.envelope).clone(),
                    event: fresh.stored.event.clone(),
                    body: fresh.body.clone(),
                    call_cost: fresh.call_cost,
                });
            }
        }
        numbers.sort_unstable();
        let wanted: Vec<u64> = (head + 1..=head + numbers.len() as u64).collect();
        assert_eq!(numbers, wanted, "numbers go on without a gap");
        assert_eq!(self.store().head().seq(), head + numbers.len() as u64);
    }

    fn replays_all(&self) {
        let mut place = 0;
        let visit = &mut |scope, stored: StoredEvent, cost| {
            let known = &self.model.all[place];
            assert_eq!((scope, cost), (known.scope, known.call_cost));
            same(&stored, known);
            place += 1;
        };
        self.store().replay(Position::START, visit).expect("replays");
        assert_eq!(place, self.model.all.len());
        assert_eq!(self.store().stats().expect("stats").events, place as u64);
        assert_eq!(self.store().check().expect("checks"), Vec::<String>::new());
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a new directory");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        // The shared-memory index is rebuilt from the log after a crash.
        if !entry.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
        }
    }
}

fn same(stored: &StoredEvent, known: &Known) {
    assert_eq!(stored.seq, known.seq);
    assert_eq!(stored.received_at, known.received_at);
    assert_eq!(*stored.envelope, known.envelope);
    // Events hold raw JSON, which has no equality of its own; their debug form shows every field.
    assert_eq!(format!("{:?}", stored.event), format!("{:?}", known.event));
}

fn all_same(stored: &[StoredEvent], known: &[&Known]) {
    let numbers: Vec<u64> = stored.iter().map(|one| one.seq).collect();
    assert_eq!(numbers, known.iter().map(|one| one.seq).collect::<Vec<_>>());
    stored.iter().zip(known).for_each(|(stored, known)| same(stored, known));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_query_equals_the_list(
        steps in random::steps(),
        event_filters in proptest::collection::vec(random::event_filters(), 12),
        call_filters in proptest::collection::vec(random::call_filters(), 6),
        dimensions in random::dimensions(),
        bucket in proptest::option::of(1..DAY),
        limit in 1_usize..40,
        from in 0_u64..400,
        few_blocks in prop_oneof![Just(0_u32), Just(300)],
        recent in prop_oneof![Just(1_usize), Just(100), Just(1_000_000)],
    ) {
        let mut pair = Pair::new(few_blocks, recent);
        for step in &steps {
            pair.step(step);
        }
        pair.replays_all();
        let everything = EventFilter::default();
        for scope in SCOPES {
            for filter in event_filters.iter().chain([&everything]) {
                for order in [
                    SeqOrder::Newest { before: None },
                    SeqOrder::Newest { before: Some(Position::of_seq(from)) },
                    SeqOrder::Oldest { after: Position::START },
                    SeqOrder::Oldest { after: Position::of_seq(from) },
                ] {
                    for limit in [limit, usize::MAX] {
                        let page = EventPage { order, limit };
                        let found = pair.store().events(scope, filter, page).expect("finds");
                        all_same(&found, &pair.model.events(scope, filter, page));
                    }
                }
            }
            for (task, run) in [("t1", None), ("t2", Some("r1")), ("t2", Some("")), ("absent", None)] {
                let filter = EventFilter {
                    agent_id: Some("agent-a".to_owned()),
                    task_id: Some(task.to_owned()),
                    task_run_id: run.map(str::to_owned),
                    ..EventFilter::default()
                };
                let page = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit };
                let found = pair.store().task_events(scope, "agent-a", task, run, page).expect("finds");
                all_same(&found, &pair.model.events(scope, &filter, page));
            }
            for filter in &call_filters {
                let groups = pair.store().call_groups(scope, filter, &dimensions, bucket, usize::MAX).expect("groups");
                let wanted = pair.model.call_groups(scope, filter, &dimensions, bucket);
                prop_assert_eq!((&groups.groups, groups.other_count), (&wanted, 0));
                if !dimensions.is_empty() {
                    let most = pair.store().call_groups(scope, filter, &dimensions, bucket, 2).expect("groups");
                    model::are_the_most(&most, &wanted, 2);
                }
                let failures = pair.store().failures(scope, filter, bucket.unwrap_or(3_600_000_000)).expect("counts");
                prop_assert_eq!(failures, pair.model.failures(scope, filter, bucket.unwrap_or(3_600_000_000)));
                for sort in [
                    CallSort::Newest { after: None },
                    CallSort::Oldest { after: None },
                    CallSort::Cost { after: None },
                    CallSort::Tokens { after: None },
                    CallSort::Newest { after: Some((Timestamp(random::base() + DAY), Position::of_seq(from))) },
                    CallSort::Oldest { after: Some((Timestamp(random::base() + DAY), Position::of_seq(from))) },
                    CallSort::Cost { after: Some((10_000_000, Position::of_seq(from))) },
                    CallSort::Tokens { after: Some((30, Position::of_seq(from))) },
                ] {
                    let rows = pair.store().calls(scope, filter, sort, limit).expect("lists");
                    let found: Vec<u64> = rows.iter().map(|row| row.position.seq()).collect();
                    prop_assert_eq!(found, pair.model.calls(scope, filter, sort, limit), "{:?}", sort);
                    for row in rows {
                        let known = &pair.model.all[row.position.seq() as usize - 1];
                        let hiveboard_wire::Body::LlmCall(call) = &known.body else { panic!("a call") };
                        prop_assert_eq!(row.event_id, known.event.event_id.to_string());
                        prop_assert_eq!((row.tokens_in, row.tokens_out), (call.tokens_in, call.tokens_out));
                        prop_assert_eq!(row.model.as_deref(), call.model.as_deref());
                        prop_assert_eq!(row.prompt_preview.as_deref(), call.prompt_preview.as_deref());
                        prop_assert_eq!(row.cost_source, known.call_cost.expect("has a cost").source);
                    }
                }
            }
        }
    }
}
