//! Whether what is stored is what was sent.

use hiveboard_wire::StoredEvent;

use crate::model::Known;

pub fn same(stored: &StoredEvent, known: &Known) {
    assert_eq!(stored.seq, known.seq);
    assert_eq!(stored.received_at, known.received_at);
    assert_eq!(*stored.envelope, known.envelope);
    // Events hold raw JSON, which has no equality of its own; their debug form shows every field.
    assert_eq!(format!("{:?}", stored.event), format!("{:?}", known.event));
}

pub fn all_same(stored: &[StoredEvent], known: &[&Known]) {
    let numbers: Vec<u64> = stored.iter().map(|one| one.seq).collect();
    assert_eq!(numbers, known.iter().map(|one| one.seq).collect::<Vec<_>>());
    stored.iter().zip(known).for_each(|(stored, known)| same(stored, known));
}
