//! Sends frames to all readers of a scope. Nothing here waits for a reader: who is too slow is told so by its own socket.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use hiveboard_derive::{StatusChange, view::AgentStatus};
use hiveboard_store::Fresh;
use hiveboard_wire::{
    EventType, RunKey, Scope, Timestamp,
    live::{Channel, frame as kinds},
};
use parking_lot::{Mutex, RwLock};
use tokio::sync::broadcast;

use super::{Frame, frame};
use crate::derived::Derived;

/// Frames a reader may be behind before it is told that it lagged.
const BUFFERED_FRAMES: usize = 4_096;

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

    pub fn readers(&self) -> usize {
        self.scopes.read().values().map(broadcast::Sender::receiver_count).sum()
    }

    pub fn publish_events(&self, scope: Scope, fresh: &[Fresh]) {
        let Some(sender) = self.listened(scope) else { return };
        let mut pending = self.pending.lock();
        let pending = pending.entry(scope).or_default();
        for one in fresh {
            if let Some(key) = one.stored.run_key() {
                pending.runs.insert(key);
            }
            if one.stored.event.event_type == EventType::Heartbeat {
                pending.heartbeats.insert(one.stored.envelope.agent_id.clone());
            }
            // Nobody listening any more is no error.
            let _nobody = sender.send(Arc::new(Frame::event(&one.stored)));
        }
    }

    pub fn publish_status(&self, scope: Scope, change: &StatusChange) {
        let Some(sender) = self.listened(scope) else { return };
        let frame = |text| Frame {
            channel: Channel::Agents,
            seq: None,
            agent_id: change.agent.agent_id.as_str().into(),
            project_id: None,
            environment: change.agent.environment.as_str().into(),
            group: change.agent.group.as_str().into(),
            event: None,
            text,
        };
        let _nobody = sender.send(Arc::new(frame(frame::text(kinds::AGENT_STATUS_CHANGED, change))));
        if change.new_status == AgentStatus::Stuck {
            let _nobody = sender.send(Arc::new(frame(frame::text(kinds::AGENT_STUCK, change))));
        }
    }

    /// Sends the runs that changed since the last call; called ten times a second.
    pub fn send_runs(&self, derived: &Derived, now: Timestamp) {
        for (scope, keys) in self.take(|pending| std::mem::take(&mut pending.runs)) {
            let Some(sender) = self.listened(scope) else { continue };
            for key in keys {
                let Some(view) = derived.look(scope, |projections| projections.run(&key, now)) else { continue };
                let frame = Frame {
                    channel: Channel::Tasks,
                    seq: None,
                    agent_id: (*key.agent_id).into(),
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

    /// Sends the agents whose heart beat since the last call; called once a second.
    pub fn send_heartbeats(&self, derived: &Derived, now: Timestamp) {
        for (scope, agents) in self.take(|pending| std::mem::take(&mut pending.heartbeats)) {
            let Some(sender) = self.listened(scope) else { continue };
            for agent_id in agents {
                let Some(status) = derived.look(scope, |projections| projections.agent_status(&agent_id, now)) else {
                    continue;
                };
                let frame = Frame {
                    channel: Channel::Agents,
                    seq: None,
                    agent_id,
                    project_id: None,
                    environment: status.environment.as_str().into(),
                    group: status.group.as_str().into(),
                    event: None,
                    text: frame::text(kinds::AGENT_HEARTBEAT, &status),
                };
                let _nobody = sender.send(Arc::new(frame));
            }
        }
    }

    fn take<T>(&self, mut part: impl FnMut(&mut Pending) -> T) -> Vec<(Scope, T)> {
        self.pending.lock().iter_mut().map(|(scope, pending)| (*scope, part(pending))).collect()
    }
}
