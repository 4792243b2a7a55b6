//! `hiveboard import`.

use std::{
    fs::File,
    io::IsTerminal,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use hiveboard_wire::{EventWarningCode, Receipt, Scope, decode_batch};
use tokio::runtime::Runtime;

use super::{
    Board, Reached,
    batches::{Batch, Batches},
    packed::unpacked,
    progress::{Counted, Progress},
    refusal,
};
use crate::{app::App, caller::CallerId, ingest::admission::id_is_taken};

/// Batches that share a commit where no server stands between.
const BATCHES_AT_ONCE: usize = 64;
/// Lines that were not taken are named up to here.
const MOST_NAMED: u64 = 20;

#[derive(clap::Args)]
pub(in crate::cli) struct ImportArgs {
    /// What `hiveboard export --of events` wrote as NDJSON, plain or packed (gzip, zstd); `-` or none for the standard input.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    board: Board,
}

/// What became of the lines.
#[derive(Default)]
struct Sum {
    accepted: u64,
    rejected: u64,
    /// Whose ids belong to other events.
    differing: u64,
}

impl Sum {
    fn add(&mut self, name: &str, lines: &[u64], receipt: &Receipt) {
        self.accepted += receipt.accepted as u64;
        for problem in &receipt.errors {
            let line = lines.get(problem.index).copied().unwrap_or_default();
            self.refuse(name, line, &problem.message);
        }
        let other = |warning: &&hiveboard_wire::EventWarning| warning.warning == EventWarningCode::DuplicateEventId;
        for warning in receipt.warnings.iter().filter(other) {
            let line = lines.get(warning.index).copied().unwrap_or_default();
            self.differing += 1;
            if self.differing <= MOST_NAMED {
                eprintln!("{name}, line {line}: {}", warning.message);
            }
        }
    }

    fn refuse(&mut self, name: &str, line: u64, why: &str) {
        self.rejected += 1;
        if self.rejected <= MOST_NAMED {
            eprintln!("{name}, line {line}: {why}");
        }
    }
}

pub(in crate::cli) fn run(args: ImportArgs) -> anyhow::Result<()> {
    let files = if args.files.is_empty() {
        if std::io::stdin().is_terminal() {
            bail!("nothing is given to import: name files, or pipe an export in");
        }
        vec![PathBuf::from("-")]
    } else {
        args.files
    };
    // Before a board is reached, or a data directory made.
    for file in files.iter().filter(|file| file.as_os_str() != "-") {
        open(file)?;
    }
    let mut sink = Sink::new(args.board.reach_to_write()?)?;
    let mut sum = Sum::default();
    let read = files.iter().try_for_each(|file| import(file, &mut sink, &mut sum));
    sink.close();
    read?;
    let Sum { accepted, rejected, differing } = sum;
    eprintln!("Imported {accepted} events; those that were there already are counted, and changed nothing.");
    if rejected + differing > 0 {
        bail!("{} lines were not taken; the first of them are named above", rejected + differing);
    }
    Ok(())
}

fn import(file: &Path, sink: &mut Sink, sum: &mut Sum) -> anyhow::Result<()> {
    let (name, source, size): (_, Box<dyn std::io::Read>, _) = if file.as_os_str() == "-" {
        ("standard input".to_owned(), Box::new(std::io::stdin()), None)
    } else {
        let name = file.display().to_string();
        let opened = open(file)?;
        let size = opened.metadata().ok().filter(std::fs::Metadata::is_file).map(|about| about.len());
        (name, Box::new(opened), size)
    };
    let progress = Progress::new("read", size);
    let source = unpacked(Counted { inner: source, progress: progress.clone() })
        .with_context(|| format!("{name} cannot be read"))?;
    let mut batches = Batches::new(source);
    while let Some(next) = batches.next().with_context(|| format!("{name} cannot be read to its end"))? {
        match next {
            Ok(batch) => sink.take(batch, &name, sum)?,
            Err(bad) => sum.refuse(&name, bad.line, &bad.why),
        }
        progress.say(format!("{} events", sum.accepted));
    }
    sink.flush(&name, sum)?;
    eprintln!("Read {name}: {}.", progress.end());
    Ok(())
}

fn open(file: &Path) -> anyhow::Result<File> {
    let name = file.display();
    if file.is_dir() {
        bail!("{name} is a directory; name the files in it");
    }
    File::open(file).with_context(|| format!("cannot open {name}"))
}

/// Where batches go.
enum Sink {
    Server(super::server::Server),
    Directory { app: Arc<App>, scope: Scope, runtime: Runtime, waiting: Vec<Batch> },
}

impl Sink {
    fn new(board: Reached) -> anyhow::Result<Self> {
        Ok(match board {
            Reached::Server(server) => Self::Server(server),
            Reached::Directory { app, scope } => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                Self::Directory { app, scope, runtime, waiting: Vec::new() }
            }
        })
    }

    fn take(&mut self, batch: Batch, name: &str, sum: &mut Sum) -> anyhow::Result<()> {
        match self {
            Self::Server(server) => {
                let receipt = server.ingest(&batch.body).with_context(|| place(name, &batch))?;
                sum.add(name, &batch.lines, &receipt);
                Ok(())
            }
            Self::Directory { waiting, .. } => {
                waiting.push(batch);
                if waiting.len() >= BATCHES_AT_ONCE { self.flush(name, sum) } else { Ok(()) }
            }
        }
    }

    fn flush(&mut self, name: &str, sum: &mut Sum) -> anyhow::Result<()> {
        let Self::Directory { app, scope, runtime, waiting } = self else { return Ok(()) };
        let batches = std::mem::take(waiting);
        let Some(first) = batches.first() else { return Ok(()) };
        let at = place(name, first);
        let receipts = runtime.block_on(store(app, *scope, &batches)).context(at)?;
        for (batch, receipt) in batches.iter().zip(&receipts) {
            sum.add(name, &batch.lines, receipt);
        }
        Ok(())
    }

    fn close(&self) {
        if let Self::Directory { app, .. } = self {
            app.close();
        }
    }
}

fn place(name: &str, batch: &Batch) -> String {
    format!("{name}, from line {} on", batch.lines.first().copied().unwrap_or_default())
}

/// The way of a batch through the server, without the server; all in one commit.
async fn store(app: &App, scope: Scope, batches: &[Batch]) -> anyhow::Result<Vec<Receipt>> {
    let now = app.clock.now();
    let (mut receipts, mut stored, mut admitted) = (Vec::with_capacity(batches.len()), Vec::new(), Vec::new());
    for batch in batches {
        let decoded = decode_batch(&batch.body, now).map_err(|error| anyhow!(error.0))?;
        let taken = app.admission.admit(scope, decoded, now).await.map_err(|error| refusal(&error))?;
        if !taken.batch.events.is_empty() {
            let ids = taken.batch.events.iter().map(|incoming| incoming.event.event_id.to_string());
            stored.push((receipts.len(), taken.places.into_iter().zip(ids).collect::<Vec<_>>()));
            admitted.push(taken.batch);
        }
        receipts.push(taken.receipt);
    }
    if admitted.is_empty() {
        return Ok(receipts);
    }
    let differing = app.write_path.append(CallerId::Key(0), admitted).await.map_err(|error| refusal(&error))?;
    for ((receipt, places), differing) in stored.into_iter().zip(differing) {
        receipts[receipt].warnings.extend(differing.into_iter().map(|place| {
            let (index, id) = &places[place];
            id_is_taken(*index, id.clone())
        }));
    }
    Ok(receipts)
}
