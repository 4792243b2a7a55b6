//! `hiveboard export`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::{
    Board, Reached,
    packed::{Output, Packing},
    progress::{Counted, Progress},
    refusal,
};
use crate::api::{
    export::{self, ExportParams},
    params::QueryString,
};

#[derive(clap::Args)]
pub(in crate::cli) struct ExportArgs {
    /// What to export.
    #[arg(long, value_enum, default_value = "events")]
    of: Of,
    /// As what; by the output's ending (.csv, .parquet), else NDJSON.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Where to write; a name that ends with .gz or .zst is packed. Without it, to the standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Of one project.
    #[arg(long, value_name = "ID")]
    project_id: Option<String>,
    /// Of one agent.
    #[arg(long, value_name = "ID")]
    agent_id: Option<String>,
    /// Of one environment.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Of one group.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Of one task.
    #[arg(long, value_name = "ID")]
    task_id: Option<String>,
    /// Of one type of task; tasks and calls.
    #[arg(long, value_name = "TYPE")]
    task_type: Option<String>,
    /// Of one model; calls.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// From this time on (RFC 3339), by the events' timestamps.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The last hour, …; instead of --since.
    #[arg(long, value_name = "1h|6h|24h|7d|30d|90d")]
    range: Option<String>,
    #[command(flatten)]
    board: Board,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    Events,
    Tasks,
    Calls,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Ndjson,
    Csv,
    Parquet,
}

/// The name of a value, as it stands in queries.
fn name(value: impl ValueEnum) -> String {
    value.to_possible_value().expect("none is hidden").get_name().to_owned()
}

impl ExportArgs {
    /// As a query of `/v1/export`.
    fn query(&self, format: Format) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("of", &name(self.of)).append_pair("format", &name(format));
        for (name, value) in [
            ("project_id", &self.project_id),
            ("agent_id", &self.agent_id),
            ("environment", &self.environment),
            ("group", &self.group),
            ("task_id", &self.task_id),
            ("task_type", &self.task_type),
            ("model", &self.model),
            ("since", &self.since),
            ("until", &self.until),
            ("range", &self.range),
        ] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    fn form(&self) -> anyhow::Result<(Format, Packing)> {
        let output = self.output.as_deref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let (packing, plain) = Packing::of(&output);
        let by_name = match plain.rsplit('.').next() {
            Some("csv") => Format::Csv,
            Some("parquet") => Format::Parquet,
            _ => Format::Ndjson,
        };
        let format = self.format.unwrap_or(by_name);
        if format == Format::Parquet && packing != Packing::None {
            bail!("Parquet is packed already: leave out the ending .gz or .zst");
        }
        Ok((format, packing))
    }
}

pub(in crate::cli) fn run(args: ExportArgs) -> anyhow::Result<()> {
    let (format, packing) = args.form()?;
    let query = args.query(format);
    // Before a board is reached or a file begun, and in the server's own words.
    let params: ExportParams = QueryString::parse(&query).and_then(|query| query.read()).map_err(|e| refusal(&e))?;
    params.check().map_err(|error| refusal(&error))?;
    let board = args.board.reach_to_read()?;
    let output = Output::open(args.output.as_deref(), packing)?;
    let mut out = Counted { inner: output, progress: Progress::new("exported", None) };
    match &board {
        Reached::Server(server) => server.download(&format!("/v1/export?{query}"), &mut out)?,
        Reached::Directory { app, scope } => {
            let window = params.window(app.clock.now()).map_err(|error| refusal(&error))?;
            let written = export::write(app, *scope, &params, window, &mut out).context("the export did not end well");
            app.close();
            written?;
        }
    }
    out.inner.finish()?;
    eprintln!("Exported {}.", out.progress.end());
    Ok(())
}
