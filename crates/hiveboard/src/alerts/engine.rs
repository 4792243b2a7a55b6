//! The thread that judges rules: by every change that can matter to them, and by the clock. Nothing here is on the writer's path.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_alerts::{Alert, Evaluator, OpenAlert, Rule, RuleDraft, Transition, TransitionKind, Words};
use hiveboard_settings::{NewDelivery, RuleRecord};
use hiveboard_wire::{RunKey, Scope, Timestamp};
use metrics::{counter, gauge};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    feed::{self, Known},
    insights, seed,
    view::{self, AlertView},
};
use crate::{
    app::App,
    publisher::{ChangeSet, Heard, Subscription},
};

/// Changes that may wait for the engine before it looks at the state itself.
const WAITING_CHANGES: usize = 8_192;
/// How often the clock alone is looked at.
const TICK: Duration = Duration::from_millis(250);
const INSIGHTS_EVERY: Duration = Duration::from_secs(180);
/// While they are still being gathered.
const INSIGHTS_AGAIN: Duration = Duration::from_secs(5);
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Agents, or runs, looked at under one lock.
const AT_ONCE: usize = 256;
/// How long what was resolved is remembered: the longest cooldown.
const COOLDOWN_SECONDS: i64 = 7 * 86_400;
/// How long alerts are kept after they were resolved.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// Starts the engine. Called before the server takes traffic, so that it hears of everything that happens from then on.
pub fn start(app: &Arc<App>) {
    let subscription = app.publisher.subscribe(WAITING_CHANGES);
    let engine = Engine { app: Arc::clone(app) };
    let thread = std::thread::Builder::new().name("alerts".to_owned()).spawn(move || {
        let app = Arc::clone(&engine.app);
        app.supervisor.run_vital("alerts", move || engine.run(&subscription));
    });
    match thread {
        Ok(thread) => *app.alerts.engine.lock() = Some(thread),
        Err(error) => app.supervisor.give_up(&format!("no thread for alerts: {error}")),
    }
}

/// The rules of a scope, and what is not written down yet.
pub(super) struct OfScope {
    evaluator: Evaluator,
    rules: Vec<Rule>,
    unsaved: Vec<Transition>,
}

/// By scope. The engine alone changes them; who reads alerts asks what they say by now.
pub(super) type Scopes = HashMap<Scope, OfScope>;

struct Engine {
    app: Arc<App>,
}

/// What some alerts that fire say by now, with the path of the page that shows it, by their ids: those alone that say something else than when
/// they fired.
pub(super) fn by_now<'a>(
    app: &App,
    scope: Scope,
    alerts: impl Iterator<Item = &'a Alert>,
) -> HashMap<String, (Words, String)> {
    let now = app.clock.now();
    let mut scopes = app.alerts.scopes.lock();
    let Some(of_scope) = scopes.get_mut(&scope) else { return HashMap::new() };
    let firing = alerts.filter(|alert| alert.resolved_at.is_none());
    firing.filter_map(|alert| Some((alert.alert_id.clone(), of_scope.evaluator.by_now(alert, now)?))).collect()
}

impl Engine {
    fn run(self, subscription: &Subscription) {
        self.begin();
        let (mut ticked, mut tidied) = (Instant::now(), Instant::now());
        let mut insights_at: Option<Instant> = None;
        loop {
            let patience = TICK.saturating_sub(ticked.elapsed());
            match subscription.next(patience) {
                Some(Heard::Change(change)) => self.hear(&change),
                Some(Heard::Lagged(missed)) => {
                    tracing::warn!(missed, "alerts were behind and look at everything anew");
                    self.look_anew();
                }
                Some(Heard::Closed) => return self.save_all(),
                None => {}
            }
            if ticked.elapsed() < TICK {
                continue;
            }
            ticked = Instant::now();
            if self.app.alerts.take_reload() && self.reload() {
                // A new rule is judged at once, whatever it looks at.
                insights_at = None;
            }
            if insights_at.is_none_or(|at| at <= Instant::now()) {
                let wait = if self.look_at_insights() { INSIGHTS_EVERY } else { INSIGHTS_AGAIN };
                insights_at = Some(Instant::now() + wait);
            }
            let now = self.now();
            for of_scope in self.app.alerts.scopes.lock().values_mut() {
                of_scope.evaluator.advance(now);
            }
            if tidied.elapsed() >= TIDY_EVERY {
                tidied = Instant::now();
                self.tidy(now);
            }
            self.save_all();
        }
    }

    /// The time, once the rules know what it jumped over.
    fn now(&self) -> Timestamp {
        let now = self.app.clock.now();
        for jump in self.app.alerts.take_jumps() {
            for of_scope in self.app.alerts.scopes.lock().values_mut() {
                of_scope.evaluator.clock_jumped(jump.from, jump.to);
            }
        }
        now
    }

    fn begin(&self) {
        match self.app.settings.workspaces() {
            Ok(workspaces) => {
                let share = self.app.share;
                for scope in workspaces.iter().flat_map(|workspace| share.of(workspace.id)) {
                    self.open(scope);
                }
            }
            Err(error) => {
                tracing::error!(%error, "the rules of alerts could not be read; tried again with the next change");
            }
        }
        self.save_all();
    }

    /// Begins with a scope: its rules, what was open, and everything there is to judge.
    fn open(&self, scope: Scope) {
        let now = self.app.clock.now();
        if let Err(error) = super::make_first_rules(&*self.app.settings, scope, now) {
            tracing::error!(%error, "the first rules could not be made");
        }
        let mut evaluator = Evaluator::new(|| Uuid::new_v4().to_string());
        let rules = self.read_rules(scope).unwrap_or_default();
        evaluator.set_rules(rules.clone(), now);
        match self.app.settings.alerts_to_resume(scope, now.plus_seconds(-COOLDOWN_SECONDS)) {
            Ok(records) => {
                let alerts = records.iter().filter_map(|record| {
                    let alert: Alert = serde_json::from_str(&record.body).ok()?;
                    Some(OpenAlert { alert })
                });
                evaluator.restore(alerts.collect(), now);
            }
            Err(error) => tracing::error!(%error, "open alerts could not be read"),
        }
        let mut of_scope = OfScope { evaluator, rules, unsaved: Vec::new() };
        look_at_all(&self.app, scope, &mut of_scope.evaluator);
        self.app.alerts.scopes.lock().insert(scope, of_scope);
    }

    /// A rule about a project that was merged into another is about that one.
    fn read_rules(&self, scope: Scope) -> Option<Vec<Rule>> {
        match self.app.settings.alert_rules(scope) {
            Ok(records) => {
                let mut rules = read(&records);
                for rule in &mut rules {
                    let project = &mut rule.draft.scope.project_id;
                    *project = self.app.project_aliases.asked(scope, project.take());
                }
                Some(rules)
            }
            Err(error) => {
                tracing::error!(%error, "the rules of alerts could not be read; those in force stay");
                None
            }
        }
    }

    /// Answers whether any rule changed.
    fn reload(&self) -> bool {
        let Ok(workspaces) = self.app.settings.workspaces() else { return false };
        let mut any = false;
        let is_there = |scope: &Scope| workspaces.iter().any(|workspace| workspace.id == scope.workspace);
        self.app.alerts.scopes.lock().retain(|scope, _| is_there(scope));
        for workspace in &workspaces {
            for scope in self.app.share.of(workspace.id) {
                let Some(rules) = self.read_rules(scope) else { continue };
                let mut scopes = self.app.alerts.scopes.lock();
                let Some(of_scope) = scopes.get_mut(&scope) else {
                    drop(scopes);
                    self.open(scope);
                    any = true;
                    continue;
                };
                if of_scope.rules == rules {
                    continue;
                }
                let now = self.app.clock.now();
                of_scope.evaluator.set_rules(rules.clone(), now);
                of_scope.rules = rules;
                look_at_all(&self.app, scope, &mut of_scope.evaluator);
                any = true;
            }
        }
        any
    }

    fn look_anew(&self) {
        for (scope, of_scope) in &mut *self.app.alerts.scopes.lock() {
            of_scope.evaluator.forget_sums();
            look_at_all(&self.app, *scope, &mut of_scope.evaluator);
        }
    }

    fn hear(&self, change: &ChangeSet) {
        if !self.app.alerts.scopes.lock().contains_key(&change.scope) {
            // What still arrived while a workspace was being deleted is nobody's.
            if matches!(self.app.settings.workspace(change.scope.workspace), Ok(None)) {
                return;
            }
            self.open(change.scope);
        }
        let now = self.now();
        let mut scopes = self.app.alerts.scopes.lock();
        let of_scope = scopes.get_mut(&change.scope).expect("it was just opened");
        let derived = &self.app.derived;
        feed::hear(&mut of_scope.evaluator, &change.statuses, &change.events, now, |look| {
            derived.look(change.scope, |projections| look(projections));
        });
    }

    /// `false` when they are not all in yet.
    fn look_at_insights(&self) -> bool {
        let mut are_known = true;
        let wanting: Vec<Scope> = {
            let scopes = self.app.alerts.scopes.lock();
            scopes.iter().filter(|(_, of_scope)| of_scope.evaluator.wants_insights()).map(|(scope, _)| *scope).collect()
        };
        for scope in wanting {
            let now = self.app.clock.now();
            match insights::look(&self.app, scope, now) {
                Ok(Some(found)) => {
                    if let Some(of_scope) = self.app.alerts.scopes.lock().get_mut(&scope) {
                        of_scope.evaluator.insights(found, now);
                    }
                }
                Ok(None) => are_known = false,
                Err(error) => {
                    tracing::warn!(error = error.body().message, "insights could not be worked out for alerts");
                }
            }
        }
        are_known
    }

    fn tidy(&self, now: Timestamp) {
        let mut rules = 0;
        for of_scope in self.app.alerts.scopes.lock().values_mut() {
            of_scope.evaluator.tidy(now);
            rules += of_scope.evaluator.rule_count();
        }
        gauge!("hiveboard_alert_rules").set(rules as f64);
        if let Err(error) = self.app.settings.forget_alerts(now.plus_seconds(-KEPT_SECONDS)) {
            tracing::warn!(%error, "old alerts could not be forgotten");
        }
    }

    /// Writes down what happened, with what is to be delivered, and tells the stream. What cannot be written is kept.
    fn save_all(&self) {
        let mut unsaved = Vec::new();
        for (scope, of_scope) in &mut *self.app.alerts.scopes.lock() {
            of_scope.unsaved.append(&mut of_scope.evaluator.take());
            if !of_scope.unsaved.is_empty() {
                unsaved.push((*scope, std::mem::take(&mut of_scope.unsaved)));
            }
        }
        for (scope, transitions) in unsaved {
            if let Err(error) = save(&self.app, scope, &transitions, self.app.clock.now()) {
                tracing::error!(%error, "alerts could not be written down; tried again");
                if let Some(of_scope) = self.app.alerts.scopes.lock().get_mut(&scope) {
                    of_scope.unsaved = transitions;
                }
            }
        }
    }
}

/// Rules that cannot be read are left out, and told of.
fn read(records: &[RuleRecord]) -> Vec<Rule> {
    let read_one = |record: &RuleRecord| match serde_json::from_str::<RuleDraft>(&record.body) {
        Ok(draft) => Some(Rule { rule_id: record.rule_id.to_string(), draft, created_at: record.created_at }),
        Err(error) => {
            tracing::error!(rule_id = %record.rule_id, %error, "a rule cannot be read and does not count");
            None
        }
    };
    records.iter().filter_map(read_one).collect()
}

/// Tells the evaluator of all there is, some at a time, and judges everything.
fn look_at_all(app: &App, scope: Scope, evaluator: &mut Evaluator) {
    let agent_ids = app.derived.look(scope, hiveboard_derive::Projections::agent_ids);
    for some in agent_ids.chunks(AT_ONCE) {
        let now = app.clock.now();
        app.derived.look(scope, |projections| Known::all_of(projections, some, now)).tell(evaluator, &[], now);
    }
    let runs: Vec<RunKey> = app.derived.look(scope, hiveboard_derive::Projections::open_run_keys);
    for some in runs.chunks(AT_ONCE) {
        let now = app.clock.now();
        app.derived.look(scope, |projections| Known::runs(projections, some, now)).tell(evaluator, &[], now);
    }
    let now = app.clock.now();
    if let Err(error) = seed::seed(app, scope, evaluator, now) {
        tracing::error!(%error, "what happened before could not be read; rules over windows wait for it");
    }
    evaluator.look_everywhere(now);
}

fn save(app: &App, scope: Scope, transitions: &[Transition], now: Timestamp) -> hiveboard_settings::Result<()> {
    let channels = app.settings.alert_channels(scope.workspace)?;
    let mut records = Vec::new();
    let mut deliveries = Vec::new();
    for transition in transitions {
        let record = view::record(&transition.alert);
        let kind = match transition.kind {
            TransitionKind::Fired | TransitionKind::Unmuted => "alert.firing",
            TransitionKind::Resolved => "alert.resolved",
        };
        let view = AlertView::new(transition.alert.clone(), &app.config, scope.mode);
        let message = message(kind, &view);
        let wanted = channels.iter().filter(|channel| transition.channels.contains(&channel.channel_id.to_string()));
        deliveries.extend(wanted.map(|channel| NewDelivery {
            delivery_id: delivery_id(record.alert_id, kind, channel.channel_id),
            alert_id: Some(record.alert_id),
            channel_id: channel.channel_id,
            kind: kind.to_owned(),
            message: message.clone(),
        }));
        records.push(record);
    }
    app.settings.record_alerts(scope, &records, &deliveries, now)?;
    for transition in transitions {
        let what = match transition.kind {
            TransitionKind::Fired => "fired",
            TransitionKind::Resolved => "resolved",
            TransitionKind::Unmuted => "unmuted",
        };
        counter!("hiveboard_alerts_total", "what" => what).increment(1);
    }
    if !deliveries.is_empty() {
        app.alerts.outbox.notify_one();
    }
    for record in &records {
        publish(app, scope, record.alert_id);
    }
    Ok(())
}

/// The same however often it is tried to write it down: what could not be said to be written may be.
fn delivery_id(alert_id: Uuid, kind: &str, channel_id: Uuid) -> Uuid {
    let mut hasher = Sha256::new();
    for part in [alert_id.as_bytes().as_slice(), kind.as_bytes(), channel_id.as_bytes()] {
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What is delivered, whatever the channel makes of it.
pub(crate) fn message(kind: &str, view: &AlertView) -> String {
    json!({
        "type": kind,
        "alert": view,
        "rule": {"rule_id": view.alert.rule_id, "name": view.alert.rule_name},
        "link": view.alert.link,
    })
    .to_string()
}

/// Tells the stream of an alert as it stands.
pub fn publish(app: &App, scope: Scope, alert_id: Uuid) {
    if !app.hub.is_listened(scope) {
        return;
    }
    let view = || -> hiveboard_settings::Result<Option<AlertView>> {
        let Some(record) = app.settings.alert(scope, alert_id)? else { return Ok(None) };
        Ok(view::of_records(app, scope, &[record])?.pop())
    };
    match view() {
        Ok(Some(view)) => app.hub.send_alert(scope, &view),
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "the stream was not told of an alert"),
    }
}
