//! Reading a directory that a server writes to.

use hiveboard_store::{EventLog, EventsBeside, Position, StoreError};
use hiveboard_wire::Timestamp;

use crate::{
    open,
    random::{DAY, SCOPES, base, calls, plain},
};

#[test]
fn it_reads_what_a_server_has_committed_and_goes_on_behind_it() {
    let dir = tempfile::tempdir().unwrap();
    let beside = EventsBeside::of(dir.path());
    assert_eq!((beside.head(), beside.count().unwrap()), (Position::START, 0), "nothing is there yet");
    let store = open(dir.path());
    let at = |day: i64| Timestamp(base() + day * DAY);
    store.append(vec![plain(SCOPES[0], "agent-a", 0..300, at(0)), calls(SCOPES[1], 0..40, at(0))]).unwrap();
    store.append(vec![plain(SCOPES[0], "agent-a", 300..400, at(1))]).unwrap();
    let read = |from: &dyn EventLog, after: u64| {
        let mut seen = Vec::new();
        let visit =
            &mut |scope, event: hiveboard_wire::StoredEvent, cost| seen.push((scope, format!("{event:?} {cost:?}")));
        from.replay(Position::of_seq(after), visit).unwrap();
        seen
    };
    assert_eq!((beside.head(), beside.count().unwrap()), (store.head(), 440));
    assert_eq!(read(&beside, 0), read(&store, 0));
    store.append(vec![plain(SCOPES[0], "agent-a", 400..410, at(1))]).unwrap();
    let (after, all) = (read(&beside, 435), read(&store, 435));
    assert_eq!((after.len(), after), (15, all), "behind a place in the middle of a block, and of the day that goes on");
    assert!(matches!(beside.append(Vec::new()), Err(StoreError::Unusable(_))));
}
