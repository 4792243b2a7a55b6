//! What is promised about security, and the tests that are said to show it.

use std::path::{Path, PathBuf};

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(&*name, "target" | "node_modules" | "dist") && !name.starts_with('.') {
                files(&path, found);
            }
        } else if matches!(path.extension().and_then(|ending| ending.to_str()), Some("rs" | "py" | "ts")) {
            found.push(path);
        }
    }
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("docs/security.md")).expect("the page");
    let table = text.split("\n## ").next().expect("a table");
    let mut sources = Vec::new();
    for room in ["crates", "docs/tests", "e2e", "fuzz/tests", "web/e2e"] {
        files(&root.join(room), &mut sources);
    }
    let mut promises = 0;
    for row in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| promise")) {
        let (promise, shown) = row.trim_matches('|').rsplit_once(" | ").expect("two cells");
        let cited: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!cited.is_empty(), "nothing shows that {promise}");
        for test in cited {
            let (file, name) = test.split_once("::").unwrap_or((test, ""));
            let holds = |path: &&PathBuf| {
                let source = std::fs::read_to_string(path).unwrap_or_default();
                name.is_empty() || source.contains(&format!("fn {name}(")) || source.contains(&format!("def {name}("))
            };
            let there = sources.iter().filter(|path| path.ends_with(file)).find(holds);
            assert!(there.is_some(), "{test} is not there, which is said to show that {promise}");
        }
        promises += 1;
    }
    assert!(promises > 15, "the table was read: {promises} promises");
}
