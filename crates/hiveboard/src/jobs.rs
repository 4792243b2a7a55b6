//! What the server does by itself: noticing stuck agents, sending coalesced frames, writing projections, tidying.

use std::{sync::Arc, time::Duration};

use hiveboard_wire::Timestamp;
use metrics::{counter, gauge};
use tokio::time::{MissedTickBehavior, interval};

use crate::{app::App, audit, publisher::ChangeSet, retention::Retention};

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

/// Starts all jobs; they end when the server stops.
pub(crate) fn start(app: &Arc<App>) {
    every(app, LIVENESS_EVERY, look_for_changes);
    every(app, RUNS_EVERY, |app| app.hub.send_runs(&app.publisher, &app.derived, &app.clock));
    every(app, HEARTBEATS_EVERY, |app| app.hub.send_heartbeats(&app.publisher, &app.derived, &app.clock));
    let mut told = None;
    every(app, FLUSH_EVERY, move |app| told = flush(app, told.take()));
    every(app, TIDY_EVERY, tidy);
    let mut retention = Retention::default();
    every(app, RETENTION_EVERY, move |app| retention.run(app));
    every(app, KEYS_EVERY, |app| {
        if let Err(error) = app.auth.write_last_used() {
            tracing::warn!(%error, "when keys were last used could not be written down; tried again");
        }
    });
    let mut revision = None;
    every(app, SETTINGS_EVERY, move |app| match app.settings.change_mark() {
        Ok(now) => {
            if revision.replace(now).is_some_and(|before| before != now) {
                app.auth.refresh();
                if let Err(error) = app.projects_changed() {
                    tracing::warn!(%error, "which projects count as others could not be read");
                }
                app.alerts.reload();
                app.prices.forget();
            }
        }
        Err(error) => tracing::warn!(%error, "the settings database could not be looked at"),
    });
}

/// Runs `job` on a blocking thread, again and again, never twice at once.
fn every(app: &Arc<App>, period: Duration, mut job: impl FnMut(&App) + Send + 'static) {
    let app = Arc::clone(app);
    let mut stopping = app.stopping.subscribe();
    tokio::spawn(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopping.changed() => return,
            }
            let app = Arc::clone(&app);
            let done = tokio::task::spawn_blocking(move || {
                if !app.supervisor.run("job", || job(&app)) && app.derived.is_torn() {
                    app.supervisor.give_up("a job failed in the middle of a fold");
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
fn look_for_changes(app: &App) {
    {
        let _turn = app.publisher.turn();
        app.clock.tick(|jump| {
            tracing::warn!(from = %jump.from, to = %jump.to, "the clock jumped, or the server stood still; nobody counts as stuck by it");
            counter!("hiveboard_clock_jumps_total").increment(1);
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

fn tidy(app: &App) {
    app.limits.tidy();
    app.door.tidy();
    if let Err(error) = app.settings.forget_before(Timestamp::now().plus_seconds(-audit::KEPT_DAYS * 86_400)) {
        tracing::warn!(%error, "old audit entries and ended sessions could not be removed; tried again");
    }
    match app.store.stats() {
        Ok(stats) => {
            gauge!("hiveboard_store_bytes").set(stats.disk_bytes as f64);
            gauge!("hiveboard_store_events").set(stats.events as f64);
            gauge!("hiveboard_dedup_bytes").set(stats.dedup_bytes as f64);
        }
        Err(error) => tracing::warn!(%error, "the store's figures could not be read"),
    }
    count_agents(app);
}

fn count_agents(app: &App) {
    let (mut all, mut stuck) = (0, 0);
    for scope in app.derived.scopes() {
        let (here, of_them_stuck) = app.derived.look(scope, |projections| projections.agent_counts(app.clock.now()));
        all += here;
        stuck += of_them_stuck;
    }
    gauge!("hiveboard_agents").set(all as f64);
    gauge!("hiveboard_agents_stuck").set(stuck as f64);
}
