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

#[test]
fn every_endpoint_says_what_it_is_and_every_parameter_what_it_means() {
    let document: serde_json::Value =
        serde_json::from_str(&hiveboard::router::document_text()).expect("the document is JSON");
    let mut silent = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let mut note = |what: &str| silent.push(format!("{method} {path}: {what}"));
            if operation["summary"].as_str().is_none_or(str::is_empty) {
                note("no summary");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let is_said = parameter["description"].as_str().is_some_and(|text| !text.is_empty());
                // Ids in paths are told by their names.
                if parameter["in"] == "query" && !is_said {
                    note(parameter["name"].as_str().unwrap_or_default());
                }
            }
            let answers = operation["responses"].as_object().expect("answers");
            for (status, answer) in
                answers.iter().filter(|(status, _)| !matches!(status.as_str(), "101" | "202" | "204"))
            {
                if answer["content"].as_object().is_none_or(serde_json::Map::is_empty) {
                    note(&format!("no body of {status}"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
}
