//! First steps of the embedded store.
use std::sync::Arc;
use hiveboard_store::{EventFilter, EventPage, EventStore, Group, Incoming, SqliteStore, StoreOptions, query::SeqOrder};
use hiveboard_wire::{Scope, Timestamp, WorkspaceId, Mode, decode_batch, NanoDollars, CallCost, CostSource};

fn group(agent: &str, from: u32, count: u32) -> Group {
    let events: Vec<String> = (from..from + count).map(|n| format!(r#"{{"event_id":"{n:08x}-0000-4000-8000-000000000000","timestamp":"2026-02-12T15:00:{:02}.{n:06}Z","event_type":"custom","task_id":"t{}","payload":{{"kind":"llm_call","summary":"n{n}","data":{{"name":"x","model":"gpt-4o","tokens_in":{n},"tokens_out":5,"cost":0.01}}}}}}"#, n % 60, n / 10)).collect();
    let body = format!(r#"{{"envelope":{{"agent_id":"{agent}"}},"events":[{}]}}"#, events.join(","));
    let decoded = decode_batch(body.as_bytes(), Timestamp::now()).unwrap();
    assert_eq!(decoded.receipt.rejected, 0);
    Group { scope: Scope { workspace: WorkspaceId(1), mode: Mode::Live }, envelope: Arc::clone(&decoded.envelope), received_at: Timestamp::now(),
        events: decoded.events.into_iter().map(|a| { let cost = Some(CallCost { amount: NanoDollars(10_000_000), source: CostSource::Reported }); Incoming { event: a.event, body: a.body, call_cost: cost } }).collect() }
}

#[test]
fn stores_and_finds() {
    let dir = tempfile::tempdir().unwrap();
    let scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
    {
        let store = SqliteStore::open(dir.path(), StoreOptions::default()).unwrap();
        let done = store.append(vec![group("a", 0, 100), group("b", 50, 100)]).unwrap();
        assert_eq!((done[0].fresh.len(), done[1].fresh.len(), done[1].duplicates), (100, 50, 50));
        let found = store.events(scope, &EventFilter::default(), EventPage { order: SeqOrder::Newest { before: None }, limit: 30 }).unwrap();
        assert_eq!(found[0].seq, 150);
        assert_eq!(found.len(), 30);
        assert_eq!(store.task_events(scope, "a", "t3", None, 100).unwrap().len(), 10);
        assert_eq!(store.calls(scope, &Default::default(), hiveboard_store::CallSort::Tokens { after: None }, 3).unwrap()[0].tokens_in, Some(149));
        let groups = store.call_groups(scope, &Default::default(), &[hiveboard_store::Dimension::Agent], None).unwrap();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].totals.cost, NanoDollars(1_000_000_000));
    }
    let store = SqliteStore::open(dir.path(), StoreOptions::default()).unwrap();
    assert_eq!(store.head_seq(), 150);
    let done = store.append(vec![group("a", 90, 20)]).unwrap();
    assert_eq!(done[0].duplicates, 20);
    let mut count = 0;
    store.replay(10, &mut |_, event, cost| { count += 1; assert_eq!(event.seq, 10 + count); assert!(cost.is_some()); }).unwrap();
    assert_eq!(count, 140);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    println!("{:?}", store.stats().unwrap());
}
