//! `GET /v1/export`: events, tasks or calls as a stream, a piece in memory at a time.

mod columns;
mod csv_rows;
mod parquet_rows;
mod pipe;

use std::{
    io::{self, Write},
    ops::ControlFlow,
    sync::Arc,
};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use hiveboard_derive::{RunFilter, RunSort, view::EventView};
use hiveboard_store::{CallFilter, CallSort, EventFilter, Position};
use hiveboard_wire::{CallCost, CostSource, NanoDollars, Scope, StoredEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::{columns::Column, csv_rows::CsvRows, parquet_rows::ParquetRows};
use crate::{
    api::{
        cost::CallView,
        params::{Params, Window, filtered_params},
    },
    app::App,
    error::{ApiError, ApiResult},
    permission::{Require, need},
    request_id,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Exported {
    Events,
    Tasks,
    Calls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Ndjson,
    Csv,
    Parquet,
}

filtered_params! {
    pub struct ExportParams {
        /// What to export.
        #[param(inline)]
        pub of: Exported,
        /// As what; ndjson when not given.
        #[param(inline)]
        pub format: Option<Format>,
        /// Of one task.
        pub task_id: Option<String>,
        /// Of one type of task; tasks and calls.
        pub task_type: Option<String>,
        /// Of one model; calls.
        pub model: Option<String>,
    }
}

impl ExportParams {
    /// # Errors
    /// Names a filter that does not go with what is exported: without it more would be given than was asked for.
    pub(crate) fn check(&self) -> ApiResult<()> {
        let of_what = |name: &str, rows: &str| {
            Err(ApiError::invalid_parameter(
                name,
                format!("`{name}` narrows {rows} alone; leave it out, or export these."),
            ))
        };
        match self.of {
            Exported::Events if self.task_type.is_some() => of_what("task_type", "tasks and calls"),
            Exported::Events | Exported::Tasks if self.model.is_some() => of_what("model", "calls"),
            _ => Ok(()),
        }
    }
}

/// Rows between two looks for more.
const ROWS_OF_A_PAGE: usize = 200;

/// Everything that the filters let through, oldest first, in one answer that ends with the last row. What cannot be read from the start on is
/// an error; where something fails on the way the connection breaks, so that a part is never taken for the whole.
#[utoipa::path(get, path = "/v1/export", tag = "export", params(ExportParams), responses(
    (status = 200, content((String = "application/x-ndjson"), (String = "text/csv"), (String = "application/vnd.apache.parquet")))))]
pub async fn export(
    State(app): State<Arc<App>>,
    caller: Require<need::ReadData>,
    Params(params): Params<ExportParams>,
) -> ApiResult<Response> {
    let window = params.window(app.clock.now())?;
    params.check()?;
    let format = params.format.unwrap_or(Format::Ndjson);
    let (of, scope) = (params.of, caller.scope());
    let (pipe, stream) = pipe::pipe();
    tokio::task::spawn_blocking(request_id::carry(move || {
        let broken = pipe.breaker();
        let done = write(&app, scope, &params, window, pipe);
        if let Err(error) = done
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            tracing::warn!(%error, "an export ended before its end");
            broken.break_off(error);
        }
    }));
    let body = pipe::begin(stream).await?;
    let (media_type, ending) = match format {
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Parquet => ("application/vnd.apache.parquet", "parquet"),
    };
    let name = match of {
        Exported::Events => "events",
        Exported::Tasks => "tasks",
        Exported::Calls => "calls",
    };
    let disposition = format!("attachment; filename=\"hiveboard-{name}.{ending}\"");
    let mut answer = body.into_response();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let disposition = HeaderValue::from_str(&disposition).expect("plain letters");
    answer.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(answer)
}

/// An event with all that it was sent with, so that it can be sent again.
#[derive(Serialize)]
struct ExportedEvent<'a> {
    #[serde(flatten)]
    event: EventView<'a>,
    framework: &'a str,
    runtime: Option<&'a str>,
    sdk_version: Option<&'a str>,
    instance_id: Option<&'a str>,
    /// US dollars, of a model call whose cost its agent did not report.
    estimated_cost: Option<NanoDollars>,
}

impl<'a> ExportedEvent<'a> {
    fn new(stored: &'a StoredEvent, cost: Option<CallCost>) -> Self {
        let envelope = &*stored.envelope;
        Self {
            event: stored.into(),
            framework: &envelope.framework,
            runtime: envelope.runtime.as_deref(),
            sdk_version: envelope.sdk_version.as_deref(),
            instance_id: envelope.instance_id.as_deref(),
            estimated_cost: cost.filter(|cost| cost.source == CostSource::Estimated).map(|cost| cost.amount),
        }
    }
}

/// Where rows go, in one of the formats.
enum Rows<W: Write + Send> {
    Ndjson(W),
    Csv(Box<CsvRows<W>>),
    Parquet(Box<ParquetRows<W>>),
}

impl<W: Write + Send> Rows<W> {
    fn new(format: Format, columns: &'static [Column], out: W) -> io::Result<Self> {
        Ok(match format {
            Format::Ndjson => Self::Ndjson(out),
            Format::Csv => Self::Csv(Box::new(CsvRows::new(columns, out)?)),
            Format::Parquet => Self::Parquet(Box::new(ParquetRows::new(columns, out)?)),
        })
    }

    fn add(&mut self, row: &impl Serialize) -> io::Result<()> {
        match self {
            Self::Ndjson(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
            Self::Csv(rows) => rows.add(row),
            Self::Parquet(rows) => rows.add(row),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Ndjson(mut out) => out.flush(),
            Self::Csv(rows) => rows.finish(),
            Self::Parquet(rows) => rows.finish(),
        }
    }
}

/// Writes all rows that are asked for; blocks.
pub(crate) fn write(
    app: &App,
    scope: Scope,
    params: &ExportParams,
    window: Window,
    out: impl Write + Send,
) -> io::Result<()> {
    let format = params.format.unwrap_or(Format::Ndjson);
    match params.of {
        Exported::Events => {
            let mut rows = Rows::new(format, columns::EVENTS, out)?;
            events(app, scope, params, window, &mut rows)?;
            rows.finish()
        }
        Exported::Calls => {
            let mut rows = Rows::new(format, columns::CALLS, out)?;
            calls(app, scope, params, window, &mut rows)?;
            rows.finish()
        }
        Exported::Tasks => {
            let mut rows = Rows::new(format, columns::TASKS, out)?;
            tasks(app, scope, params, window, &mut rows)?;
            rows.finish()
        }
    }
}

fn events<W: Write + Send>(
    app: &App,
    scope: Scope,
    params: &ExportParams,
    window: Window,
    rows: &mut Rows<W>,
) -> io::Result<()> {
    let filter = EventFilter {
        agent_id: params.agent_id.clone(),
        project_id: params.project_id.clone(),
        environment: params.environment.clone(),
        group: params.group.clone(),
        task_id: params.task_id.clone(),
        since: window.since,
        until: window.until,
        ..EventFilter::default()
    };
    let mut written = Ok(());
    app.scan_events(scope, &filter, Position::of_seq(0), &mut |event, cost| {
        written = rows.add(&ExportedEvent::new(&event, cost));
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .map_err(io::Error::other)?;
    written
}

fn calls<W: Write + Send>(
    app: &App,
    scope: Scope,
    params: &ExportParams,
    window: Window,
    rows: &mut Rows<W>,
) -> io::Result<()> {
    let filter = CallFilter {
        agent_id: params.agent_id.clone(),
        project_id: params.project_id.clone(),
        environment: params.environment.clone(),
        group: params.group.clone(),
        task_id: params.task_id.clone(),
        task_type: params.task_type.clone(),
        model: params.model.clone(),
        since: window.since,
        until: window.until,
        ..CallFilter::default()
    };
    let mut after = None;
    loop {
        let page = app.calls(scope, &filter, CallSort::Oldest { after }, ROWS_OF_A_PAGE).map_err(io::Error::other)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.timestamp, last.position));
        for call in page {
            rows.add(&CallView::from(call))?;
        }
    }
}

fn tasks<W: Write + Send>(
    app: &App,
    scope: Scope,
    params: &ExportParams,
    window: Window,
    rows: &mut Rows<W>,
) -> io::Result<()> {
    let filter = RunFilter {
        task_id: params.task_id.clone(),
        task_type: params.task_type.clone(),
        agent_id: params.agent_id.clone(),
        project_id: app.project_aliases.asked(scope, params.project_id.clone()),
        environment: params.environment.clone(),
        group: params.group.clone(),
        since: window.since,
        until: window.until,
        ..RunFilter::default()
    };
    let mut place: Option<String> = None;
    loop {
        let now = app.clock.now();
        let page = app
            .derived
            .look(scope, |projections| {
                projections.runs(&filter, RunSort::Oldest, place.as_deref(), ROWS_OF_A_PAGE, now)
            })
            .map_err(io::Error::other)?
            .finish()
            .map_err(io::Error::other)?;
        for run in &page.data {
            rows.add(run)?;
        }
        place = page.cursor;
        if place.is_none() {
            return Ok(());
        }
    }
}
