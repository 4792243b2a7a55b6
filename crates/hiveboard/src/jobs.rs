//! What the server does by itself: noticing stuck agents, sending coalesced frames, writing projections, tidying.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_derive::{Forgotten, MemoryLimits};
use hiveboard_wire::Timestamp;
use metrics::{counter, gauge};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use crate::{
    app::App, audit, ingest::otlp, node::Node, publisher::ChangeSet, retention::Retention, supervisor::Supervisor,
};

/// How often agents are looked at: the promise is that stuck is noticed within a second.
const LIVENESS_EVERY: Duration = Duration::from_millis(250);
const RUNS_EVERY: Duration = Duration::from_millis(100);
const HEARTBEATS_EVERY: Duration = Duration::from_secs(1);
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// A key revoked by the command line stops within a second.
const SETTINGS_EVERY: Duration = Duration::from_millis(250);
/// Days go; a setting changed by the command line holds within a minute.
const RETENTION_EVERY: Duration = Duration::from_secs(60);
/// How late it is written down that a key was used.
const KEYS_EVERY: Duration = Duration::from_secs(10);
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Who asks for the figures, `doctor` among them, compares them with what the board says now.
const COUNT_AGENTS_EVERY: Duration = Duration::from_secs(5);
/// In a cluster, an engine is asked each time.
const MEASURE_STORE_EVERY: Duration = Duration::from_secs(60);
/// A silence of up to twice this means that a span's parent never comes: longer than calls of models take.
const TRACES_EVERY: Duration = Duration::from_secs(300);

/// Starts the jobs of a server; they end when it stops.
pub(crate) fn of_node(node: &Arc<Node>) {
    every(node, TIDY_EVERY, |node| {
        node.limits.tidy();
        node.door.tidy();
    });
    every(node, KEYS_EVERY, |node| {
        if let Err(error) = node.auth.write_last_used() {
            tracing::warn!(%error, "when keys were last used could not be written down; tried again");
        }
    });
    every(node, TRACES_EVERY, |node| tokio::runtime::Handle::current().block_on(otlp::give_up(node)));
    let mut mark = None;
    every(node, SETTINGS_EVERY, move |node| {
        if have_changed(node, &mut mark) {
            node.auth.refresh();
            node.admission.forget_projects();
            node.prices.forget();
        }
    });
}

/// Starts letting go what nobody needs of the settings; once is enough, wherever several share them.
pub(crate) fn tidy_settings(node: &Arc<Node>) {
    every(node, TIDY_EVERY, |node| {
        if let Err(error) = node.settings.forget_before(Timestamp::now().plus_seconds(-audit::KEPT_DAYS * 86_400)) {
            tracing::warn!(%error, "old audit entries and ended sessions could not be removed; tried again");
        }
    });
}

/// Starts those of the events that it serves; they end when it serves them no longer.
pub(crate) fn of_events(app: &Arc<App>) {
    every(app, LIVENESS_EVERY, look_for_changes);
    every(app, RUNS_EVERY, |app| app.hub.send_runs(&app.publisher, &app.derived, &app.clock));
    every(app, HEARTBEATS_EVERY, |app| app.hub.send_heartbeats(&app.publisher, &app.derived, &app.clock));
    let mut told = None;
    every(app, FLUSH_EVERY, move |app| told = flush(app, told.take()));
    every(app, TIDY_EVERY, |app| forget_beyond_bounds(app));
    let mut retention = Retention::default();
    every(app, RETENTION_EVERY, move |app| retention.run(app));
    let mut mark = None;
    every(app, SETTINGS_EVERY, move |app| {
        if have_changed(app, &mut mark) {
            if let Err(error) = app.projects_changed() {
                tracing::warn!(%error, "which projects count as others could not be read");
            }
            app.alerts.reload();
        }
    });
}

/// Starts counting what is served here, for `/metrics`.
pub(crate) fn count(node: &Arc<Node>, mut served: impl FnMut() -> Vec<Arc<App>> + Send + 'static) {
    let mut measures_at = Instant::now();
    every(node, COUNT_AGENTS_EVERY, move |_| {
        let apps = served();
        count_agents(&apps);
        if Instant::now() >= measures_at {
            measure_store(&apps);
            measures_at = Instant::now() + MEASURE_STORE_EVERY;
        }
    });
}

/// Lets a node's clock go on that no events do.
pub(crate) fn tick(node: &Arc<Node>) {
    every(node, LIVENESS_EVERY, |node| node.clock.tick(|_| {}));
}

/// Whether the settings are others than those of the mark, which moves along.
fn have_changed(node: &Node, mark: &mut Option<(i64, u64)>) -> bool {
    match node.settings.change_mark() {
        Ok(now) => mark.replace(now).is_some_and(|before| before != now),
        Err(error) => {
            tracing::warn!(%error, "the settings database could not be looked at");
            false
        }
    }
}

/// Whom a job is of.
trait Runs: Send + Sync + 'static {
    fn supervisor(&self) -> &Supervisor;
    fn stopping(&self) -> watch::Receiver<bool>;
    /// Whether a job that failed left something half done.
    fn is_torn(&self) -> bool;
}

impl Runs for Node {
    fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    fn is_torn(&self) -> bool {
        false
    }
}

impl Runs for App {
    fn supervisor(&self) -> &Supervisor {
        &self.supervisor
    }

    fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    fn is_torn(&self) -> bool {
        self.derived.is_torn()
    }
}

/// Runs `job` on a blocking thread, again and again, never twice at once.
fn every<T: Runs>(of: &Arc<T>, period: Duration, mut job: impl FnMut(&Arc<T>) + Send + 'static) {
    let of = Arc::clone(of);
    let mut stopping = of.stopping();
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopping.changed() => return,
            }
            let of = Arc::clone(&of);
            let done = tokio::task::spawn_blocking(move || {
                if !of.supervisor().run("job", || job(&of)) && of.is_torn() {
                    of.supervisor().give_up("a job failed in the middle of a fold");
                }
                job
            });
            match done.await {
                Ok(back) => job = back,
                // The runtime is going down.
                Err(_) => return,
            }
        }
    });
}

/// Lets the clock go on, and publishes what changed by time alone: agents that became stuck, runs that were orphaned.
fn look_for_changes(app: &Arc<App>) {
    {
        let _turn = app.publisher.turn();
        // A start that takes its time is no jump that anybody has to hear of.
        let has_ticked = app.clock.ticks() > 0;
        app.clock.tick(|jump| {
            if has_ticked {
                tracing::warn!(from = %jump.from, to = %jump.to, "the clock jumped, or the server stood still; nobody counts as stuck by it");
                counter!("hiveboard_clock_jumps_total").increment(1);
            }
            app.alerts.clock_jumped(jump);
            for scope in app.derived.scopes() {
                app.derived.change(scope, |projections| projections.clock_jumped(jump.from, jump.to));
            }
        });
    }
    for scope in app.derived.scopes() {
        let mut turn = app.publisher.turn();
        let now = app.clock.now();
        let settled = app.derived.change(scope, |projections| projections.liveness_sweep(now));
        for change in &settled.statuses {
            tracing::debug!(agent_id = %change.agent.agent_id, "agent status changed by time");
        }
        turn.publish(ChangeSet::new(scope, now, Vec::new(), settled));
    }
}

/// Answers what was wrong, so that it is said once and not twice a second.
fn flush(app: &App, told: Option<String>) -> Option<String> {
    let error = app.derived.flush_when_due(app.clock.now()).err()?.to_string();
    if told.as_ref() != Some(&error) {
        tracing::warn!(error, "projections were not written; they are kept and tried again");
    }
    Some(error)
}

/// Bounds what each scope keeps in memory, some at a time.
fn forget_beyond_bounds(app: &App) {
    for scope in app.derived.scopes() {
        let mut all = Forgotten::default();
        loop {
            let some = app.derived.change(scope, |projections| projections.forget_some_beyond(MemoryLimits::default()));
            if some.is_nothing() {
                break;
            }
            all.agents += some.agents;
            all.open_runs += some.open_runs;
        }
        if !all.is_nothing() {
            counter!("hiveboard_forgotten_total", "what" => "agents").increment(all.agents as u64);
            counter!("hiveboard_forgotten_total", "what" => "open_runs").increment(all.open_runs as u64);
            tracing::warn!(
                ?scope,
                agents = all.agents,
                open_runs = all.open_runs,
                "more agents or open runs than are kept in memory: those silent for the longest were forgotten; their events stay"
            );
        }
    }
}

/// Counts the agents served here, together.
fn count_agents(apps: &[Arc<App>]) {
    let (mut agents, mut stuck) = (0, 0);
    for app in apps {
        for scope in app.derived.scopes() {
            let now = app.clock.now();
            let (here, of_them_stuck) = app.derived.look(scope, |projections| projections.agent_counts(now));
            agents += here;
            stuck += of_them_stuck;
        }
    }
    gauge!("hiveboard_agents").set(agents as f64);
    gauge!("hiveboard_agents_stuck").set(stuck as f64);
}

/// Measures what is stored of what is served here, together.
fn measure_store(apps: &[Arc<App>]) {
    let (mut bytes, mut events, mut dedup_bytes) = (0, 0, 0);
    for app in apps {
        match app.store.stats() {
            Ok(stats) => {
                bytes += stats.disk_bytes;
                events += stats.events;
                dedup_bytes += stats.dedup_bytes;
            }
            Err(error) => tracing::warn!(%error, "the store's figures could not be read"),
        }
    }
    gauge!("hiveboard_store_bytes").set(bytes as f64);
    gauge!("hiveboard_store_events").set(events as f64);
    gauge!("hiveboard_dedup_bytes").set(dedup_bytes as f64);
}
