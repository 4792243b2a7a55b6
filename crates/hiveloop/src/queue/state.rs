//! What a queue knows, and its rules: what is due, who carries it, and when more carriers are needed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Limits;
use super::store::{Batch, Store};
use crate::clock::Clock;
use crate::delivery::Hold;
use crate::event_identity::IdentityMaker;
use crate::stats::Stats;

/// Senders, each with a connection of its own, at most.
const MAX_SENDERS: usize = 16;
/// Only a backlog that lasts for this long starts another sender, and each further one after a quarter of it.
const BACKLOG_BEFORE_GROWTH: Duration = Duration::from_millis(200);
/// Requests quicker than this are not worth another sender: they wait for a processor, not for the network.
const WORTHWHILE_ROUND_TRIP: Duration = Duration::from_millis(5);
/// An urgent event waits no longer than this for others.
const URGENT_WITHIN: Duration = Duration::from_secs(1);

pub(super) struct State {
    pub(super) store: Store,
    pub(super) identity_maker: IdentityMaker,
    pub(super) stats: Stats,
    limits: Limits,
    /// Everything up to this sequence number is to be sent now.
    due_through: u64,
    /// When everything queued becomes due; of a crowded queue, what had waited when this was set.
    pub(super) deadline: Option<Duration>,
    waiting_since_deadline: u64,
    /// Events that do not wait for others: when each is due, whose it is, and its sequence number.
    urgent: VecDeque<(Duration, u64, u64)>,
    /// No attempt before this, and why.
    pub(super) hold: Option<(Duration, Hold)>,
    /// The last attempt has failed: the next one goes alone.
    pub(super) is_failing: bool,
    pub(super) failed_at: Option<Duration>,
    pub(super) last_attempt: Option<Duration>,
    /// A batch may hold at most this many events: lowered after a 413, raised again by success.
    pub(super) batch_events: usize,
    in_flight: Vec<InFlight>,
    /// Which turn of a crowded queue it is: a long lane's, or that of what is urgent or old.
    long_lane_next: bool,
    pub(super) senders: usize,
    /// When so many requests, less one, were last under way at once.
    busy_at: [Duration; MAX_SENDERS],
    backlog_since: Option<Duration>,
    grown_at: Duration,
    round_trip: Duration,
    pub(super) draining: bool,
    pub(super) closed: bool,
    pub(super) flushing: usize,
}

struct InFlight {
    agent_key: u64,
    first_seq: u64,
    count: usize,
}

impl State {
    pub(super) fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            store: Store::new(limits),
            identity_maker: IdentityMaker::new(clock),
            stats: Stats::default(),
            limits,
            due_through: 0,
            deadline: None,
            waiting_since_deadline: 0,
            urgent: VecDeque::new(),
            hold: None,
            is_failing: false,
            failed_at: None,
            last_attempt: None,
            batch_events: limits.batch_events,
            in_flight: Vec::new(),
            long_lane_next: false,
            senders: 0,
            busy_at: [Duration::ZERO; MAX_SENDERS],
            backlog_since: None,
            grown_at: Duration::ZERO,
            round_trip: Duration::ZERO,
            draining: false,
            closed: false,
            flushing: 0,
        }
    }

    /// The event queued last, of this agent, is not to wait for long.
    pub(super) fn hurry(&mut self, agent_key: u64, now: Duration) {
        let within = self.limits.flush_interval.min(URGENT_WITHIN);
        self.urgent.push_back((now + within, agent_key, self.store.last_seq()));
    }

    /// What is queued now is to leave within the interval.
    pub(super) fn set_deadline(&mut self, now: Duration) {
        self.deadline = Some(now + self.limits.flush_interval);
        self.waiting_since_deadline = self.store.last_seq();
    }

    /// Everything up to this sequence number is to be sent now.
    pub(super) fn make_due(&mut self, through: u64) {
        self.due_through = self.due_through.max(through);
    }

    /// The batch to send now, if any.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<Batch> {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.meet_deadline(now);
        }
        if self.hold.is_some_and(|(until, _)| until > now) || (self.is_failing && !self.in_flight.is_empty()) {
            return None;
        }
        self.hold = None;
        let Some(key) = self.next_lane(now) else {
            self.backlog_since = None;
            return None;
        };
        let batch = self.store.take(key, self.batch_events, now)?;
        if self.store.len() == 0 {
            self.deadline = None;
        }
        self.in_flight.push(InFlight { agent_key: key, first_seq: batch.first_seq(), count: batch.entries.len() });
        let busy = self.in_flight.len().min(MAX_SENDERS);
        self.busy_at[..busy].fill(now);
        self.last_attempt = Some(now);
        if self.is_crowded() || self.due_lane(now).is_some() {
            self.backlog_since.get_or_insert(now);
        } else {
            self.backlog_since = None;
        }
        Some(batch)
    }

    /// Whether so much waits that it may not stay for its time.
    pub(super) fn is_crowded(&self) -> bool {
        self.store.len() >= self.limits.flood_events()
    }

    /// Everything queued has waited long enough. A crowded queue is emptied by its long lanes, each with much in it:
    /// only what they passed over goes by its age, or most requests would carry little.
    fn meet_deadline(&mut self, now: Duration) {
        let last = self.store.last_seq();
        if self.is_crowded() {
            self.make_due(self.waiting_since_deadline);
            self.deadline = Some(now + self.limits.flush_interval / 2);
        } else {
            self.make_due(last);
            self.deadline = None;
        }
        self.waiting_since_deadline = last;
    }

    /// The lane that goes next. Of a crowded queue every other one is a long one, whether it is due or not: many agents
    /// with an event each would otherwise hold all connections until the others' events are dropped.
    fn next_lane(&mut self, now: Duration) -> Option<u64> {
        let is_crowded = self.is_crowded();
        self.long_lane_next = is_crowded && !self.long_lane_next;
        if self.long_lane_next {
            return self.store.long_lane().or_else(|| self.due_lane(now));
        }
        self.due_lane(now).or_else(|| if is_crowded { self.store.long_lane() } else { None })
    }

    /// The lane of what is due: one with an urgent event, else of the oldest event that is due, else a full one.
    fn due_lane(&mut self, now: Duration) -> Option<u64> {
        self.urgent_lane(now).or_else(|| self.store.due_lane(self.due_through)).or_else(|| self.store.full_lane())
    }

    fn urgent_lane(&mut self, now: Duration) -> Option<u64> {
        let is_waiting = |store: &Store, key, seq| store.front_of(key).is_some_and(|front| front <= seq);
        while let Some(&(_, key, seq)) = self.urgent.front()
            && !is_waiting(&self.store, key, seq)
            && !self.store.is_busy(key)
        {
            self.urgent.pop_front();
        }
        let due = self.urgent.iter().take_while(|(due, _, _)| *due <= now);
        // Few are passed over: those whose agent has a request under way.
        due.filter(|&&(_, key, seq)| !self.store.is_busy(key) && is_waiting(&self.store, key, seq))
            .map(|&(_, key, _)| key)
            .next()
    }

    /// When something becomes due without anybody's doing. What is due already waits for a request under way, whose
    /// sender goes on with it.
    pub(super) fn next_due(&self, now: Duration) -> Option<Duration> {
        let urgent = self.urgent.iter().map(|&(due, _, _)| due).find(|&due| due > now);
        let due = [urgent, self.deadline].into_iter().flatten().min();
        match self.hold {
            Some((until, _)) => Some(until),
            None => due,
        }
    }

    /// Whether another sender is to be started; counts it.
    pub(super) fn grow(&mut self, now: Duration) -> bool {
        let all_busy = self.in_flight.len() >= self.senders;
        let grows = all_busy
            && self.senders < MAX_SENDERS
            && self.is_behind(now)
            && now >= self.grown_at + BACKLOG_BEFORE_GROWTH / 4
            && self.round_trip >= WORTHWHILE_ROUND_TRIP;
        if grows {
            self.senders += 1;
            self.grown_at = now;
        }
        grows
    }

    /// Whether what is due waits for longer than it should.
    pub(super) fn is_behind(&self, now: Duration) -> bool {
        let patience = if self.is_crowded() { Duration::ZERO } else { BACKLOG_BEFORE_GROWTH };
        self.backlog_since.is_some_and(|since| now >= since + patience)
    }

    /// Whether not all senders were needed at once for this long.
    pub(super) fn is_one_too_many(&self, now: Duration, life: Duration) -> bool {
        let busiest = self.busy_at[self.senders.clamp(1, MAX_SENDERS) - 1].max(self.grown_at);
        now >= busiest + life
    }

    /// A request has ended, well or not.
    pub(super) fn release(&mut self, batch: &Batch, now: Duration) {
        let key = batch.agent.key;
        self.in_flight.retain(|flight| flight.agent_key != key);
        self.store.release(key);
        self.round_trip = now.saturating_sub(batch.taken_at);
    }

    /// Takes a batch back: older than anything of its agent's queued since, and due already.
    pub(super) fn return_to_store(&mut self, batch: Batch) {
        if self.closed {
            self.stats.dropped += batch.entries.len() as u64;
            return;
        }
        self.due_through = self.due_through.max(batch.last_seq());
        self.stats.dropped += self.store.put_back(batch);
    }

    pub(super) fn in_flight_events(&self) -> u64 {
        self.in_flight.iter().map(|flight| flight.count as u64).sum()
    }

    pub(super) fn is_settled_through(&self, target: u64) -> bool {
        self.store.first_seq().is_none_or(|first| first > target)
            && self.in_flight.iter().all(|flight| flight.first_seq > target)
    }
}
