//! The file of projection rows.

use hiveboard_store::ProjectionStore;

use crate::open;

#[test]
fn a_damaged_file_of_projections_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    std::fs::write(dir.path().join("meta.db"), vec![7; 8192]).unwrap();
    assert_eq!(open(dir.path()).checkpoint().unwrap(), None);
}
