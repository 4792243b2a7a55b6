//! `hiveboard alerts list`: what fires, or fired.

use clap::ValueEnum;
use hiveboard_wire::Timestamp;

use super::{NarrowArgs, ServerArgs, ShowArgs, TimeArgs, name_of, print_json, tell_more};
use crate::{
    remote::answers::Alert,
    terminal::{clean, figures, output::Output, style},
};

#[derive(clap::Args)]
pub(crate) struct AlertsListArgs {
    /// Which.
    #[arg(long, value_enum, default_value = "firing")]
    state: State,
    /// Only of this severity.
    #[arg(long, value_enum)]
    severity: Option<Severity>,
    /// How many.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = super::at_least_one())]
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    Firing,
    Resolved,
    All,
}

#[derive(Clone, Copy, ValueEnum)]
enum Severity {
    Warning,
    Critical,
}

pub(crate) fn run(args: AlertsListArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let query = args
        .time
        .add_to(args.narrow.query())
        .maybe("state", (args.state != State::All).then(|| name_of(&args.state)))
        .maybe("severity", args.severity.as_ref().map(name_of));
    let listed = client.list("/v1/alerts", &query, args.limit)?;
    let mut out = Output::new();
    if args.show.json {
        return Ok(print_json(&mut out, &listed)?);
    }
    let alerts: Vec<Alert> = listed.read()?;
    if alerts.is_empty() {
        out.line(if args.state == State::Firing { "Nothing fires." } else { "No alerts fit." })?;
        return Ok(());
    }
    let (now, width) = (Timestamp::now(), out.text_width());
    for alert in &alerts {
        let tone = style::of_status(if alert.state == "resolved" { "resolved" } else { &alert.severity });
        let when = match alert.resolved_at {
            Some(at) => format!("{}, resolved {}", figures::clock(alert.started_at, now), figures::clock(at, now)),
            None => format!("for {}", figures::since(alert.started_at, now)),
        };
        let by = alert
            .acknowledged_by
            .as_deref()
            .map_or_else(String::new, |by| format!(", looked after by {}", clean::line(by)));
        let word = if alert.state == "resolved" { "resolved" } else { alert.severity.as_str() };
        out.line(format!(
            "{} {} {}",
            style::paint(tone, &format!("{} {word}", style::mark(word))),
            style::paint(style::BOLD, &clean::line(&alert.rule_name)),
            style::paint(style::DIM, &format!("{when}{by}"))
        ))?;
        let said = [(&alert.summary, style::PLAIN), (&alert.advice, style::DIM)];
        for (words, tone) in said.into_iter().filter(|(words, _)| !words.is_empty()) {
            for line in clean::wrap(&clean::line(words), width.saturating_sub(2)) {
                out.line(format!("  {}", style::paint(tone, &line)))?;
            }
        }
        // One that is cut in two leads nowhere.
        if !alert.link.is_empty() {
            out.line(format!("  {}", style::paint(style::DIM, &clean::line(&alert.link))))?;
        }
    }
    out.flush()?;
    tell_more(&listed);
    Ok(())
}
