//! `hiveboard task ID`: the story of a run, in the order of the board's waterfall.

use hiveboard_wire::Timestamp;

use super::{ServerArgs, ShowArgs};
use crate::{
    remote::{
        Client, Query,
        answers::Timeline,
        links::{self, TIMELINE},
    },
    terminal::{output::Output, story},
};

#[derive(clap::Args)]
pub(crate) struct TaskArgs {
    /// The task's id.
    task_id: String,
    /// Which run; the latest when not given.
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// Whose, where two agents share a task id; the latest when not given.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Show what was asked of models, and what came back.
    #[arg(short, long)]
    verbose: bool,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: TaskArgs) -> anyhow::Result<()> {
    let client = args.server.client()?;
    let query = Query::default()
        .with("task_id", &args.task_id)
        .maybe("task_run_id", args.run.as_ref())
        .maybe("agent_id", args.agent.as_ref());
    let mut out = Output::new();
    if args.show.json {
        return Ok(out.line(client.get(TIMELINE, &query)?)?);
    }
    let timeline: Timeline = client.read(TIMELINE, &query)?;
    let how = story::How { width: out.text_width(), verbose: args.verbose, now: Timestamp::now() };
    out.lines(story::lines(&timeline, how))?;
    out.line("")?;
    out.line(link(&client, &timeline))?;
    Ok(())
}

fn link(client: &Client, timeline: &Timeline) -> String {
    let task = &timeline.task;
    client.target().board_link(&links::task(&task.agent_id, &task.task_id, &task.task_run_id))
}
