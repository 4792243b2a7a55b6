//! Commands that ask a server, on this machine or elsewhere, by its API.

pub(super) mod agents;
pub(super) mod alerts;
pub(super) mod check_fleet;
pub(super) mod cost;
pub(super) mod insights;
pub(super) mod mcp;
pub(super) mod profiles;
pub(super) mod search;
pub(super) mod tail;
pub(super) mod task;
pub(super) mod tasks;

use std::path::PathBuf;

use clap::{ValueEnum, builder::PossibleValue};
use hiveboard_wire::{Mode, Timestamp};

use super::keys::ModeArg;
use crate::{
    api::params::Range,
    remote::{Asked, Client, Fault, Listed, Query, Target},
    terminal::output::Output,
};

/// Rows of a list: none of them is no answer, and looks like one.
pub(super) fn at_least_one() -> clap::builder::RangedU64ValueParser<usize> {
    clap::builder::RangedU64ValueParser::new().range(1..)
}

/// Which server, and with which key.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Which server")]
pub(super) struct ServerArgs {
    /// Its address; `HIVEBOARD_URL` when not given.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// A key that may read (to `import`, one that may send); `HIVEBOARD_API_KEY` when not given. A command line is for all to see: better the variable, or a profile.
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// A server that `hiveboard login` keeps; `HIVEBOARD_PROFILE` when not given.
    #[arg(long, value_name = "NAME", conflicts_with = "url")]
    profile: Option<String>,
    /// The server of this data directory; `HIVEBOARD_DATA_DIR` when not given.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["url", "profile"])]
    data_dir: Option<PathBuf>,
    /// Whose data. Keys have their own; by the data directory it is live data when not given.
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,
}

impl ServerArgs {
    pub(super) fn client(&self) -> Result<Client, Fault> {
        Ok(Client::new(self.target()?))
    }

    pub(super) fn target(&self) -> Result<Target, Fault> {
        let Self { url, key, profile, data_dir, mode } = self.clone();
        Target::find(Asked { url, key, profile, data_dir, mode: mode.map(Into::into) })
    }

    /// Whether a key was given for it.
    pub(super) fn has_key(&self) -> bool {
        self.key.is_some() || std::env::var_os("HIVEBOARD_API_KEY").is_some_and(|key| !key.is_empty())
    }

    pub(super) fn data_dir(&self) -> Option<PathBuf> {
        self.data_dir.clone()
    }

    pub(super) fn mode(&self) -> Option<Mode> {
        self.mode.map(Into::into)
    }
}

/// What is looked at.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What to look at")]
pub(super) struct NarrowArgs {
    /// Of one agent.
    #[arg(long, value_name = "ID")]
    pub(super) agent: Option<String>,
    /// Of one project.
    #[arg(long, value_name = "ID")]
    pub(super) project: Option<String>,
    /// Of one environment.
    #[arg(long, value_name = "NAME")]
    pub(super) environment: Option<String>,
    /// Of one group.
    #[arg(long, value_name = "NAME")]
    pub(super) group: Option<String>,
}

impl NarrowArgs {
    /// Everything is looked at.
    pub(super) fn is_empty(&self) -> bool {
        [&self.agent, &self.project, &self.environment, &self.group].into_iter().all(Option::is_none)
    }

    pub(super) fn query(&self) -> Query {
        Query::default()
            .maybe("agent_id", self.agent.as_ref())
            .maybe("project_id", self.project.as_ref())
            .maybe("environment", self.environment.as_ref())
            .maybe("group", self.group.as_ref())
    }
}

/// How far back.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "What to look at")]
pub(super) struct TimeArgs {
    /// The last hour, six hours, …
    #[arg(long, value_enum, conflicts_with = "since")]
    range: Option<Range>,
    /// From this time on (RFC 3339), by the events' own timestamps.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Before this time (RFC 3339).
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
}

impl ValueEnum for Range {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

/// The name of a value, as the command line and the API write it.
pub(super) fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| error.to_string())
}

impl TimeArgs {
    pub(super) fn add_to(&self, query: Query) -> Query {
        query.maybe("range", self.range.map(Range::as_str)).maybe("since", self.since).maybe("until", self.until)
    }

    /// In words; `usual` is what holds when nothing was said.
    pub(super) fn words(&self, usual: &str) -> String {
        let range = self.range.map(Range::as_str);
        match (&self.since, &self.until) {
            (None, None) => match range.unwrap_or(usual) {
                "" => "all that is kept".to_owned(),
                range => format!("last {range}"),
            },
            (Some(since), None) => format!("since {since}"),
            (None, Some(until)) => match range {
                Some(range) => format!("{range} before {until}"),
                None => format!("before {until}"),
            },
            (Some(since), Some(until)) => format!("{since} to {until}"),
        }
    }
}

/// How it is shown.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub(super) struct ShowArgs {
    /// Print what the server answers, as JSON, for scripts.
    #[arg(long)]
    pub(super) json: bool,
}

/// A list as one JSON array, an item a line, each as the server wrote it.
pub(super) fn print_json(out: &mut Output, listed: &Listed) -> std::io::Result<()> {
    if listed.items.is_empty() {
        return out.line("[]");
    }
    for (place, item) in listed.items.iter().enumerate() {
        let (before, after) =
            (if place == 0 { "[" } else { " " }, if place + 1 == listed.items.len() { "]" } else { "," });
        out.line(format!("{before}{}{after}", item.get()))?;
    }
    Ok(())
}

/// Says that a list goes on, where people look and scripts do not.
pub(super) fn tell_more(listed: &Listed) {
    if listed.has_more {
        eprintln!("There are more than {}: --limit shows them.", listed.items.len());
    }
}
