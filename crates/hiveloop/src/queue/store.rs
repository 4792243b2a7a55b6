//! The data structure of a queue: one lane an agent, and which lane holds the oldest event.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::time::Duration;

use super::Limits;
use crate::agent_info::AgentInfo;

/// Lanes that have run empty are kept up to this many, to save their making.
const KEPT_LANES: usize = 256;
/// So many lanes are looked at to find a long one: a look takes microseconds, and those who push wait for it.
const LANES_LOOKED_AT: usize = 256;

/// One event, serialised.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) event: Box<[u8]>,
}

/// Events of one agent on their way.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) agent: Arc<AgentInfo>,
    /// Never empty, in order.
    pub(crate) entries: Vec<Entry>,
    /// When it was taken, by the monotonic clock.
    pub(crate) taken_at: Duration,
}

impl Batch {
    pub(crate) fn first_seq(&self) -> u64 {
        self.entries.first().map_or(0, |entry| entry.seq)
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.seq)
    }
}

struct Lane {
    agent: Arc<AgentInfo>,
    entries: VecDeque<Entry>,
    /// Named in `full` already.
    is_full: bool,
}

pub(super) struct Store {
    limits: Limits,
    lanes: HashMap<u64, Lane, BuildHasherDefault<KeyHasher>>,
    /// The first sequence number of every lane that is not empty, and the lane.
    fronts: BTreeMap<u64, u64>,
    /// Lanes that hold a whole batch.
    full: VecDeque<u64>,
    /// Lanes that have a batch on its way: nothing else of theirs leaves until it is settled. Few.
    busy: Vec<u64>,
    /// Lanes whose first sequence number is less were looked at last for a long one.
    looked_through: u64,
    last_seq: u64,
    len: usize,
    bytes: usize,
}

impl Store {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            lanes: HashMap::default(),
            fronts: BTreeMap::new(),
            full: VecDeque::new(),
            busy: Vec::new(),
            looked_through: 0,
            last_seq: 0,
            len: 0,
            bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[cfg(test)]
    pub(super) fn lane_count(&self) -> usize {
        self.lanes.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The sequence number given last; 0 before the first.
    pub(super) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// The sequence number of the oldest event here.
    pub(super) fn first_seq(&self) -> Option<u64> {
        self.fronts.first_key_value().map(|(&seq, _)| seq)
    }

    /// Drops the oldest events until one of this size fits; returns how many.
    pub(super) fn make_room_for(&mut self, bytes: usize) -> u64 {
        let mut dropped = 0;
        while self.len > 0 && (self.len + 1 > self.limits.max_events || self.bytes + bytes > self.limits.max_bytes) {
            self.drop_oldest();
            dropped += 1;
        }
        dropped
    }

    fn drop_oldest(&mut self) {
        if let Some((_, key)) = self.fronts.pop_first()
            && let Some(lane) = self.lanes.get_mut(&key)
        {
            if let Some(entry) = lane.entries.pop_front() {
                self.len -= 1;
                self.bytes -= entry.event.len();
            }
            self.settle_front(key);
        }
    }

    /// Notes a lane's new front, or puts an empty lane away.
    fn settle_front(&mut self, key: u64) {
        let Some(lane) = self.lanes.get(&key) else { return };
        if let Some(front) = lane.entries.front() {
            self.fronts.insert(front.seq, key);
        } else if self.lanes.len() > KEPT_LANES {
            self.lanes.remove(&key);
        }
    }

    /// Appends; returns whether the agent now has a whole batch.
    pub(super) fn push(&mut self, agent: &Arc<AgentInfo>, event: Box<[u8]>) -> bool {
        self.last_seq += 1;
        self.len += 1;
        self.bytes += event.len();
        let lane = self.lanes.entry(agent.key).or_insert_with(|| Lane {
            agent: agent.clone(),
            entries: VecDeque::new(),
            is_full: false,
        });
        if lane.entries.is_empty() {
            self.fronts.insert(self.last_seq, agent.key);
        }
        lane.entries.push_back(Entry { seq: self.last_seq, event });
        if lane.is_full || lane.entries.len() < self.limits.batch_events {
            return false;
        }
        lane.is_full = true;
        self.full.push_back(agent.key);
        true
    }

    /// Whether a batch of this agent's is on its way.
    pub(super) fn is_busy(&self, key: u64) -> bool {
        self.busy.contains(&key)
    }

    /// A batch of this agent's is no longer on its way.
    pub(super) fn release(&mut self, key: u64) {
        self.busy.retain(|&busy| busy != key);
    }

    /// The sequence number of an agent's oldest event here.
    pub(super) fn front_of(&self, key: u64) -> Option<u64> {
        self.lanes.get(&key)?.entries.front().map(|entry| entry.seq)
    }

    /// The agent whose event is the oldest, up to a sequence number, of those that have nothing on its way.
    pub(super) fn due_lane(&self, due_through: u64) -> Option<u64> {
        let due = self.fronts.range(..=due_through).map(|(_, &key)| key);
        due.into_iter().find(|&key| !self.is_busy(key))
    }

    /// The agent with the most events, of some that have nothing on its way: others each time.
    pub(super) fn long_lane(&mut self) -> Option<u64> {
        let from = self.looked_through;
        let round = self.fronts.range(from..).chain(self.fronts.range(..from)).take(LANES_LOOKED_AT);
        let mut longest = None;
        for (&seq, &key) in round {
            self.looked_through = seq + 1;
            let length = self.lanes.get(&key).map_or(0, |lane| lane.entries.len());
            if !self.busy.contains(&key) && longest.is_none_or(|(most, _)| length > most) {
                longest = Some((length, key));
            }
        }
        longest.map(|(_, key)| key)
    }

    /// An agent with a whole batch, of those that have nothing on its way.
    pub(super) fn full_lane(&mut self) -> Option<u64> {
        let mut index = 0;
        while let Some(&key) = self.full.get(index) {
            if self.lanes.get(&key).is_none_or(|lane| lane.entries.len() < self.limits.batch_events) {
                // Its events were dropped or taken since.
                self.full.remove(index);
                if let Some(lane) = self.lanes.get_mut(&key) {
                    lane.is_full = false;
                }
            } else if self.is_busy(key) {
                index += 1;
            } else {
                return Some(key);
            }
        }
        None
    }

    /// Takes up to `most` events of an agent, which is busy until the batch is released.
    pub(super) fn take(&mut self, key: u64, most: usize, now: Duration) -> Option<Batch> {
        let lane = self.lanes.get_mut(&key)?;
        self.fronts.remove(&lane.entries.front()?.seq);
        let (mut count, mut size) = (0, 0);
        for entry in lane.entries.iter().take(most) {
            // A comma each; the first is taken whatever its size.
            size += entry.event.len() + 1;
            if count > 0 && size + lane.agent.envelope_bytes() > self.limits.body_bytes {
                break;
            }
            count += 1;
        }
        let entries: Vec<Entry> = lane.entries.drain(..count).collect();
        self.len -= count;
        self.bytes -= entries.iter().map(|entry| entry.event.len()).sum::<usize>();
        let agent = lane.agent.clone();
        // Give back what a burst made it grow to.
        if lane.entries.is_empty() && lane.entries.capacity() > 4 * self.limits.batch_events {
            lane.entries.shrink_to(self.limits.batch_events);
        }
        self.busy.push(key);
        self.refresh_fullness(key);
        self.settle_front(key);
        Some(Batch { agent, entries, taken_at: now })
    }

    fn refresh_fullness(&mut self, key: u64) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let is_full = lane.entries.len() >= self.limits.batch_events;
        if lane.is_full && !is_full {
            self.full.retain(|&other| other != key);
        } else if !lane.is_full && is_full {
            self.full.push_back(key);
        }
        lane.is_full = is_full;
    }

    /// Puts a batch back where it was; returns how many of the oldest had to go.
    pub(super) fn put_back(&mut self, batch: Batch) -> u64 {
        let Batch { agent, entries, .. } = batch;
        self.len += entries.len();
        self.bytes += entries.iter().map(|entry| entry.event.len()).sum::<usize>();
        let key = agent.key;
        let lane = self.lanes.entry(key).or_insert_with(|| Lane { agent, entries: VecDeque::new(), is_full: false });
        if let Some(front) = lane.entries.front() {
            self.fronts.remove(&front.seq);
        }
        for entry in entries.into_iter().rev() {
            lane.entries.push_front(entry);
        }
        self.refresh_fullness(key);
        self.settle_front(key);
        let mut dropped = 0;
        while self.len > self.limits.max_events || self.bytes > self.limits.max_bytes {
            self.drop_oldest();
            dropped += 1;
        }
        dropped
    }

    /// Forgets everything; returns how many events that were.
    pub(super) fn clear(&mut self) -> u64 {
        let dropped = self.len as u64;
        let (limits, last_seq) = (self.limits, self.last_seq);
        *self = Self { last_seq, ..Self::new(limits) };
        dropped
    }
}

/// Agents' keys are counted up from 1, so they need no scrambling.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
    fn write_u64(&mut self, key: u64) {
        // hashbrown takes its tags from the top bits.
        self.0 = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
