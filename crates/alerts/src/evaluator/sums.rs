//! Sums over windows: what happened before, and what happens.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use hiveboard_wire::Timestamp;

use super::{Evaluator, look::subject_of};
use crate::{
    condition::{Condition, SpentBy},
    facts::{End, Spent},
    meter::{Apart, LastFailed, Meter, Sum},
    rule::Labels,
    span::Span,
};

/// What is added to sums.
#[derive(Clone, Copy)]
enum Added<'a> {
    Spent(Sum),
    /// With the hash of its run, which every sum knows it by.
    Ended(&'a End<'a>, u64),
}

impl<'a> Added<'a> {
    fn ended(end: &'a End<'a>) -> Self {
        let mut hasher = DefaultHasher::new();
        end.run.hash(&mut hasher);
        Self::Ended(end, hasher.finish())
    }
}

impl Evaluator {
    /// Spans of sums that know nothing of what happened before: of costs, then of runs that ended.
    pub fn unseeded(&self) -> (Vec<Span>, Vec<Span>) {
        let (mut costs, mut ends) = (Vec::new(), Vec::new());
        for ((_, span, _, is_cost), number) in &self.meter_numbers {
            let list = if *is_cost { &mut costs } else { &mut ends };
            if self.meters[*number as usize].seeded_to.is_none() && !list.contains(span) {
                list.push(*span);
            }
        }
        (costs, ends)
    }

    /// What calls cost before: into the sums over `span` that know nothing yet.
    pub fn seed_cost(&mut self, span: Span, spent: &Spent<'_>, calls: u64, now: Timestamp) {
        let sum = Sum { first: spent.cost.0, second: calls as i64 };
        self.add(Added::Spent(sum), Some(span), &spent.labels, spent.at, u64::MAX, now);
    }

    /// The same of runs that ended.
    pub fn seed_end(&mut self, span: Span, end: &End<'_>, now: Timestamp) {
        self.add(Added::ended(end), Some(span), &end.labels, end.at, u64::MAX, now);
    }

    /// Says that sums over `span` know everything up to `seq`.
    pub fn seeded(&mut self, is_cost: bool, span: Span, seq: u64) {
        for ((_, of, _, cost), number) in &self.meter_numbers {
            let meter = &mut self.meters[*number as usize];
            if *of == span && *cost == is_cost && meter.seeded_to.is_none() {
                meter.seeded_to = Some(seq);
            }
        }
    }

    /// Forgets all sums: changes were missed, and they are to be seeded anew.
    pub fn forget_sums(&mut self) {
        for meter in &mut self.meters {
            *meter = Meter::new(meter.span);
        }
    }

    /// A model call cost something.
    pub fn spent(&mut self, spent: &Spent<'_>, seq: u64, now: Timestamp) {
        let sum = Sum { first: spent.cost.0, second: 1 };
        self.add(Added::Spent(sum), None, &spent.labels, spent.at, seq, now);
    }

    /// A run ended well or failed.
    pub fn ended(&mut self, end: &End<'_>, seq: u64, now: Timestamp) {
        self.add(Added::ended(end), None, &end.labels, end.at, seq, now);
    }

    /// One body for what is told and what is seeded, of calls and of runs.
    fn add(
        &mut self,
        added: Added<'_>,
        seeded_span: Option<Span>,
        labels: &Labels<'_>,
        at: Timestamp,
        seq: u64,
        now: Timestamp,
    ) {
        let is_cost = matches!(added, Added::Spent(_));
        if !(if is_cost { self.wants.costs } else { self.wants.ends }) {
            return;
        }
        let matched = self.matched(labels);
        let meters = if is_cost { &matched.cost_meters } else { &matched.end_meters };
        for number in meters {
            let apart = self.apart(*number, labels);
            let meter = &mut self.meters[*number as usize];
            let wanted = match seeded_span {
                Some(span) => meter.span == span && meter.seeded_to.is_none(),
                None => meter.seeded_to.is_some_and(|known| seq > known),
            };
            if !wanted {
                continue;
            }
            match added {
                Added::Spent(sum) => meter.add(&apart, at, sum, now),
                Added::Ended(end, hash) => {
                    let last = || LastFailed {
                        at,
                        run: end.run.clone(),
                        project_id: labels.project_id.map(Arc::from),
                        environment: labels.environment.into(),
                        group: labels.group.into(),
                    };
                    meter.add_end(&apart, (end.run, hash), at, end.failed.then_some(last), now);
                }
            }
            if seeded_span.is_none() {
                let subject = subject_of(&apart);
                for place in 0..self.meter_rules[*number as usize].len() {
                    let rule = self.meter_rules[*number as usize][place];
                    self.look(rule, &subject, now);
                }
            }
        }
    }

    fn apart(&self, meter: u32, labels: &Labels<'_>) -> Apart {
        let rule = self.meter_rules[meter as usize][0];
        match &self.slots[rule as usize].rule.draft.condition {
            Condition::CostThreshold { by: SpentBy::Agent, .. } => {
                let known = self.agents.get_key_value(labels.agent_id).map(|(id, _)| Arc::clone(id));
                Apart { agent_id: known.or_else(|| Some(labels.agent_id.into())), project_id: None }
            }
            Condition::CostThreshold { by: SpentBy::Project, .. } => {
                Apart { agent_id: None, project_id: labels.project_id.map(Arc::from) }
            }
            _ => Apart::default(),
        }
    }
}
