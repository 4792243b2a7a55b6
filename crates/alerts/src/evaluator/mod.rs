//! All rules of one scope over what the server tells: which rules a change can matter to, and what is due by the clock.

mod change;
mod look;
mod rules;
mod sums;
mod told;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    sync::Arc,
};

use hiveboard_wire::{RunKey, Timestamp};

use crate::{
    alert::{Alert, Transition},
    condition::SpentBy,
    facts::{AgentFacts, InsightFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts},
    index::Index,
    meter::Meter,
    rule::Rule,
    span::Span,
    subject::Subject,
    watch::{Timing, Watch},
};

/// Combinations of labels whose rules are remembered.
const MOST_REMEMBERED: usize = 50_000;

/// An alert that was open when the server stopped, or was resolved not long before.
#[derive(Debug, Clone)]
pub struct OpenAlert {
    pub alert: Alert,
}

struct Slot {
    rule: Rule,
    scope: u32,
    meter: Option<u32>,
}

impl Slot {
    const fn timing(&self) -> Timing {
        Timing { for_seconds: self.rule.draft.for_seconds, cooldown_seconds: self.rule.draft.cooldown_seconds }
    }
}

/// The rules that something with certain labels can matter to.
#[derive(Debug, Default)]
struct Matched {
    /// Scopes with rules about silence.
    silences: Vec<u32>,
    end_meters: Vec<u32>,
    cost_meters: Vec<u32>,
    runs: Vec<u32>,
    approvals: Vec<u32>,
}

/// The rules that an agent itself can matter to.
#[derive(Debug, Default)]
struct MatchedAgent {
    stuck: Vec<u32>,
    lost: Vec<u32>,
    queue: Vec<u32>,
    issues: Vec<u32>,
    schedule: Vec<u32>,
}

struct AgentState {
    facts: AgentFacts,
    matched: Option<Arc<MatchedAgent>>,
    queue: Option<QueueFacts>,
    issues: HashMap<Arc<str>, IssueFacts>,
    items: HashMap<Arc<str>, ItemFacts>,
}

/// What any of the rules looks at: most that happens is then of no interest to any.
#[derive(Debug, Clone, Copy, Default)]
struct Wants {
    /// Of agents more than what their status becomes: whether they are at work, and when they began a run last.
    signs: bool,
    runs: bool,
    approvals: bool,
    ends: bool,
    costs: bool,
}

#[derive(Debug, Default)]
struct OfScope {
    rules: Vec<u32>,
    end_meters: Vec<u32>,
    cost_meters: Vec<u32>,
}

type LabelKey = (Arc<str>, Option<Arc<str>>, Option<Arc<str>>);

/// See the module. What it is told and asked is in order of time.
pub struct Evaluator {
    slots: Vec<Slot>,
    wants: Wants,
    index: Index,
    meters: Vec<Meter>,
    /// The rules of each meter.
    meter_rules: Vec<Vec<u32>>,
    meter_numbers: HashMap<(u32, Span, SpentBy, bool), u32>,
    /// By the number of the scope: when anything of it arrived last, and the rules about it.
    silences: HashMap<u32, (Timestamp, Vec<u32>)>,
    insight_rules: Vec<u32>,
    /// By the number of the scope: its rules, and its meters of ends and of costs.
    by_scope: Vec<OfScope>,
    matched: HashMap<LabelKey, Arc<Matched>>,
    agents: HashMap<Arc<str>, AgentState>,
    /// Open ones, where a rule may want them.
    runs: HashMap<RunKey, RunFacts>,
    insights: Option<Vec<InsightFacts>>,
    watches: HashMap<(u32, Subject), Watch>,
    /// Rules whose condition holds, by what it holds for.
    live: HashMap<Subject, Vec<u32>>,
    due: BinaryHeap<Due>,
    muted: Vec<(u32, Subject)>,
    make_id: Box<dyn FnMut() -> String + Send>,
    out: Vec<Transition>,
    /// How often a rule was looked at.
    pub judged: u64,
}

struct Due {
    at: Reverse<Timestamp>,
    rule: u32,
    subject: Subject,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

impl Evaluator {
    /// `make_id` makes ids of alerts.
    pub fn new(make_id: impl FnMut() -> String + Send + 'static) -> Self {
        Self {
            slots: Vec::new(),
            wants: Wants::default(),
            index: Index::default(),
            meters: Vec::new(),
            meter_rules: Vec::new(),
            meter_numbers: HashMap::new(),
            silences: HashMap::new(),
            insight_rules: Vec::new(),
            by_scope: Vec::new(),
            matched: HashMap::new(),
            agents: HashMap::new(),
            runs: HashMap::new(),
            insights: None,
            watches: HashMap::new(),
            live: HashMap::new(),
            due: BinaryHeap::new(),
            muted: Vec::new(),
            make_id: Box::new(make_id),
            out: Vec::new(),
            judged: 0,
        }
    }

    /// Whether any rule wants to know each open run.
    pub const fn wants_runs(&self) -> bool {
        self.wants.runs
    }

    /// Whether any rule wants to know of agents when they begin and end runs, whatever their status.
    pub const fn wants_signs(&self) -> bool {
        self.wants.signs
    }

    /// Whether any rule wants to know which runs wait for an answer.
    pub const fn wants_approvals(&self) -> bool {
        self.wants.approvals
    }

    /// Whether any rule adds up how runs end.
    pub const fn wants_ends(&self) -> bool {
        self.wants.ends
    }

    pub fn wants_insights(&self) -> bool {
        !self.insight_rules.is_empty()
    }

    pub fn rule_count(&self) -> usize {
        self.slots.len()
    }

    /// Lets the clock go on: judges what is due.
    pub fn advance(&mut self, now: Timestamp) {
        while self.due.peek().is_some_and(|due| due.at.0 <= now) {
            let Due { at, rule, subject } = self.due.pop().expect("it was just looked at");
            let Some(watch) = self.watches.get_mut(&(rule, subject.clone())) else { continue };
            if watch.armed != Some(at.0) {
                continue;
            }
            watch.armed = None;
            self.look(rule, &subject, now);
        }
        self.unmute(now);
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.peek().map(|due| due.at.0)
    }

    /// Forgets what nothing would be lost with.
    pub fn tidy(&mut self, now: Timestamp) {
        let slots = &self.slots;
        self.watches.retain(|(rule, _), watch| !watch.is_idle(slots[*rule as usize].timing(), now));
        self.meters.iter_mut().for_each(|meter| meter.tidy(now));
        if self.matched.len() > MOST_REMEMBERED {
            self.matched.clear();
        }
    }

    /// What became of alerts since the last call, in order.
    pub fn take(&mut self) -> Vec<Transition> {
        std::mem::take(&mut self.out)
    }
}
