//! What the board's queries take, on a store of so many events.
//!
//! ```text
//! cargo run --release -p hiveboard-store --example query_bench -- [events=1000000] [events_per_day=1000000] [dir]
//! ```
//! A directory that was filled before is used as it is.

#[path = "support/fleet.rs"]
mod fleet;

use std::{path::Path, time::Instant};

use hiveboard_store::{
    CallFilter, CallSort, Dimension, EventFilter, EventLog, EventPage, EventReader, Position, SqliteStore, StoreAdmin,
    StoreOptions, query::SeqOrder,
};
use hiveboard_wire::{EventType, Severity, Timestamp};

use fleet::{Fleet, SCOPE, START_MICROS};

const HOUR: i64 = 3_600_000_000;
const RUNS: usize = 15;

fn measure(name: &str, mut query: impl FnMut() -> usize) {
    let mut found = 0;
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let began = Instant::now();
            found = query();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<44} {:>9.2} {:>9.2} {found:>9}", times[RUNS / 2], times[RUNS - 1]);
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let events: u64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("a number of events"));
    let events_per_day: u64 = arguments.next().map_or(1_000_000, |text| text.parse().expect("events per day"));
    let dir = arguments.next().unwrap_or_else(|| std::env::temp_dir().join("query-bench").display().to_string());
    let began = Instant::now();
    let store = SqliteStore::open(Path::new(&dir), StoreOptions::default()).expect("the directory opens");
    let open_ms = began.elapsed().as_secs_f64() * 1e3;
    let mut fleet = Fleet::new(200, events_per_day);
    while store.head().seq() < events {
        store.append((0..10).map(|_| fleet.batch(100)).collect()).expect("there is room");
    }
    let stats = store.stats().expect("files can be listed");
    println!("{stats:?}, opened in {open_ms:.0} ms\n{:<44} {:>9} {:>9} {:>9}", "query", "p50 ms", "max ms", "rows");

    let newest = |limit| EventPage { order: SeqOrder::Newest { before: None }, limit };
    let list = |filter: EventFilter| store.events(SCOPE, &filter, newest(50)).expect("finds").len();
    let agent = || Some("agent-7".to_owned());
    let end = START_MICROS + (i128::from(events) * 24 * i128::from(HOUR) / i128::from(events_per_day)) as i64;
    let since = |hours| CallFilter { since: Some(Timestamp(end - hours * HOUR)), ..CallFilter::default() };

    measure("newest 50 events", || list(EventFilter::default()));
    measure("newest 50 of an agent", || list(EventFilter { agent_id: agent(), ..EventFilter::default() }));
    measure("newest 50 errors", || list(EventFilter { severities: vec![Severity::Error], ..EventFilter::default() }));
    measure("newest 50 errors and warnings", || {
        list(EventFilter { severities: vec![Severity::Error, Severity::Warn], ..EventFilter::default() })
    });
    measure("type that never came (escalated)", || {
        list(EventFilter { event_types: vec![EventType::Escalated], ..EventFilter::default() })
    });
    measure("two types that never came", || {
        list(EventFilter {
            event_types: vec![EventType::Escalated, EventType::ApprovalRequested],
            ..EventFilter::default()
        })
    });
    measure("newest 50 with a common word", || {
        list(EventFilter { text: Some("invoice".to_owned()), ..EventFilter::default() })
    });
    measure("an unknown environment", || {
        list(EventFilter { environment: Some("none".to_owned()), ..EventFilter::default() })
    });
    let of_a_task =
        store.events(SCOPE, &EventFilter { agent_id: agent(), ..EventFilter::default() }, newest(1)).expect("finds");
    let task_id = of_a_task[0].event.task_id.clone().expect("every event of the fleet has a task");
    measure("events of a task", || {
        store
            .task_events(
                SCOPE,
                "agent-7",
                &task_id,
                None,
                EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: 2000 },
            )
            .expect("finds")
            .len()
    });
    measure("1 h of events, oldest first", || {
        let filter = EventFilter { since: Some(Timestamp(end - HOUR)), ..EventFilter::default() };
        store
            .events(SCOPE, &filter, EventPage { order: SeqOrder::Oldest { after: Position::START }, limit: 50 })
            .expect("finds")
            .len()
    });
    let calls = |filter: &CallFilter, sort| store.calls(SCOPE, filter, sort, 50).expect("lists").len();
    measure("newest 50 calls", || calls(&CallFilter::default(), CallSort::Newest { after: None }));
    measure("newest 50 calls of an agent", || {
        calls(&CallFilter { agent_id: agent(), ..CallFilter::default() }, CallSort::Newest { after: None })
    });
    measure("50 dearest calls, 24 h", || calls(&since(24), CallSort::Cost { after: None }));
    measure("50 dearest calls, 1 h", || calls(&since(1), CallSort::Cost { after: None }));
    measure("50 largest calls, all days", || calls(&CallFilter::default(), CallSort::Tokens { after: None }));
    let groups = |filter: &CallFilter, by: &[Dimension], bucket| {
        store.call_groups(SCOPE, filter, by, bucket, 1_000).expect("groups").groups.len()
    };
    measure("cost, 1 h by minute", || groups(&since(1), &[], Some(HOUR / 60)));
    measure("cost, 24 h by model", || groups(&since(24), &[Dimension::Model], None));
    measure("cost, 24 h by agent, hourly", || groups(&since(24), &[Dimension::Agent], Some(HOUR)));
    measure("cost, 24 h of an agent", || {
        groups(&CallFilter { agent_id: agent(), ..since(24) }, &[Dimension::Model], None)
    });
    measure("cost, all days by agent", || groups(&CallFilter::default(), &[Dimension::Agent], None));
    measure("failures, 24 h hourly", || store.failures(SCOPE, &since(24), HOUR).expect("counts").len());
}
