//! `hiveboard tail`: events as they come, one line each.

use hiveboard_wire::{
    EventType, Severity, Timestamp,
    live::{Channel, StreamFilters},
};
use serde_json::value::RawValue;

use super::{NarrowArgs, ServerArgs, ShowArgs};
use crate::{
    remote::{
        Client, Query,
        answers::Event,
        client::read,
        follow::{Follower, GoOn, Told},
    },
    terminal::{event_line, output::Output},
};

#[derive(clap::Args)]
#[command(
    after_help = "It goes on until Ctrl-C, and through restarts of the server: nothing is missed, nothing comes twice. `tail --json` writes an event a line, each with its `seq`: --since-seq goes on from there."
)]
pub(crate) struct TailArgs {
    /// Only these types: `task_failed`, `action_failed`, custom, … Heartbeats come when they are named.
    #[arg(long = "type", value_delimiter = ',', value_name = "TYPE,…", value_parser = event_type)]
    types: Vec<EventType>,
    /// Only events at least as severe: debug, info, warn, error.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    min_severity: Option<Severity>,
    /// Only of one task.
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// How many of the latest events come first.
    #[arg(short = 'n', long, default_value_t = 10, value_name = "N", conflicts_with = "since_seq")]
    lines: usize,
    /// Go on after this event, by its `seq`.
    #[arg(long, value_name = "SEQ")]
    since_seq: Option<u64>,
    /// End after the latest events, instead of waiting for more.
    #[arg(long, conflicts_with = "since_seq")]
    no_follow: bool,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

fn event_type(text: &str) -> Result<EventType, String> {
    EventType::parse(text).ok_or_else(|| {
        let known: Vec<&str> = EventType::ALL.iter().map(|known| known.as_str()).collect();
        format!("it is none of {}", known.join(", "))
    })
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "it is none of debug, info, warn, error".to_owned())
}

/// Prints what fits, each event once.
struct Printer {
    out: Output,
    task: Option<String>,
    json: bool,
}

impl Printer {
    fn print(&mut self, event: &RawValue) -> anyhow::Result<()> {
        let read: Event = read(event.get())?;
        if self.task.as_ref().is_some_and(|wanted| read.task_id.as_ref() != Some(wanted)) {
            return Ok(());
        }
        if self.json {
            self.out.line(event.get())?;
        } else {
            let line = event_line::line(&read, Timestamp::now(), self.out.width());
            self.out.line(line)?;
        }
        Ok(())
    }
}

pub(crate) fn run(args: TailArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let mut printer = Printer { out: Output::new(), task: args.task.clone(), json: args.show.json };
    if args.no_follow {
        return latest(&client, &args, None, &mut printer);
    }
    let filters = StreamFilters {
        project_id: args.narrow.project.clone(),
        environment: args.narrow.environment.clone(),
        group: args.narrow.group.clone(),
        agent_id: args.narrow.agent.clone(),
        event_types: (!args.types.is_empty()).then(|| args.types.clone()),
        min_severity: args.min_severity,
    };
    let follower = Follower::new(&client, vec![Channel::Events], filters, args.since_seq);
    let mut was_lost = false;
    follower.run(|told| {
        match told {
            // The stream stands before the latest events are read: none falls between.
            Told::Begun { seq } if args.since_seq.is_none() => latest(&client, &args, Some(seq), &mut printer)?,
            Told::Event(event) => printer.print(&event)?,
            Told::Lost(why) if !was_lost => {
                was_lost = true;
                eprintln!("hiveboard: {} was lost ({why}); trying again until it is back.", client.target().url);
            }
            Told::Back => {
                was_lost = false;
                eprintln!("hiveboard: {} is back.", client.target().url);
            }
            Told::Begun { .. } | Told::Lost(_) | Told::Changed => {}
            Told::Quiet => printer.out.flush()?,
        }
        Ok(GoOn::Continue(()))
    })
}

/// The latest events up to a place, oldest first.
fn latest(client: &Client, args: &TailArgs, until_seq: Option<u64>, printer: &mut Printer) -> anyhow::Result<()> {
    if args.lines == 0 {
        return Ok(());
    }
    let severities = Severity::ALL.iter().filter(|one| args.min_severity.is_some_and(|least| **one >= least));
    let query: Query = args
        .narrow
        .query()
        .maybe("task_id", args.task.as_ref())
        .each("event_type", args.types.iter().map(|one| one.as_str()))
        .each("severity", severities.map(|one| one.as_str()));
    let mut listed = client.list("/v1/events", &query, args.lines)?;
    listed.items.reverse();
    for event in &listed.items {
        if until_seq.is_none_or(|until| read::<Event>(event.get()).is_ok_and(|event| event.seq <= until)) {
            printer.print(event)?;
        }
    }
    printer.out.flush()?;
    Ok(())
}
