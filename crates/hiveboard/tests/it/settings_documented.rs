//! The settings, as flags, in the printed file, and in the manual of operations.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use clap::{Args, Command};
use hiveboard::config::{DEFAULTS, ServeArgs};

/// Settings of the printed file; those without a default stand there as an example.
fn printed() -> BTreeMap<String, Option<String>> {
    DEFAULTS
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim_start_matches('#').trim_start().split_once(" = ")?;
            let is_name = name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
            is_name.then(|| (name.to_owned(), (!line.starts_with("##")).then(|| value.to_owned())))
        })
        .collect()
}

/// Settings of the manual's table.
fn written() -> BTreeMap<String, Option<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let table = text.split("## Settings").nth(1).expect("a section").split("\n## ").next().expect("its text");
    let mut found = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let default = cells[1].trim().strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).map(str::to_owned);
        for name in cells[0].split(',') {
            found.insert(name.trim().trim_matches('`').to_owned(), default.clone());
        }
    }
    found
}

#[test]
fn every_setting_is_a_flag_and_stands_in_the_printed_file_and_the_manual_with_its_default() {
    let command = ServeArgs::augment_args(Command::new("serve"));
    let flags: BTreeSet<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        // Names the file itself.
        .filter(|name| name != "config")
        // A command line is for all to see.
        .chain(["smtp_password", "clickhouse_password", "nats_password", "nats_token"].map(str::to_owned))
        .collect();
    assert_eq!(printed().into_keys().collect::<BTreeSet<_>>(), flags, "left: hiveboard.toml; right: flags");
    assert_eq!(written(), printed(), "left: docs/operations.md; right: hiveboard.toml");
}

#[test]
fn every_flag_has_a_variable_of_its_name() {
    let command = ServeArgs::augment_args(Command::new("serve"));
    for argument in command.get_arguments() {
        let name = argument.get_id().as_str().to_uppercase();
        let variable = argument.get_env().expect("a variable").to_str().expect("text");
        assert_eq!(variable, format!("HIVEBOARD_{name}"));
    }
}
