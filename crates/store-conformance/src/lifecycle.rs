//! Opening, closing, time limits, and reading beside the writer.

use std::{ops::ControlFlow, time::Duration};

use hiveboard_store::{
    CallFilter, EventFilter, EventLog, EventPage, EventReader, Position, StoreAdmin, StoreError, query::SeqOrder,
};
use hiveboard_wire::{EventId, StoredEvent, Timestamp};

use crate::{
    Engine, Options,
    random::{DAY, SCOPES, base, plain},
};

const ALL: EventPage = EventPage { order: SeqOrder::Newest { before: None }, limit: usize::MAX };

pub fn nothing_is_appended_to_a_closed_store<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    store.append(vec![plain(SCOPES[0], "agent-a", 0..10, Timestamp(base()))]).unwrap();
    store.close().unwrap();
    let refused = store.append(vec![plain(SCOPES[0], "agent-a", 10..11, Timestamp(base()))]);
    assert!(matches!(refused, Err(StoreError::Failed(_))));
}

pub fn a_query_over_its_time_is_cancelled<E: Engine>() {
    let engine = E::new(Options { query_time_limit: Duration::ZERO, ..Options::default() });
    let store = engine.open();
    let batch = |number: u32| plain(SCOPES[0], "agent-a", number * 300..number * 300 + 300, Timestamp(base()));
    store.append((0..10).map(batch).collect()).unwrap();
    assert!(matches!(store.events(SCOPES[0], &EventFilter::default(), ALL), Err(StoreError::TimedOut)));
    let mut replayed = 0;
    store.replay(Position::START, &mut |_, _, _| replayed += 1).unwrap();
    assert_eq!(replayed, 3000, "a replay takes the time it needs");
}

pub fn readers_and_the_writer_do_not_wait_for_each_other<E: Engine>() {
    // Of the embedded store: with its log going into the file all the while.
    let engine = E::new(Options { variant: Some(6), ..Options::default() });
    let store = engine.open();
    std::thread::scope(|threads| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                threads.spawn(|| {
                    let mut last = 0;
                    while last < 20_000 {
                        let head = store.head().seq();
                        let after = Position::of_seq(head.saturating_sub(10));
                        let page = EventPage { order: SeqOrder::Oldest { after }, limit: 5 };
                        let found = store.events(SCOPES[0], &EventFilter::default(), page).unwrap();
                        assert!(head == 0 || !found.is_empty(), "acknowledged means visible");
                        store.call_groups(SCOPES[0], &CallFilter::default(), &[], None, 10).unwrap();
                        last = head;
                    }
                })
            })
            .collect();
        for batch in 0..200 {
            store.append(vec![plain(SCOPES[0], "agent-a", batch * 100..batch * 100 + 100, Timestamp(base()))]).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

pub fn a_scan_gives_every_event_in_order_and_ends_when_told<E: Engine>() {
    let engine = E::new(Options { query_time_limit: Duration::ZERO, ..Options::default() });
    let store = engine.open();
    for day in 0..3 {
        let at = Timestamp(base() + i64::from(day) * DAY);
        store.append(vec![plain(SCOPES[0], "agent-a", day * 200..day * 200 + 200, at)]).unwrap();
    }
    let scan = |after: u64, most: usize| {
        let mut seen = Vec::new();
        let mut visit = |event: StoredEvent, _cost| {
            seen.push(event.seq);
            if seen.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        store.scan_events(SCOPES[0], &EventFilter::default(), Position::of_seq(after), &mut visit).unwrap();
        seen
    };
    assert_eq!(scan(0, usize::MAX), (1..=600).collect::<Vec<_>>());
    assert_eq!(scan(150, 100), (151..=250).collect::<Vec<_>>());
}

pub fn pages_of_a_run_begin_anywhere_and_add_up_to_the_run<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    for batch in 0..30 {
        let at = Timestamp(base() + i64::from(batch / 15) * DAY);
        store.append(vec![plain(SCOPES[0], "agent-a", batch * 70..batch * 70 + 70, at)]).unwrap();
    }
    let page = |order, limit| -> Vec<u64> {
        let page = EventPage { order, limit };
        store.task_events(SCOPES[0], "agent-a", "t3", None, page).unwrap().iter().map(|event| event.seq).collect()
    };
    let whole = page(SeqOrder::Oldest { after: Position::START }, usize::MAX);
    assert_eq!(whole.len(), 300);
    let (mut after, mut pages) = (Position::START, Vec::new());
    loop {
        let found = page(SeqOrder::Oldest { after }, 37);
        let Some(last) = found.last() else { break };
        after = Position::of_seq(*last);
        pages.extend(found);
    }
    assert_eq!(pages, whole);
    let back = page(SeqOrder::Newest { before: Some(Position::of_seq(whole[100])) }, 50);
    assert_eq!(back, whole[50..100].iter().rev().copied().collect::<Vec<_>>());
}

pub fn an_event_is_found_by_its_id_whatever_became_of_the_ids_of_its_day<E: Engine>() {
    let engine = E::new(Options { dedup_days: 2, ..Options::default() });
    let at = |days: i64| Timestamp(base() + days * DAY);
    let store = engine.open();
    for (day, scope) in [(-9, 0), (-9, 1), (-3, 0), (-2, 0), (-1, 0), (0, 0), (0, 1)] {
        let number = (day + 100) as u32 * 10;
        store.append(vec![plain(SCOPES[scope], "agent-a", number..number + 10, at(day))]).unwrap();
    }
    // Ids may leave memory.
    engine.maintain(&store);
    let all: Vec<_> = [SCOPES[0], SCOPES[1]]
        .into_iter()
        .flat_map(|scope| {
            store.events(scope, &EventFilter::default(), ALL).unwrap().into_iter().map(move |event| (scope, event))
        })
        .collect();
    assert_eq!(all.len(), 70);
    let finds_all = |left_out: Option<usize>| {
        for (scope, event) in &all {
            let gone = left_out.is_some_and(|place| *scope == SCOPES[place] && event.received_at < at(-5));
            let found = store.event(*scope, &event.event.event_id).unwrap();
            assert_eq!(found.map(|(found, _)| found.seq), (!gone).then_some(event.seq), "{event:?}");
        }
    };
    finds_all(None);
    assert!(store.event(SCOPES[0], &EventId::new("nobody")).unwrap().is_none());
    // Of the oldest day one scope goes.
    store.retire(&|scope, until| scope == SCOPES[1] && until < at(-5)).unwrap();
    finds_all(Some(1));
}
