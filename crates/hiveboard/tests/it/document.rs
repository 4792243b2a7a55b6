//! The committed API document is the one the code makes.

#[test]
fn the_committed_document_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/src/api/openapi.json");
    let committed = std::fs::read_to_string(path).expect("web/src/api/openapi.json is committed");
    assert!(
        committed.trim() == hiveboard::router::document_text().trim(),
        "the API changed: run `cargo run -p hiveboard -- openapi > web/src/api/openapi.json` and `npm --prefix web run generate`"
    );
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document: serde_json::Value = serde_json::from_str(&hiveboard::router::document_text()).expect("JSON");
    let methods = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .flat_map(|item| item.as_object().expect("methods").values());
    let names: Vec<&str> = methods.filter_map(|operation| operation["operationId"].as_str()).collect();
    let distinct: std::collections::HashSet<_> = names.iter().collect();
    assert!(names.len() >= 20 && distinct.len() == names.len(), "{names:?}");
}
