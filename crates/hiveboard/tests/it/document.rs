//! The committed API document is the one the code makes.

#[test]
fn the_committed_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/api/openapi.json");
    let committed = std::fs::read_to_string(path).expect("web/src/api/openapi.json is committed");
    assert!(
        committed.trim() == hiveboard::openapi::document().trim(),
        "the API changed: run `cargo run -p hiveboard -- openapi > web/src/api/openapi.json` and `npm --prefix web run generate`"
    );
}
