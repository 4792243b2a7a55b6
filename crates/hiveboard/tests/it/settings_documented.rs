//! The settings, as flags, in the printed file, and in the page of every setting.

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

/// Settings of the manual's table, with what its cell of defaults says.
fn written() -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let table = text.split("| setting | default | means |").nth(1).expect("a table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        (cells[0].trim().trim_matches('`').to_owned(), cells[1].trim().to_owned())
    })
    .collect()
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
    let written = written();
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        printed().keys().collect::<Vec<_>>(),
        "left: docs/settings.md; right: hiveboard.toml"
    );
    for (name, default) in printed() {
        let wanted = match default.as_deref() {
            None => continue,
            Some("[]") => "none".to_owned(),
            Some(value) => format!("`{}`", value.trim_matches('"')),
        };
        assert!(written[&name].starts_with(&wanted), "{name}: {} instead of {wanted}", written[&name]);
    }
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
