//! The figures about the server itself, as they are written down and as they are counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use hiveboard::telemetry::METRICS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every figure that some line of the server counts.
fn counted(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            counted(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            for call in ["counter!(", "gauge!(", "histogram!("] {
                for (place, _) in text.match_indices(call) {
                    let rest = text[place + call.len()..].trim_start();
                    if let Some(name) = rest.strip_prefix("\"hiveboard_").and_then(|rest| rest.split('"').next()) {
                        names.insert(format!("hiveboard_{name}"));
                    }
                }
            }
        }
    }
}

#[test]
fn every_figure_that_is_counted_has_a_meaning_and_every_meaning_a_figure() {
    let mut names = BTreeSet::new();
    for room in ["hiveboard", "store", "derive", "settings", "alerts", "insights", "prices", "otlp"] {
        counted(&root().join("crates").join(room).join("src"), &mut names);
    }
    let listed: BTreeSet<String> = METRICS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names, listed, "left: counted in the sources; right: listed in telemetry.rs");
}

#[test]
fn the_manual_of_operations_lists_the_figures_that_the_server_prints() {
    let text = std::fs::read_to_string(root().join("docs/operations.md")).expect("the page");
    let rows: BTreeMap<&str, (String, &str)> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(" | ").collect();
            let name =
                cells.first()?.strip_prefix("| `")?.strip_suffix('`').filter(|name| name.starts_with("hiveboard_"))?;
            Some((name, ((*cells.get(1)?).to_owned(), cells.get(2)?.strip_suffix(" |")?)))
        })
        .collect();
    let listed: BTreeMap<&str, (String, &str)> =
        METRICS.iter().map(|(name, kind, says)| (*name, (format!("{kind:?}").to_lowercase(), *says))).collect();
    assert_eq!(rows, listed, "left: docs/operations.md; right: telemetry.rs");
}
