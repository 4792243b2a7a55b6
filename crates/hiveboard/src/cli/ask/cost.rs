//! `hiveboard cost`: what model calls cost, and whose they were.

use clap::ValueEnum;

use super::{NarrowArgs, ServerArgs, ShowArgs, TimeArgs, name_of};
use crate::{
    remote::answers::Cost,
    terminal::{
        figures,
        output::Output,
        style,
        table::{Cell, Column, Table},
    },
};

#[derive(clap::Args)]
pub(crate) struct CostArgs {
    /// What the cost is told apart by.
    #[arg(long, value_enum, default_value = "model")]
    by: By,
    /// Only of one model.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Only of one task.
    #[arg(long, value_name = "ID")]
    task: Option<String>,
    /// Only of tasks of one type.
    #[arg(long, value_name = "TYPE")]
    task_type: Option<String>,
    /// How many rows; what the others come to is one more.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    time: TimeArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum By {
    Agent,
    Model,
    AgentModel,
    Project,
    TaskType,
    Version,
    Environment,
}

pub(crate) fn run(args: CostArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let query = args
        .time
        .add_to(args.narrow.query())
        .maybe("model", args.model)
        .maybe("task_id", args.task)
        .maybe("task_type", args.task_type)
        .with("group_by", name_of(&args.by))
        .with("limit", args.limit);
    let mut out = Output::new();
    if args.show.json {
        return Ok(out.line(client.get("/v1/cost", &query)?)?);
    }
    let cost: Cost = client.read("/v1/cost", &query)?;
    let totals = cost.totals;
    let estimated = if totals.estimated_cost > 0.0 {
        format!(", {} of it estimated", figures::money(Some(totals.estimated_cost)))
    } else {
        String::new()
    };
    out.line(format!(
        "{} {}: {} calls, {} tokens in, {} out{estimated}",
        style::paint(style::BOLD, &figures::money(Some(totals.cost))),
        args.time.words("24h"),
        figures::count(Some(totals.call_count)),
        figures::count(Some(totals.tokens_in)),
        figures::count(Some(totals.tokens_out)),
    ))?;
    if !cost.groups.is_empty() {
        out.lines(table(&cost, &name_of(&args.by)).lines(out.width()))?;
    }
    Ok(())
}

fn table(cost: &Cost, by: &str) -> Table {
    let name = match by {
        "model" => "MODEL",
        "agent" => "AGENT",
        "agent_model" => "AGENT · MODEL",
        "project" => "PROJECT",
        "task_type" => "TASK TYPE",
        "version" => "VERSION",
        _ => "ENVIRONMENT",
    };
    let mut table = Table::new([
        Column::text(name).cut_to(16),
        Column::figure("COST"),
        Column::figure("SHARE"),
        Column::text("").gives_way(5),
        Column::figure("CALLS"),
        Column::figure("A CALL").gives_way(3),
        Column::figure("TOKENS IN").gives_way(1),
        Column::figure("OUT").gives_way(2),
    ]);
    let rows = cost.groups.iter().map(|group| (group.name(), group.totals));
    let others = cost.other.iter().map(|other| (format!("({} others)", other.group_count), other.totals));
    for (name, totals) in rows.chain(others) {
        let share = if cost.totals.cost > 0.0 { totals.cost / cost.totals.cost } else { 0.0 };
        let a_call = (totals.call_count > 0).then(|| totals.cost / totals.call_count as f64);
        table.row([
            Cell::new(name).styled(style::BOLD),
            Cell::new(figures::money(Some(totals.cost))).styled(style::MODEL),
            figures::share(Some(share)).into(),
            Cell::new(figures::bar(share, 16)).styled(style::MODEL),
            figures::count(Some(totals.call_count)).into(),
            figures::money(a_call).into(),
            figures::count(Some(totals.tokens_in)).into(),
            figures::count(Some(totals.tokens_out)).into(),
        ]);
    }
    table
}
