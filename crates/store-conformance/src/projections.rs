//! Projection rows and their checkpoint.

use hiveboard_store::{Checkpoint, Position, ProjectionRow, ProjectionStore};
use hiveboard_wire::Timestamp;

use crate::{Engine, Options, random::SCOPES};

fn row(scope: usize, table: u8, key: &str, value: Option<&str>) -> ProjectionRow {
    ProjectionRow { scope: SCOPES[scope], table, key: key.into(), value: value.map(|value| value.as_bytes().to_vec()) }
}

fn load(store: &impl ProjectionStore) -> Vec<ProjectionRow> {
    let mut rows = Vec::new();
    store.load_projections(&mut |row| rows.push(row)).unwrap();
    rows.sort_by(|a, b| (a.scope, a.table, &a.key).cmp(&(b.scope, b.table, &b.key)));
    rows
}

pub fn rows_are_replaced_deleted_and_survive_reopening<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    assert_eq!(store.checkpoint().unwrap(), None);
    let first = Checkpoint { watermark: Position::of_seq(7), alive_at: Timestamp(70), version: 1 };
    store
        .save_projections(&[row(0, 1, "a", Some("1")), row(0, 2, "a", Some("2")), row(1, 1, "a", Some("3"))], first)
        .unwrap();
    assert_eq!(store.checkpoint().unwrap(), Some(first));
    let second = Checkpoint { watermark: Position::of_seq(9), alive_at: Timestamp(90), version: 2 };
    store.save_projections(&[row(0, 1, "a", Some("4")), row(0, 2, "a", None)], second).unwrap();
    drop(store);
    let store = engine.open();
    assert_eq!(store.checkpoint().unwrap(), Some(second));
    assert_eq!(load(&store), [row(0, 1, "a", Some("4")), row(1, 1, "a", Some("3"))]);
    store.save_projections(&[row(0, 2, "a", Some("5"))], second).unwrap();
    assert_eq!(load(&store).len(), 3, "what was deleted comes again");
    store.clear_projections().unwrap();
    assert_eq!((store.checkpoint().unwrap(), load(&store).len()), (None, 0));
    store.save_projections(&[row(2, 1, "b", Some("6"))], first).unwrap();
    drop(store);
    let store = engine.open();
    assert_eq!((store.checkpoint().unwrap(), load(&store)), (Some(first), vec![row(2, 1, "b", Some("6"))]));
}

pub fn cold_rows_are_read_one_by_one_and_not_loaded<E: Engine>() {
    let engine = E::new(Options::default());
    let store = engine.open();
    let checkpoint = Checkpoint { watermark: Position::of_seq(1), alive_at: Timestamp(10), version: 1 };
    let large = "x".repeat(100_000);
    let rows = vec![row(0, 1, "a", Some("1")), row(0, 64, "a", Some(&large)), row(1, 255, "a", Some("3"))];
    store.save_projections(&rows, checkpoint).unwrap();
    let read = |scope: usize, table, key: &str| {
        let value = store.projection_row(SCOPES[scope], table, key.as_bytes()).unwrap();
        value.map(|value| String::from_utf8(value).unwrap())
    };
    assert_eq!(load(&store), [row(0, 1, "a", Some("1"))]);
    assert_eq!(read(0, 64, "a"), Some(large));
    assert_eq!(read(0, 1, "a"), Some("1".to_owned()));
    assert_eq!((read(1, 64, "a"), read(0, 64, "b")), (None, None), "another scope, another key");
    store.save_projections(&[row(0, 64, "a", None), row(1, 255, "a", Some("4"))], checkpoint).unwrap();
    assert_eq!((read(0, 64, "a"), read(1, 255, "a")), (None, Some("4".to_owned())));
    store.clear_projections().unwrap();
    assert_eq!(read(1, 255, "a"), None);
}
