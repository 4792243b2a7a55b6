//! Figures of ended runs from the sums that the fold keeps, where these tell them exactly.

use std::{borrow::Cow, collections::BTreeMap};

use hiveboard_wire::Timestamp;

use super::{Bucketing, GroupBy, RunFilter};
use crate::{
    agent::Agent, interner::Symbol, projections::Projections, run_sum::RunSum, time_buckets::TimeBuckets,
    totals::label_place,
};

/// Sums of all ended runs that a filter means.
pub(super) struct KeptSums<'a> {
    /// With the start of the slot that holds their ends.
    pub(super) ended: Vec<(Timestamp, Cow<'a, RunSum>)>,
    /// Those among them that are to be taken out again.
    pub(super) left: Vec<(Timestamp, &'a RunSum)>,
    /// By the value of what is grouped by.
    pub(super) by_value: BTreeMap<Option<&'a str>, RunSum>,
}

/// What a filter narrows by beside its window, where that is one thing alone.
enum Narrowed<'a> {
    Nothing,
    Agent(&'a str),
    Label(GroupBy, &'a str),
}

impl<'a> Narrowed<'a> {
    /// `None` for what no sums are kept by.
    fn of(filter: &'a RunFilter) -> Option<Self> {
        let RunFilter {
            status,
            task_id,
            task_type,
            correlation_id,
            project_id,
            agent_id,
            environment,
            group,
            agent_version,
            since: _,
            until: _,
            q,
            q_in_events: _,
        } = filter;
        if !status.is_empty() || task_id.is_some() || correlation_id.is_some() || q.is_some() {
            return None;
        }
        let labels = [
            (GroupBy::TaskType, task_type),
            (GroupBy::Project, project_id),
            (GroupBy::Environment, environment),
            (GroupBy::Group, group),
            (GroupBy::Version, agent_version),
        ];
        let mut given = labels.into_iter().filter_map(|(label, text)| Some((label, text.as_deref()?)));
        match (given.next(), given.next(), agent_id.as_deref()) {
            (None, _, None) => Some(Self::Nothing),
            (None, _, Some(agent_id)) => Some(Self::Agent(agent_id)),
            (Some((label, text)), None, None) => Some(Self::Label(label, text)),
            _ => None,
        }
    }
}

impl Projections {
    /// `None` where all runs have to be looked at.
    pub(super) fn kept_sums(
        &self,
        filter: &RunFilter,
        bucketing: Option<&Bucketing>,
        group_by: Option<GroupBy>,
        now: Timestamp,
    ) -> Option<KeptSums<'_>> {
        let (since, until) = (filter.since?, filter.until);
        let (mut by_value, mut left) = (BTreeMap::<Option<&str>, RunSum>::new(), Vec::new());
        let ended = match (Narrowed::of(filter)?, group_by) {
            (Narrowed::Agent(agent_id), None) => match self.find_agent(agent_id) {
                None => Vec::new(),
                Some(agent) => {
                    let slots = slots_of(agent, since, until, bucketing, now)?;
                    slots.range_from(since).map(|(slot, bucket)| (slot, Cow::Owned(RunSum::from(bucket)))).collect()
                }
            },
            (Narrowed::Label(label, wanted), None) => {
                let place = label_place(label)?;
                let window = self.totals.window(since, until, bucketing)?;
                let is_it = |value: Option<Symbol>| value.is_some_and(|value| self.label_text(label, value) == wanted);
                let mut ended = Vec::new();
                for (start, slot) in &window.slots {
                    let values = slot.by(place)?.iter().filter(|(value, _)| is_it(**value));
                    ended.extend(values.map(|(_, sum)| (*start, Cow::Borrowed(sum))));
                }
                for recent in window.lately.iter().filter(|recent| is_it(recent.labels[place])) {
                    ended.push((recent.at, Cow::Borrowed(recent.joined)));
                    left.push((recent.at, recent.left));
                }
                ended
            }
            (Narrowed::Nothing, group_by) => {
                let window = self.totals.window(since, until, bucketing)?;
                match group_by {
                    Some(GroupBy::Agent) => {
                        for agent in &self.agents {
                            let sum = RunSum::from(&slots_of(agent, since, until, None, now)?.total_from(since));
                            if sum.runs > 0 {
                                by_value.insert(Some(&*agent.id), sum);
                            }
                        }
                    }
                    Some(label) => {
                        let place = label_place(label)?;
                        let text = |value: Option<Symbol>| value.map(|value| self.label_text(label, value));
                        for (_, slot) in &window.slots {
                            for (value, sum) in slot.by(place)? {
                                by_value.entry(text(*value)).or_default().merge(sum);
                            }
                        }
                        for recent in &window.lately {
                            by_value.entry(text(recent.labels[place])).or_default().merge(recent.joined);
                        }
                        for recent in &window.lately {
                            by_value.entry(text(recent.labels[place])).or_default().subtract(recent.left);
                        }
                        by_value.retain(|_, sum| sum.runs > 0);
                    }
                    None => {}
                }
                left.extend(window.lately.iter().map(|recent| (recent.at, recent.left)));
                let slots = window.slots.iter().map(|(start, slot)| (*start, Cow::Borrowed(slot.all())));
                slots.chain(window.lately.iter().map(|recent| (recent.at, Cow::Borrowed(recent.joined)))).collect()
            }
            _ => return None,
        };
        Some(KeptSums { ended, left, by_value })
    }

    /// What runs of that label count under.
    fn label_text(&self, label: GroupBy, value: Symbol) -> &str {
        let text = self.interner.text(value);
        if label == GroupBy::Project { self.canonical(text) } else { text }
    }
}

/// The slots of an agent that make up a window which does not end, when there are such.
fn slots_of<'a>(
    agent: &'a Agent,
    since: Timestamp,
    until: Option<Timestamp>,
    bucketing: Option<&Bucketing>,
    now: Timestamp,
) -> Option<&'a TimeBuckets> {
    let fits = |slots: &&TimeBuckets| {
        slots.holds_from(since, now) && bucketing.is_none_or(|by| by.is_made_of(slots.width_micros()))
    };
    [&agent.quarters, &agent.minutes].into_iter().find(|slots| until.is_none() && fits(slots))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_the_board_are_told_by_kept_sums() {
        let projections = Projections::new();
        let now = Timestamp(1_770_000_123_456_789);
        let kept = |width: i64, back: i64, by| {
            let since = Some(now.plus_seconds(-back).bucket(width * 1_000_000));
            let filter = RunFilter { since, ..RunFilter::default() };
            projections.kept_sums(&filter, Some(&Bucketing::Width(width * 1_000_000)), by, now).is_some()
        };
        let ranges = [
            (60, 3_600),
            (300, 6 * 3_600),
            (900, 86_400),
            (3_600, 7 * 86_400),
            (6 * 3_600, 30 * 86_400),
            (86_400, 90 * 86_400),
        ];
        for (width, back) in ranges {
            assert!(kept(width, back, None) && kept(width, back, Some(GroupBy::Project)), "{back} s");
        }
        assert!(kept(60, 3_600, Some(GroupBy::Agent)) && kept(900, 86_400, Some(GroupBy::Agent)));
        assert!(!kept(7, 3_600, None), "no sums begin there");
        let narrow = RunFilter { q: Some("t".to_owned()), since: Some(now.bucket(60_000_000)), ..RunFilter::default() };
        assert!(projections.kept_sums(&narrow, None, None, now).is_none());
    }
}
