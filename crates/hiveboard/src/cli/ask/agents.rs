//! `hiveboard agents`: the Hive as a table, those first that ask for attention.

use clap::ValueEnum;
use hiveboard_wire::Timestamp;

use super::{NarrowArgs, ServerArgs, ShowArgs, name_of, print_json, tell_more};
use crate::{
    remote::{Client, answers::Agent},
    terminal::{
        figures,
        output::Output,
        style,
        table::{Cell, Column, Table},
    },
};

#[derive(clap::Args)]
pub(crate) struct AgentsArgs {
    /// Only agents in these states.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STATE,…")]
    status: Vec<AgentState>,
    /// Order.
    #[arg(long, value_enum, default_value = "attention")]
    sort: Sort,
    /// How many.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = super::at_least_one())]
    limit: usize,
    #[command(flatten)]
    narrow: NarrowArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum AgentState {
    Stuck,
    Error,
    #[value(alias = "waiting")]
    WaitingApproval,
    Processing,
    Idle,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Sort {
    /// Stuck, error, waiting, processing, idle; then the most recent.
    Attention,
    Name,
    LastSeen,
}

pub(crate) fn run(args: AgentsArgs) -> anyhow::Result<()> {
    let client: Client = args.server.client()?;
    let states: Vec<String> = args.status.iter().map(name_of).collect();
    let query = args.narrow.query().each("status", states).with("sort", name_of(&args.sort));
    let listed = client.list("/v1/agents", &query, args.limit)?;
    let mut out = Output::new();
    if args.show.json {
        return Ok(print_json(&mut out, &listed)?);
    }
    let agents: Vec<Agent> = listed.read()?;
    if agents.is_empty() {
        let is_narrowed = !args.status.is_empty() || !args.narrow.is_empty();
        out.line(if is_narrowed {
            "No agents fit."
        } else {
            "No agents here. Three lines of code make one: `Start in a minute` of the server's /docs has them."
        })?;
        return Ok(());
    }
    // The counts are of the rows below them.
    let first = if listed.has_more { "The first " } else { "" };
    out.line(format!("{first}{}", summary(&agents)))?;
    out.lines(table(&agents, Timestamp::now()).lines(out.width()))?;
    out.flush()?;
    tell_more(&listed);
    Ok(())
}

/// `5 agents: 1 stuck, 4 idle`
pub(crate) fn summary(agents: &[Agent]) -> String {
    let states = ["stuck", "error", "waiting_approval", "processing", "idle"];
    let counts = states.iter().filter_map(|state| {
        let count = agents.iter().filter(|agent| agent.derived_status == *state).count();
        (count > 0).then(|| style::paint(style::of_status(state), &format!("{count} {}", style::word(state))))
    });
    let noun = if agents.len() == 1 { "agent" } else { "agents" };
    format!("{} {noun}: {}", agents.len(), counts.collect::<Vec<_>>().join(", "))
}

/// What an agent is at, or what it last said; one that is idle does nothing.
pub(crate) fn doing(agent: &Agent) -> &str {
    let said = agent.heartbeat_summary.as_deref().filter(|_| agent.derived_status != "idle");
    agent.current_task_id.as_deref().or(said).unwrap_or("")
}

/// How its last sign of life compares with what is expected.
pub(crate) fn heartbeat_style(agent: &Agent, age_seconds: f64) -> anstyle::Style {
    match age_seconds / agent.stuck_threshold_seconds.max(1e-9) {
        _ if agent.is_gone() || agent.liveness == "none" => style::DIM,
        share if share > 1.0 => style::BAD,
        share if share > 0.5 => style::WAITING,
        _ => style::GOOD,
    }
}

pub(crate) fn table<'a>(agents: impl IntoIterator<Item = &'a Agent>, now: Timestamp) -> Table {
    let mut table = Table::new([
        Column::text("STATUS"),
        Column::text("AGENT").cut_to(16),
        Column::text("DOING").cut_to(12).gives_way(2),
        Column::figure("SEEN"),
        Column::figure("FOR").gives_way(3),
        Column::figure("QUEUE").gives_way(4),
        Column::figure("DONE 1H").gives_way(1),
        Column::figure("FAILED"),
        Column::figure("COST 1H").gives_way(2),
        Column::text("LAST HOUR").gives_way(7),
        Column::text("TYPE").cut_to(8).gives_way(6),
        Column::text("ENVIRONMENT").cut_to(8).gives_way(5),
    ]);
    for agent in agents {
        let hour = &agent.stats_1h;
        let status = if agent.is_gone() { "gone" } else { &agent.derived_status };
        let seen = now.seconds_since(agent.last_seen);
        let queue = hour.queue_depth.map_or_else(String::new, |depth| depth.to_string());
        table.row([
            Cell::new(format!("{} {}", style::mark(status), style::word(status))).styled(style::of_status(status)),
            Cell::new(&agent.agent_id).styled(style::BOLD),
            doing(agent).into(),
            Cell::new(figures::age(Some(seen))).styled(heartbeat_style(agent, seen)),
            figures::since(agent.status_since, now).into(),
            Cell::new(queue).styled(if hour.queue_depth.is_some_and(|depth| depth > 5) {
                style::WAITING
            } else {
                style::PLAIN
            }),
            figures::count(Some(hour.tasks_completed)).into(),
            Cell::new(figures::count(Some(hour.tasks_failed))).styled(if hour.tasks_failed > 0 {
                style::BAD
            } else {
                style::PLAIN
            }),
            Cell::new(figures::money(hour.total_cost)).styled(style::MODEL),
            figures::sparkline(&agent.sparkline_1h).into(),
            (&agent.agent_type).into(),
            (&agent.environment).into(),
        ]);
    }
    table
}
