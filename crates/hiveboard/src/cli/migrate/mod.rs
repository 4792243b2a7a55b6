//! `hiveboard migrate`: a server's own data directory becomes a cluster, while the server goes on until the switch.
//!
//! Events are copied under their own numbers, so how far it came stands in the store itself, and whoever begins again goes on there. What else has
//! to be known stands in a note in the data directory ([`moved`]), which also keeps the server from taking events that the cluster would not have.

mod progress;
mod target;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use hiveboard_settings::SqliteSettings;
use hiveboard_store::{EventLog, EventsBeside, Position, SqliteStore, StoreAdmin, StoreError, StoreOptions, user_of};

use self::{progress::Progress, target::Target};
use crate::{
    cluster,
    config::{Config, ServeArgs},
    moved::{self, Move, MoveState},
    tls,
};

/// Between two looks at what arrived meanwhile.
const PAUSE: Duration = Duration::from_secs(1);
/// A round that copied fewer events than this has caught up.
const FEW: u64 = 20_000;
/// Where the settings lie on their way.
const ON_THE_WAY: &str = "cluster-move";

#[derive(clap::Args)]
pub(super) struct MigrateArgs {
    /// The data directory of the server that becomes a cluster. The server may run.
    from: PathBuf,
    /// The settings file of the cluster's nodes.
    #[arg(long, env = "HIVEBOARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Copy and compare what is there now, and end: the server goes on, and another run goes on from here.
    #[arg(long)]
    copy_only: bool,
}

pub(super) fn run(args: MigrateArgs) -> anyhow::Result<()> {
    tls::choose_cryptography();
    let config = Config::resolve(ServeArgs { config: args.config, ..ServeArgs::default() })?;
    let Some(cluster) = &config.cluster else {
        bail!(
            "--config names no cluster: store = \"clickhouse\" and log_by = \"nats\" make one, as the page \"Beyond one machine\" tells"
        )
    };
    let from = &args.from;
    ensure!(
        from.join("settings.db").exists(),
        "{} is no data directory: there is no settings.db in it",
        from.display()
    );
    let known = moved::read(from)?;
    match known.as_ref().map(|note| note.state) {
        Some(MoveState::Moved) => {
            say!("It is in the cluster already: start the nodes.");
            return Ok(());
        }
        Some(MoveState::Switching) => {}
        Some(MoveState::Copying) | None => moved::refuse_elsewhere(from)?,
    }
    let target = Target::reach(cluster)?;
    let mut note = match known {
        Some(note) if note.cluster != target.cluster() => bail!(
            "{} is on its way into another cluster than this one: name that one's settings, or remove {}/cluster-move.json to begin anew",
            from.display(),
            from.display()
        ),
        Some(note) => note,
        None => {
            target.ensure_it_is_empty()?;
            Move { cluster: target.cluster().to_owned(), state: MoveState::Copying }
        }
    };
    moved::write(from, &note)?;
    let mut moving = Moving { from, target, compared: Position::START };
    let Some(store) = moving.beside_the_server(args.copy_only)? else { return Ok(()) };
    let began = Instant::now();
    note.state = MoveState::Switching;
    moved::write(from, &note)?;
    say!("The server has ended: the switch begins.");
    let until = match moving.rest(&store) {
        Ok(until) => until,
        Err(error) => {
            // Nothing of the cluster has begun: the server may go on.
            note.state = MoveState::Copying;
            moved::write(from, &note)?;
            return Err(error);
        }
    };
    moving.target.begin_log_after(until)?;
    let on_the_way = from.join(ON_THE_WAY);
    if !on_the_way.join("settings.db").exists() {
        SqliteSettings::copy(from, &on_the_way)?;
    }
    drop(cluster::settings::open(&on_the_way, cluster).context("the settings")?);
    note.state = MoveState::Moved;
    moved::write(from, &note)?;
    std::fs::remove_dir_all(&on_the_way).with_context(|| format!("cannot remove {}", on_the_way.display()))?;
    store.close()?;
    say!(
        "Moved: events up to {}, compared by counts and hashes of each scope and day, and all settings. The switch took {:.1} s.",
        until.seq(),
        began.elapsed().as_secs_f64()
    );
    say!(
        "Start the nodes now: hiveboard serve --config FILE. Each partition answers when its first owner has folded its events."
    );
    Ok(())
}

struct Moving<'a> {
    from: &'a Path,
    target: Target,
    /// Up to here both sides were found to be the same.
    compared: Position,
}

impl Moving<'_> {
    /// Copies, and compares, until nobody uses the directory any more: then it is this process's. `None` when that is not waited for.
    fn beside_the_server(&mut self, copy_only: bool) -> anyhow::Result<Option<SqliteStore>> {
        let beside = EventsBeside::of(self.from);
        let mut is_told = false;
        loop {
            if !copy_only && let Some(store) = take(self.from)? {
                return Ok(Some(store));
            }
            let began = Instant::now();
            let copied = self.copy(&beside)?;
            let until = copied.until;
            if copied.copied < FEW && self.compared < until && (!is_told || copy_only) {
                self.compare(&beside, until)?;
            }
            if copy_only {
                say!("Copied and compared all events up to {}. Run it again to go on, and to switch.", until.seq());
                return Ok(None);
            }
            if copied.copied < FEW && began.elapsed() < PAUSE && !is_told {
                is_told = true;
                say!(
                    "All events up to {} are in the cluster, and compared. Stop the server now or whenever you like: what arrives until then is copied, too, and the switch begins when it has ended.",
                    until.seq()
                );
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// What is left when nothing arrives any more.
    fn rest(&mut self, store: &SqliteStore) -> anyhow::Result<Position> {
        let until = self.copy(store)?.until;
        self.compare(store, until)?;
        Ok(until)
    }

    fn copy(&mut self, source: &dyn EventLog) -> anyhow::Result<hiveboard_store_clickhouse::Migrated> {
        let mut progress = Progress::new("copied", source.head());
        loop {
            match self.target.copy(source, &mut |seq| progress.at(seq)) {
                Ok(done) => {
                    progress.end();
                    return Ok(done);
                }
                Err(StoreError::Away(what)) => {
                    progress.say(&format!("ClickHouse is away ({what}); tried again"));
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Compares what was not yet, and says what differs.
    fn compare(&mut self, source: &dyn EventLog, until: Position) -> anyhow::Result<()> {
        let mut progress = Progress::new("compared", until);
        let told = loop {
            match self.target.differences(source, (self.compared, until), &mut |seq| progress.at(seq)) {
                Ok(told) => break told,
                Err(StoreError::Away(what)) => {
                    progress.say(&format!("ClickHouse is away ({what}); tried again"));
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        };
        progress.end();
        if !told.is_empty() {
            for line in &told {
                say!("{line}");
            }
            bail!(
                "{} days of a scope are not the same on both sides: drop the database in ClickHouse and run this again, which copies all anew. The server's own data are as they were",
                told.len()
            );
        }
        self.compared = until;
        Ok(())
    }
}

/// The directory for this process alone; `None` while a server uses it.
fn take(dir: &Path) -> anyhow::Result<Option<SqliteStore>> {
    if user_of(dir).is_some() {
        return Ok(None);
    }
    match SqliteStore::open(dir, StoreOptions::default()) {
        Ok(store) => Ok(Some(store)),
        // One has begun in this moment.
        Err(StoreError::Unusable(_)) if user_of(dir).is_some() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
