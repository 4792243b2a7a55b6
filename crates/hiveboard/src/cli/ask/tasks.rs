//! `hiveboard tasks`: runs of tasks as a table.

use clap::ValueEnum;
use hiveboard_wire::Timestamp;

use super::{NarrowArgs, ServerArgs, ShowArgs, TimeArgs, name_of, print_json, tell_more};
use crate::{
    remote::answers::Task,
    terminal::{
        figures,
        output::Output,
        style,
        table::{Cell, Column, Table},
    },
};

#[derive(clap::Args)]
pub(crate) struct TasksArgs {
    /// Only runs in these states.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "STATE,…")]
    status: Vec<TaskState>,
    /// Only tasks of this type.
    #[arg(long = "type", value_name = "TYPE")]
    task_type: Option<String>,
    /// Only one piece of work across agents.
    #[arg(long, value_name = "ID")]
    correlation: Option<String>,
    /// Text in id, run, type, agent or correlation id.
    #[arg(short, long = "query", value_name = "TEXT")]
    q: Option<String>,
    /// Order.
    #[arg(long, value_enum, default_value = "newest")]
    sort: Sort,
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

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum TaskState {
    Completed,
    Failed,
    Cancelled,
    Stuck,
    Waiting,
    Escalated,
    Processing,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Sort {
    Newest,
    Oldest,
    Duration,
    Cost,
    Tokens,
    Errors,
}

pub(crate) fn run(args: TasksArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let states: Vec<String> = args.status.iter().map(name_of).collect();
    let query = args
        .time
        .add_to(args.narrow.query())
        .each("status", states)
        .maybe("task_type", args.task_type)
        .maybe("correlation_id", args.correlation)
        .maybe("q", args.q)
        .with("sort", name_of(&args.sort));
    let listed = client.list("/v1/tasks", &query, args.limit)?;
    let mut out = Output::new();
    if args.show.json {
        return Ok(print_json(&mut out, &listed)?);
    }
    let tasks: Vec<Task> = listed.read()?;
    if tasks.is_empty() {
        out.line("No tasks fit.")?;
        return Ok(());
    }
    out.lines(table(&tasks, Timestamp::now()).lines(out.width()))?;
    out.flush()?;
    tell_more(&listed);
    Ok(())
}

pub(crate) fn table(tasks: &[Task], now: Timestamp) -> Table {
    let mut table = Table::new([
        Column::text("STATUS"),
        Column::text("TASK").cut_to(14),
        Column::text("RUN").cut_to(8).gives_way(7),
        Column::text("AGENT").cut_to(12),
        Column::text("TYPE").cut_to(8).gives_way(4),
        Column::text("PROJECT").cut_to(8).gives_way(5),
        Column::figure("STARTED"),
        Column::figure("DURATION"),
        Column::figure("CALLS").gives_way(3),
        Column::figure("TOKENS").gives_way(6),
        Column::figure("COST").gives_way(1),
        Column::figure("ERRORS").gives_way(2),
    ]);
    for task in tasks {
        let status = task.derived_status.as_str();
        let tokens = match (task.total_tokens_in, task.total_tokens_out) {
            (None, None) => None,
            (given, made) => Some(given.unwrap_or(0) + made.unwrap_or(0)),
        };
        table.row([
            Cell::new(format!("{} {status}", style::mark(status))).styled(style::of_status(status)),
            Cell::new(&task.task_id).styled(style::BOLD),
            (&task.task_run_id).into(),
            (&task.agent_id).into(),
            task.task_type.as_deref().unwrap_or("").into(),
            task.project_id.as_deref().unwrap_or("").into(),
            figures::clock(task.started_at, now).into(),
            figures::duration(Some(task.duration_ms)).into(),
            task.llm_call_count.map_or_else(String::new, |count| figures::count(Some(count.into()))).into(),
            tokens.map_or_else(String::new, |tokens| figures::count(Some(tokens))).into(),
            Cell::new(task.total_cost.map_or_else(String::new, |cost| figures::money(Some(cost)))).styled(style::MODEL),
            Cell::new(if task.error_count > 0 { task.error_count.to_string() } else { String::new() })
                .styled(style::BAD),
        ]);
    }
    table
}
