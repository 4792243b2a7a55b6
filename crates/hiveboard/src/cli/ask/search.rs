//! `hiveboard search TEXT`: events that say something.

use hiveboard_wire::Timestamp;

use super::{NarrowArgs, ServerArgs, ShowArgs, TimeArgs, print_json, tell_more};
use crate::{
    remote::answers::Event,
    terminal::{event_line, output::Output},
};

#[derive(clap::Args)]
pub(crate) struct SearchArgs {
    /// Text in summaries and payloads, whatever its case and form.
    text: String,
    #[command(flatten)]
    which: EventArgs,
    /// Only of one task.
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// How many.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = super::at_least_one())]
    limit: usize,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Kinds of events.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct EventArgs {
    /// Only these types: `task_failed`, `action_failed`, custom, …
    #[arg(long = "type", value_delimiter = ',', value_name = "TYPE,…")]
    types: Vec<String>,
    /// Only payloads of these kinds: `llm_call`, issue, …
    #[arg(long = "kind", value_delimiter = ',', value_name = "KIND,…")]
    kinds: Vec<String>,
    /// Only these severities: debug, info, warn, error.
    #[arg(long, value_delimiter = ',', value_name = "SEVERITY,…")]
    severity: Vec<String>,
}

pub(crate) fn run(args: SearchArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let query = args
        .time
        .add_to(args.narrow.query())
        .with("q", &args.text)
        .maybe("task_id", args.task)
        .each("event_type", &args.which.types)
        .each("payload_kind", &args.which.kinds)
        .each("severity", &args.which.severity);
    let listed = client.list("/v1/events", &query, args.limit)?;
    let mut out = Output::new();
    if args.show.json {
        return Ok(print_json(&mut out, &listed)?);
    }
    let events: Vec<Event> = listed.read()?;
    if events.is_empty() {
        out.line(format!("Nothing says {:?} in {}.", args.text, args.time.words("")))?;
        return Ok(());
    }
    let now = Timestamp::now();
    for event in &events {
        out.line(event_line::line(event, now, out.width()))?;
    }
    out.flush()?;
    tell_more(&listed);
    Ok(())
}
