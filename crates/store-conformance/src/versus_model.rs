//! Every query gives what the plain list gives, whatever was appended, across reopening and crashes.

use hiveboard_store::{
    Batch, CallFilter, CallSort, Dimension, EventFilter, EventLog, EventPage, EventReader, Position, StoreAdmin,
    query::SeqOrder,
};
use hiveboard_wire::{Body, Scope, StoredEvent, Timestamp};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    Engine, Options,
    compare::{all_same, same},
    model::{self, Known, Model},
    random::{self, DAY, SCOPES, Step},
};

/// A store and the list that it should equal.
struct Pair<E: Engine> {
    /// Goes before its engine, which takes what is stored with it.
    store: Option<E::Store>,
    engine: E,
    model: Model,
    now: i64,
}

/// What is asked.
#[derive(Debug)]
struct Questions {
    event_filters: Vec<EventFilter>,
    call_filters: Vec<CallFilter>,
    dimensions: Vec<Dimension>,
    bucket: Option<i64>,
    limit: usize,
    from: u64,
}

impl<E: Engine> Pair<E> {
    fn new(variant: u32) -> Self {
        let engine = E::new(Options { variant: Some(variant), ..Options::default() });
        let store = Some(engine.open());
        Self { store, engine, model: Model::default(), now: random::base() }
    }

    fn store(&self) -> &E::Store {
        self.store.as_ref().expect("open between steps")
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Append(batches, days) => {
                self.now = (self.now + days * DAY + 1_000_000).min(random::base() + 3 * DAY);
                self.append(batches.iter().map(|batch| batch.build(Timestamp(self.now))).collect());
            }
            Step::Maintain => self.engine.maintain(self.store()),
            Step::Reopen => {
                self.store().close().expect("closes");
                self.store = None;
                self.store = Some(self.engine.open());
            }
            Step::Crash => {
                let store = self.store.take().expect("open between steps");
                self.store = Some(self.engine.crash(store));
            }
        }
    }

    fn append(&mut self, groups: Vec<Batch>) {
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

    fn answers_events(&self, scope: Scope, asked: &Questions) {
        let from = Position::of_seq(asked.from);
        let everything = EventFilter::default();
        for filter in asked.event_filters.iter().chain([&everything]) {
            for order in [
                SeqOrder::Newest { before: None },
                SeqOrder::Newest { before: Some(from) },
                SeqOrder::Oldest { after: Position::START },
                SeqOrder::Oldest { after: from },
            ] {
                for limit in [asked.limit, usize::MAX] {
                    let page = EventPage { order, limit };
                    let found = self.store().events(scope, filter, page).expect("finds");
                    all_same(&found, &self.model.events(scope, filter, page));
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
            let page = EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: asked.limit };
            let found = self.store().task_events(scope, "agent-a", task, run, page).expect("finds");
            all_same(&found, &self.model.events(scope, &filter, page));
        }
    }

    fn answers_figures(&self, scope: Scope, filter: &CallFilter, asked: &Questions) {
        let Questions { dimensions, bucket, .. } = asked;
        let groups = self.store().call_groups(scope, filter, dimensions, *bucket, usize::MAX).expect("groups");
        let wanted = self.model.call_groups(scope, filter, dimensions, *bucket);
        assert_eq!((&groups.groups, groups.other_count), (&wanted, 0));
        if !dimensions.is_empty() {
            let most = self.store().call_groups(scope, filter, dimensions, *bucket, 2).expect("groups");
            model::are_the_most(&most, &wanted, 2);
        }
        let width = bucket.unwrap_or(3_600_000_000);
        let failures = self.store().failures(scope, filter, width).expect("counts");
        assert_eq!(failures, self.model.failures(scope, filter, width));
    }

    fn answers_calls(&self, scope: Scope, filter: &CallFilter, asked: &Questions) {
        let (day, from) = (Timestamp(random::base() + DAY), Position::of_seq(asked.from));
        for sort in [
            CallSort::Newest { after: None },
            CallSort::Oldest { after: None },
            CallSort::Cost { after: None },
            CallSort::Tokens { after: None },
            CallSort::Newest { after: Some((day, from)) },
            CallSort::Oldest { after: Some((day, from)) },
            CallSort::Cost { after: Some((10_000_000, from)) },
            CallSort::Tokens { after: Some((30, from)) },
        ] {
            let rows = self.store().calls(scope, filter, sort, asked.limit).expect("lists");
            let found: Vec<u64> = rows.iter().map(|row| row.position.seq()).collect();
            assert_eq!(found, self.model.calls(scope, filter, sort, asked.limit), "{sort:?}");
            for row in rows {
                let known = &self.model.all[row.position.seq() as usize - 1];
                let Body::LlmCall(call) = &known.body else { panic!("a call") };
                assert_eq!(row.event_id, known.event.event_id.to_string());
                assert_eq!((row.tokens_in, row.tokens_out), (call.tokens_in, call.tokens_out));
                assert_eq!(row.model.as_deref(), call.model.as_deref());
                assert_eq!(row.prompt_preview.as_deref(), call.prompt_preview.as_deref());
                assert_eq!(row.cost_source, known.call_cost.expect("has a cost").source);
            }
        }
    }
}

fn questions() -> impl Strategy<Value = Questions> {
    let filters = (
        proptest::collection::vec(random::event_filters(), 12),
        proptest::collection::vec(random::call_filters(), 6),
        random::dimensions(),
    );
    (filters, random::widths(), 1_usize..40, 0_u64..400).prop_map(
        |((event_filters, call_filters, dimensions), bucket, limit, from)| Questions {
            event_filters,
            call_filters,
            dimensions,
            bucket,
            limit,
            from,
        },
    )
}

pub fn every_query_equals_the_list<E: Engine>() {
    let config = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    let cases = (random::steps(), questions(), any::<u32>());
    let outcome = TestRunner::new(config).run(&cases, |(steps, asked, variant)| {
        let mut pair = Pair::<E>::new(variant);
        for step in &steps {
            pair.step(step);
        }
        pair.replays_all();
        for scope in SCOPES {
            pair.answers_events(scope, &asked);
            for filter in &asked.call_filters {
                pair.answers_figures(scope, filter, &asked);
                pair.answers_calls(scope, filter, &asked);
            }
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
