//! The stories of runs that somebody reads, kept at hand: the next page, and what changed since, cost no more than what is new.

use std::{collections::HashMap, sync::Arc};

use hiveboard_derive::timeline::{CallCosts, Story};
use hiveboard_store::{CallFilter, CallSort, EventPage, EventStore, Position, Result, query::SeqOrder};
use hiveboard_wire::{CallCost, EventId, RunKey, Scope, StoredEvent};
use parking_lot::Mutex;

/// Events of one run that are looked at, at most: the first ones by `seq`.
const RUN_EVENTS: usize = 50_000;
/// New events read at once.
const NEW_EVENTS: usize = 1_000;
/// Memory for all stories together; those not read for longest go first.
const KEPT_BYTES: usize = 96 * 1024 * 1024;

type Key = (Scope, RunKey);

struct Kept {
    story: Arc<Mutex<Story>>,
    /// Counts readings, to find the one not read for longest.
    read_at: u64,
    bytes: usize,
}

#[derive(Default)]
struct Shelf {
    stories: HashMap<Key, Kept>,
    readings: u64,
}

#[derive(Default)]
pub struct Stories(Mutex<Shelf>);

impl Stories {
    /// Looks at a run's story, brought up to date. One reader of a run at a time; readers of other runs don't wait.
    pub fn look<R>(
        &self,
        source: &dyn EventStore,
        scope: Scope,
        key: &RunKey,
        look: impl FnOnce(&Story) -> R,
    ) -> Result<R> {
        let story = self.take(scope, key);
        let mut story = story.lock();
        bring_up_to_date(&mut story, source, scope, key)?;
        let answer = look(&story);
        self.keep(scope, key, story.bytes());
        Ok(answer)
    }

    fn take(&self, scope: Scope, key: &RunKey) -> Arc<Mutex<Story>> {
        let mut inner = self.0.lock();
        inner.readings += 1;
        let read_at = inner.readings;
        let fresh = || Kept { story: Arc::default(), read_at, bytes: 0 };
        let entry = inner.stories.entry((scope, key.clone())).or_insert_with(fresh);
        entry.read_at = read_at;
        Arc::clone(&entry.story)
    }

    /// Notes a story's size, and lets others go where there is too much.
    fn keep(&self, scope: Scope, key: &RunKey, bytes: usize) {
        let mut inner = self.0.lock();
        if let Some(entry) = inner.stories.get_mut(&(scope, key.clone())) {
            entry.bytes = bytes;
        }
        let mut total: usize = inner.stories.values().map(|kept| kept.bytes).sum();
        while total > KEPT_BYTES {
            let oldest = inner.stories.iter().min_by_key(|(_, kept)| kept.read_at).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|oldest| inner.stories.remove(&oldest)) else { break };
            total -= gone.bytes;
        }
    }
}

/// Reads what is new since the story was last looked at.
fn bring_up_to_date(story: &mut Story, source: &dyn EventStore, scope: Scope, key: &RunKey) -> Result<()> {
    while story.len() < RUN_EVENTS {
        let order = SeqOrder::Oldest { after: Position::of_seq(story.seq()) };
        let limit = if story.is_empty() { RUN_EVENTS } else { NEW_EVENTS };
        let page = EventPage { order, limit };
        let events = source.task_events(scope, &key.agent_id, &key.task_id, Some(&key.task_run_id), page)?;
        let full = events.len() == limit;
        let costs = costs(source, scope, key, &events)?;
        story.append(events, costs);
        if !full {
            return Ok(());
        }
    }
    Ok(())
}

/// What the calls among some events cost, as it was stored with them.
fn costs(source: &dyn EventStore, scope: Scope, key: &RunKey, events: &[StoredEvent]) -> Result<CallCosts> {
    let calls = events.iter().filter(|stored| stored.event.kind == Some(hiveboard_wire::Kind::LlmCall));
    let times: Vec<_> = calls.map(|stored| stored.event.timestamp).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return Ok(CallCosts::new()) };
    let filter = CallFilter {
        agent_id: Some(key.agent_id.to_string()),
        task_id: Some(key.task_id.to_string()),
        since: Some(*first),
        until: Some(last.plus_micros(1)),
        ..CallFilter::default()
    };
    let rows = source.calls(scope, &filter, CallSort::Oldest { after: None }, RUN_EVENTS)?;
    let cost = |row: hiveboard_store::CallRow| {
        let amount = row.cost.unwrap_or_default();
        (EventId::new(&row.event_id), CallCost { amount, source: row.cost_source })
    };
    Ok(rows.into_iter().map(cost).collect())
}
