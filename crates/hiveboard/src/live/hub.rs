//! Sends frames to all readers of a scope. Nothing here waits for a reader: who is too slow is told so by its own socket.

use std::{collections::HashMap, sync::Arc};

use axum::extract::ws::Utf8Bytes;
use hashbrown::HashSet;
use hiveboard_derive::{
    StatusChange,
    view::{AgentStatus, StatusView},
};
use hiveboard_wire::{
    EventType, RunKey, Scope,
    live::{Channel, frame as kinds},
};
use parking_lot::{Mutex, RwLock};
use tokio::sync::broadcast;

use super::{Frame, frame};
use crate::{
    alerts::view::AlertView,
    clock::Clock,
    derived::Derived,
    publisher::{ChangeSet, Publisher},
};

/// Frames a reader may be behind before it is told that it lagged.
const BUFFERED_FRAMES: usize = 4_096;
/// Runs, or agents, looked at in one turn.
const RUNS_AT_ONCE: usize = 256;

#[derive(Default)]
struct Pending {
    runs: HashSet<RunKey>,
    heartbeats: HashSet<Box<str>>,
}

#[derive(Default)]
pub struct Hub {
    scopes: RwLock<HashMap<Scope, broadcast::Sender<Arc<Frame>>>>,
    /// What changed since it was last sent, for what is coalesced.
    pending: Mutex<HashMap<Scope, Pending>>,
}

impl Hub {
    pub fn subscribe(&self, scope: Scope) -> broadcast::Receiver<Arc<Frame>> {
        self.scopes.write().entry(scope).or_insert_with(|| broadcast::channel(BUFFERED_FRAMES).0).subscribe()
    }

    /// The scope's sender, when anybody listens.
    fn listened(&self, scope: Scope) -> Option<broadcast::Sender<Arc<Frame>>> {
        self.scopes.read().get(&scope).filter(|sender| sender.receiver_count() > 0).cloned()
    }

    /// Whether anybody hears what is sent to the scope.
    pub(crate) fn is_listened(&self, scope: Scope) -> bool {
        self.listened(scope).is_some()
    }

    /// Tells of an alert as it stands.
    pub(crate) fn send_alert(&self, scope: Scope, alert: &AlertView) {
        let Some(sender) = self.listened(scope) else { return };
        let frame = Frame {
            channel: Channel::Alerts,
            seq: None,
            agent_id: alert.alert.subject.agent_id().map_or_else(|| "".into(), |id| Box::from(&**id)),
            project_id: alert.alert.subject.project_id().map(Into::into),
            environment: "".into(),
            group: "".into(),
            event: None,
            text: frame::text(kinds::ALERT_UPDATED, alert),
        };
        let _nobody = sender.send(Arc::new(frame));
    }

    pub fn readers(&self) -> usize {
        self.scopes.read().values().map(broadcast::Sender::receiver_count).sum()
    }

    /// Passes a change on: its events and changes of status at once, the runs and hearts that it touched with the next sending.
    pub(crate) fn publish(&self, change: &ChangeSet) {
        let Some(sender) = self.listened(change.scope) else { return };
        let mut pending = self.pending.lock();
        let pending = pending.entry(change.scope).or_default();
        for run in change.runs_touched() {
            pending.runs.get_or_insert_with(&run, |run| RunKey::from(run));
        }
        for one in &change.events {
            if one.stored.event.event_type == EventType::Heartbeat {
                pending.heartbeats.get_or_insert_with(&*one.stored.envelope.agent_id, |id| Box::from(id));
            }
            // Nobody listening any more is no error.
            let _nobody = sender.send(Arc::new(Frame::event(&one.stored)));
        }
        for status in &change.statuses {
            publish_status(&sender, status);
        }
    }

    /// Sends the runs that changed since the last call; called ten times a second. `turn` is taken for some at a time, so that what is
    /// sent is never older than what was sent before it, and nobody who writes waits for all of them.
    pub(crate) fn send_runs(&self, publisher: &Publisher, derived: &Derived, clock: &Clock) {
        for (scope, keys) in self.take(|pending| std::mem::take(&mut pending.runs)) {
            let Some(sender) = self.listened(scope) else { continue };
            let keys: Vec<RunKey> = keys.into_iter().collect();
            for some in keys.chunks(RUNS_AT_ONCE) {
                let _turn = publisher.turn();
                let now = clock.now();
                let views = derived.look(scope, |projections| {
                    some.iter().filter_map(|key| projections.run(key, now).ok()?).collect::<Vec<_>>()
                });
                for view in views {
                    let frame = Frame {
                        channel: Channel::Tasks,
                        seq: None,
                        agent_id: view.agent_id.as_str().into(),
                        project_id: view.project_id.as_deref().map(Into::into),
                        environment: view.environment.as_str().into(),
                        group: view.group.as_str().into(),
                        event: None,
                        text: frame::text(kinds::TASK_UPDATED, &view),
                    };
                    let _nobody = sender.send(Arc::new(frame));
                }
            }
        }
    }

    /// Sends the agents whose heart beat since the last call; called once a second.
    pub(crate) fn send_heartbeats(&self, publisher: &Publisher, derived: &Derived, clock: &Clock) {
        for (scope, agents) in self.take(|pending| std::mem::take(&mut pending.heartbeats)) {
            let Some(sender) = self.listened(scope) else { continue };
            let agents: Vec<Box<str>> = agents.into_iter().collect();
            for some in agents.chunks(RUNS_AT_ONCE) {
                let _turn = publisher.turn();
                let now = clock.now();
                let views = derived.look(scope, |projections| {
                    some.iter().filter_map(|id| projections.agent_status(id, now)).collect::<Vec<_>>()
                });
                for status in views {
                    let text = frame::text(kinds::AGENT_HEARTBEAT, &status);
                    let _nobody = sender.send(Arc::new(agent_frame(&status, text)));
                }
            }
        }
    }

    fn take<T>(&self, mut part: impl FnMut(&mut Pending) -> T) -> Vec<(Scope, T)> {
        self.pending.lock().iter_mut().map(|(scope, pending)| (*scope, part(pending))).collect()
    }
}

fn agent_frame(agent: &StatusView, text: Utf8Bytes) -> Frame {
    Frame {
        channel: Channel::Agents,
        seq: None,
        agent_id: agent.agent_id.as_str().into(),
        project_id: None,
        environment: agent.environment.as_str().into(),
        group: agent.group.as_str().into(),
        event: None,
        text,
    }
}

fn publish_status(sender: &broadcast::Sender<Arc<Frame>>, change: &StatusChange) {
    let changed = frame::text(kinds::AGENT_STATUS_CHANGED, change);
    let _nobody = sender.send(Arc::new(agent_frame(&change.agent, changed)));
    if change.new_status == AgentStatus::Stuck {
        let stuck = frame::text(kinds::AGENT_STUCK, change);
        let _nobody = sender.send(Arc::new(agent_frame(&change.agent, stuck)));
    }
}
