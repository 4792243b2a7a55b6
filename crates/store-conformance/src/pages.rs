//! Pages show everything once, while new events arrive.

use hiveboard_store::{EventFilter, EventLog, EventPage, EventReader, Position, query::SeqOrder};
use hiveboard_wire::Timestamp;

use crate::{
    Engine, Options,
    random::{SCOPES, base, plain},
};

pub fn newest_first_neither_repeats_nor_skips_while_events_arrive<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let at = Timestamp(base());
    store.append((0..10).map(|batch| plain(SCOPES[0], "agent-a", batch * 50..(batch + 1) * 50, at)).collect()).unwrap();
    let head = store.head().seq();
    let (mut before, mut seen, mut next_id) = (None, Vec::new(), 10_000);
    loop {
        let page = EventPage { order: SeqOrder::Newest { before }, limit: 33 };
        let found = store.events(SCOPES[0], &EventFilter::default(), page).unwrap();
        let Some(last) = found.last() else { break };
        before = Some(last.into());
        seen.extend(found.iter().map(|event| event.seq));
        store.append(vec![plain(SCOPES[0], "agent-b", next_id..next_id + 7, at)]).unwrap();
        next_id += 7;
    }
    assert_eq!(seen, (1..=head).rev().collect::<Vec<_>>());
}

pub fn a_follower_sees_every_event_once<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let at = Timestamp(base());
    let (mut after, mut seen) = (Position::START, Vec::new());
    for batch in 0..20 {
        let scopes = [SCOPES[0], SCOPES[1], SCOPES[0]];
        let groups = scopes.iter().enumerate().map(|(place, scope)| {
            plain(*scope, "agent-a", batch * 30 + place as u32 * 10..batch * 30 + place as u32 * 10 + 9, at)
        });
        store.append(groups.collect()).unwrap();
        let page = EventPage { order: SeqOrder::Oldest { after }, limit: 500 };
        let found = store.events(SCOPES[0], &EventFilter::default(), page).unwrap();
        assert_eq!(found.len(), 18);
        after = found.last().unwrap().into();
        seen.extend(found.iter().map(|event| event.event.event_id.to_string()));
    }
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((all, seen.len()), (360, 360));
}
