//! `hiveboard alerts`: rules as a file, so that they live beside the code of the agents.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, bail};
use clap::Subcommand;
use hiveboard_alerts::RuleDraft;
use hiveboard_settings::{Alerts, AuditLog, ChannelRecord, DEFAULT_WORKSPACE, RuleRecord, SqliteSettings};
use hiveboard_wire::{Mode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{DataDir, ask, keys::ModeArg, members::known};
use crate::{
    alerts,
    audit::{self, WithBefore},
};

#[derive(Subcommand)]
pub(super) enum AlertsCommand {
    /// What fires, or fired.
    List(ask::alerts::AlertsListArgs),
    /// Make the rules of a file be in force: rules are told apart by their names, and what is as the file says stays as it is.
    Apply {
        /// A file as `hiveboard alerts export` prints it; `-` for the standard input.
        #[arg(short, long, value_name = "FILE")]
        file: PathBuf,
        /// Only say what would change.
        #[arg(long)]
        dry_run: bool,
        /// Delete rules that the file does not hold.
        #[arg(long)]
        prune: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Print all rules as a file for `apply`; channels stand in it by their names.
    Export {
        #[command(flatten)]
        place: Place,
    },
}

/// Whose rules.
#[derive(clap::Args)]
pub(super) struct Place {
    /// Whose rules: those over live or test data.
    #[arg(long, value_enum, default_value = "live")]
    mode: ModeArg,
    /// Id of the workspace; `hiveboard workspaces list` shows them.
    #[arg(long, default_value_t = DEFAULT_WORKSPACE.0, value_name = "ID")]
    workspace: u32,
    #[command(flatten)]
    data_dir: DataDir,
}

impl Place {
    fn open(self) -> anyhow::Result<(SqliteSettings, Scope)> {
        let settings = self.data_dir.settings()?;
        self.of(settings)
    }

    fn open_existing(self) -> anyhow::Result<(SqliteSettings, Scope)> {
        let settings = self.data_dir.existing_settings()?;
        self.of(settings)
    }

    fn of(self, settings: SqliteSettings) -> anyhow::Result<(SqliteSettings, Scope)> {
        let workspace = known(&settings, self.workspace)?;
        Ok((settings, Scope { workspace, mode: Mode::from(self.mode) }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    #[serde(default)]
    rule: Vec<RuleDraft>,
}

pub(super) fn run(command: AlertsCommand) -> anyhow::Result<()> {
    match command {
        AlertsCommand::List(args) => ask::alerts::run(args),
        AlertsCommand::Apply { file, dry_run, prune, place } => {
            let text = if file.as_os_str() == "-" {
                std::io::read_to_string(std::io::stdin()).context("cannot read the standard input")?
            } else {
                std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?
            };
            let rules: RulesFile =
                toml::from_str(&text).with_context(|| format!("{} holds no rules", file.display()))?;
            let (settings, scope) = place.open()?;
            if !dry_run {
                alerts::make_first_rules(&settings, scope, Timestamp::now())?;
            }
            apply(&settings, scope, rules.rule, dry_run, prune)
        }
        AlertsCommand::Export { place } => {
            let (settings, scope) = place.open_existing()?;
            say_part!("{}", export(&settings, scope)?);
            Ok(())
        }
    }
}

/// What is kept, by name; channels by their names as well.
fn kept(
    settings: &SqliteSettings,
    scope: Scope,
    channels: &[ChannelRecord],
) -> anyhow::Result<BTreeMap<String, (RuleRecord, RuleDraft)>> {
    let mut kept = BTreeMap::new();
    for record in settings.alert_rules(scope)? {
        let mut draft: RuleDraft = serde_json::from_str(&record.body)?;
        for channel in &mut draft.channels {
            if let Some(known) = channels.iter().find(|known| known.channel_id.to_string() == *channel) {
                channel.clone_from(&known.name);
            }
        }
        if kept.insert(draft.name.clone(), (record, draft.clone())).is_some() {
            bail!(
                "two rules are called {:?}; rename one of them first, for a file tells rules apart by their names",
                draft.name
            );
        }
    }
    Ok(kept)
}

fn export(settings: &SqliteSettings, scope: Scope) -> anyhow::Result<String> {
    let channels = settings.alert_channels(scope.workspace)?;
    // Who mutes a rule does so for a while, and not in the file.
    let unmuted = |(_, draft)| RuleDraft { muted_until: None, ..draft };
    let rules = kept(settings, scope, &channels)?.into_values().map(unmuted).collect();
    let mut value = serde_json::to_value(RulesFile { rule: rules })?;
    drop_nulls(&mut value);
    Ok(toml::to_string(&value)?)
}

/// TOML has no word for nothing.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// The differences between two rules, a line a field.
fn differences(before: &RuleDraft, after: &RuleDraft) -> anyhow::Result<Vec<String>> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut lines = Vec::new();
    if let (Value::Object(before), Value::Object(after)) = (before, after) {
        for (name, now) in after {
            let was = before.get(&name).cloned().unwrap_or_default();
            if was != now {
                lines.push(format!("    {name}: {was} -> {now}"));
            }
        }
    }
    Ok(lines)
}

fn apply(
    settings: &SqliteSettings,
    scope: Scope,
    wanted: Vec<RuleDraft>,
    dry_run: bool,
    prune: bool,
) -> anyhow::Result<()> {
    let channels = settings.alert_channels(scope.workspace)?;
    let mut kept = kept(settings, scope, &channels)?;
    let mut writes = Vec::new();
    let (mut made, mut changed, mut same) = (0, 0, 0);
    let now = Timestamp::now();
    let mut names = std::collections::BTreeSet::new();
    for mut draft in wanted {
        let name = draft.name.clone();
        if !names.insert(name.clone()) {
            bail!("the file holds two rules called {name:?}");
        }
        let problems = alerts::problems(&draft);
        if let Some(problem) = problems.first() {
            bail!("rule {name:?}: `{}` {}", problem.field, problem.what);
        }
        let before = kept.remove(&name);
        if let Some((_, before)) = &before {
            draft.muted_until = draft.muted_until.or(before.muted_until);
        }
        let (rule_id, created_at) = match &before {
            Some((_, old)) if *old == draft => {
                same += 1;
                continue;
            }
            Some((record, old)) => {
                changed += 1;
                say!("~ {name}");
                for line in differences(old, &draft)? {
                    say!("{line}");
                }
                (record.rule_id, record.created_at)
            }
            None => {
                made += 1;
                say!("+ {name}");
                (Uuid::new_v4(), now)
            }
        };
        for channel in &mut draft.channels {
            let known = channels.iter().find(|known| known.name == *channel);
            let known = known.with_context(|| {
                format!("rule {name:?} names the channel {channel:?}, which is not there; make it at the board first")
            })?;
            *channel = known.channel_id.to_string();
        }
        let action = if before.is_some() { "alert_rule.changed" } else { "alert_rule.created" };
        let entry = audit::by_command_line(action, &name, &draft).with_before(before.map(|(_, draft)| draft));
        let body = serde_json::to_string(&draft)?;
        writes.push((RuleRecord { rule_id, body, created_at, updated_at: now }, entry));
    }
    let pruned = if prune { kept.len() } else { 0 };
    if prune {
        for name in kept.keys() {
            say!("- {name}");
        }
    }
    if !dry_run {
        for (record, entry) in &writes {
            settings.save_alert_rule(scope, record)?;
            settings.write_audit(scope.workspace, entry)?;
        }
        for (record, draft) in kept.values().filter(|_| prune) {
            settings.delete_alert_rule(scope, record.rule_id)?;
            let entry = audit::by_command_line("alert_rule.deleted", &draft.name, ()).with_before(Some(draft));
            settings.write_audit(scope.workspace, &entry)?;
        }
    }
    let left = kept.len() - pruned;
    say!(
        "{}{made} made, {changed} changed, {pruned} deleted, {same} as they are, {left} not in the file",
        if dry_run { "would be: " } else { "" }
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[rule]]
        name = "lost"
        severity = "critical"
        condition = { type = "heartbeat_lost", seconds = 60 }
        scope = { environment = "production" }
    "#;

    #[test]
    fn applying_twice_changes_nothing_and_export_reads_back() {
        let dir = tempfile::tempdir().unwrap();
        let settings = SqliteSettings::open(dir.path()).unwrap();
        let scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
        let rules = || toml::from_str::<RulesFile>(FILE).unwrap().rule;
        apply(&settings, scope, rules(), true, false).unwrap();
        assert_eq!(settings.alert_rules(scope).unwrap(), []);
        apply(&settings, scope, rules(), false, false).unwrap();
        let first = settings.alert_rules(scope).unwrap();
        apply(&settings, scope, rules(), false, true).unwrap();
        assert_eq!(settings.alert_rules(scope).unwrap(), first);
        let exported: RulesFile = toml::from_str(&export(&settings, scope).unwrap()).unwrap();
        assert_eq!(exported.rule, rules());
        let mut changed = rules();
        changed[0].for_seconds = 5;
        assert_eq!(differences(&rules()[0], &changed[0]).unwrap(), ["    for_seconds: 0 -> 5"]);
        apply(&settings, scope, changed, false, false).unwrap();
        let second = settings.alert_rules(scope).unwrap();
        assert_eq!((second.len(), second[0].rule_id), (1, first[0].rule_id));
        apply(&settings, scope, Vec::new(), false, true).unwrap();
        assert_eq!(settings.alert_rules(scope).unwrap(), []);
        let mut unknown = rules();
        unknown[0].channels = vec!["nowhere".to_owned()];
        let error = apply(&settings, scope, unknown, false, false).unwrap_err().to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
}
