//! `hiveboard insights`: what the figures say that nobody asked for.

use super::{NarrowArgs, ServerArgs, ShowArgs, TimeArgs};
use crate::{
    remote::answers::Insights,
    terminal::{clean, figures, output::Output, style},
};

#[derive(clap::Args)]
pub(crate) struct InsightsArgs {
    /// Which kinds to look for; all when not given. docs/insights.md lists them.
    #[arg(long, value_delimiter = ',', value_name = "KIND,…")]
    kinds: Vec<String>,
    /// Show the figures behind each, with links to the rows that show them.
    #[arg(short, long)]
    evidence: bool,
    /// Show which kinds found nothing, and which had too little to say something.
    #[arg(long)]
    checked: bool,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: InsightsArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let query = args.time.add_to(args.narrow.query()).each("kinds", &args.kinds);
    let mut out = Output::new();
    if args.show.json {
        return Ok(out.line(client.get("/v1/insights", &query)?)?);
    }
    let insights: Insights = client.read("/v1/insights", &query)?;
    let width = out.text_width();
    for insight in &insights.data {
        let severity = insight.severity.as_str();
        let head = format!("{} {severity}", style::mark(severity));
        let tag = style::paint(style::of_status(severity), &head);
        let room = width.saturating_sub(12);
        for (place, line) in clean::wrap(&clean::line(&insight.title), room).iter().enumerate() {
            let blanks = " ".repeat(12_usize.saturating_sub(if place == 0 { clean::width(&head) } else { 0 }));
            out.line(format!("{}{blanks}{}", if place == 0 { &tag } else { "" }, style::paint(style::BOLD, line)))?;
        }
        let indent = " ".repeat(12);
        for line in clean::wrap(&clean::line(&insight.suggestion), room) {
            out.line(format!("{indent}{line}"))?;
        }
        if args.evidence {
            for figure in &insight.evidence {
                let value = figures::quantity(figure.value, figure.unit.as_deref().unwrap_or(""));
                out.line(format!(
                    "{indent}{} {}",
                    style::paint(style::DIM, &format!("{}:", clean::line(&figure.label))),
                    clean::line(&value)
                ))?;
                out.line(format!(
                    "{indent}  {}",
                    style::paint(style::DIM, &clean::line(&client.target().board_link(&figure.link)))
                ))?;
            }
        }
        out.line("")?;
    }
    let kinds = |result: &str| -> Vec<&str> {
        let of = insights.checked.iter().filter(|checked| checked.result == result);
        of.map(|checked| checked.kind.as_str()).collect()
    };
    let (nothing, little) = (kinds("nothing"), kinds("not_enough_data"));
    let sum = format!(
        "{} found in the {}; {} kinds looked and found nothing, {} had too little to look at.",
        insights.data.len(),
        args.time.words("24h"),
        nothing.len(),
        little.len()
    );
    out.lines(clean::wrap(&sum, width))?;
    if args.checked {
        for (words, kinds) in [("Nothing: ", nothing), ("Too little:", little)] {
            for (place, line) in clean::wrap(&kinds.join(", "), width.saturating_sub(12)).iter().enumerate() {
                out.line(format!("{:<12}{line}", if place == 0 { words } else { "" }).trim_end())?;
            }
        }
    }
    Ok(())
}
