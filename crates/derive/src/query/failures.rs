//! Failures, grouped.

use std::{cmp::Reverse, collections::BTreeMap};

use hiveboard_text::Needle;
use hiveboard_wire::Timestamp;

use crate::{
    failures::{Leaf, event_id, group_of, name_of},
    projections::Projections,
    view::{ErrorAgent, ErrorExample, ErrorVersion, ErrorView},
};

const MOST_AGENTS: usize = 20;
const MOST_VERSIONS: usize = 20;
const MOST_EXAMPLES: usize = 10;
/// Stretches that the time asked for is parted into.
const TREND: usize = 24;

/// All given parts must match; what is empty does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorFilter {
    pub error_id: Option<String>,
    pub agent_id: Option<String>,
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    /// Text, folded alike, in type, message or place.
    pub q: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ErrorSort {
    /// Most often in the time asked for.
    #[default]
    Often,
    /// Failed last.
    Last,
    /// Seen first most recently: what is new.
    New,
}

/// Of one group, the leaves that match.
type Group<'a> = Vec<&'a Leaf>;

impl Projections {
    /// Groups of failures that happened between `since` and `until`, in order.
    pub fn errors(&self, filter: &ErrorFilter, sort: ErrorSort, since: Timestamp, until: Timestamp) -> Vec<ErrorView> {
        let wanted = filter.error_id.as_deref().map(group_of);
        if wanted == Some(None) {
            return Vec::new();
        }
        let needle = filter.q.as_deref().map(Needle::new);
        let mut groups: BTreeMap<u64, Group<'_>> = BTreeMap::new();
        for leaf in self.failures.leaves() {
            if wanted.flatten().is_none_or(|group| leaf.group == group)
                && leaf.counts.total() > 0
                && leaf.last() >= since
                && leaf.first < until
                && self.leaf_matches(leaf, filter)
            {
                groups.entry(leaf.group).or_default().push(leaf);
            }
        }
        let mut views: Vec<ErrorView> = groups
            .into_values()
            .filter(|group| needle.as_ref().is_none_or(|needle| group.iter().any(|leaf| holds(leaf, needle))))
            .map(|group| self.error_view(&group, since, until))
            .filter(|view| view.in_period > 0)
            .collect();
        views.sort_by_key(|view| {
            let place = match sort {
                ErrorSort::Often => (view.in_period, view.last_seen),
                ErrorSort::Last => (0, view.last_seen),
                ErrorSort::New => (0, view.first_seen),
            };
            (Reverse(place), view.error_id.clone())
        });
        views
    }

    /// One group, whenever it happened; the trend is that of `since` to `until`.
    pub fn error(&self, filter: &ErrorFilter, since: Timestamp, until: Timestamp) -> Option<ErrorView> {
        let group = filter.error_id.as_deref().and_then(group_of)?;
        let leaves: Group<'_> = self
            .failures
            .leaves()
            .filter(|leaf| leaf.group == group && leaf.counts.total() > 0 && self.leaf_matches(leaf, filter))
            .collect();
        (!leaves.is_empty()).then(|| self.error_view(&leaves, since, until))
    }

    fn leaf_matches(&self, leaf: &Leaf, filter: &ErrorFilter) -> bool {
        let is =
            |wanted: &Option<String>, label: Option<&str>| wanted.as_deref().is_none_or(|wanted| label == Some(wanted));
        let project = self.interner.optional(leaf.at.project).map(|project| self.canonical(project));
        is(&filter.agent_id, Some(&self.agents[leaf.at.agent as usize].id))
            && is(&filter.project_id, project)
            && is(&filter.environment, self.interner.optional(leaf.at.environment))
            && is(&filter.group, self.interner.optional(leaf.at.group))
    }

    /// `group` has one leaf at least.
    fn error_view(&self, group: &[&Leaf], since: Timestamp, until: Timestamp) -> ErrorView {
        let mut trend = vec![0; TREND];
        let mut agents: BTreeMap<u32, (u64, Timestamp)> = BTreeMap::new();
        let mut versions: BTreeMap<Option<&str>, (i64, i64)> = BTreeMap::new();
        for leaf in group {
            leaf.counts.spread(since, until, &mut trend);
            let agent = agents.entry(leaf.at.agent).or_insert((0, Timestamp::MIN));
            *agent = (agent.0 + leaf.counts.total(), agent.1.max(leaf.last()));
            for (version, (first, last)) in &leaf.versions {
                let span = versions.entry(self.interner.optional(*version)).or_insert((*first, *last));
                *span = (span.0.min(*first), span.1.max(*last));
            }
        }
        let latest = group.iter().filter_map(|leaf| leaf.message.as_ref()).max_by(|a, b| a.key.cmp(&b.key));
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let one = group[0];
        ErrorView {
            error_id: name_of(one.group),
            exception_type: text(&one.exception_type),
            message: latest.and_then(|latest| latest.value.as_deref()).map(str::to_owned),
            place_kind: one.kind,
            place: text(&one.place),
            occurrences: group.iter().map(|leaf| leaf.counts.total()).sum(),
            in_period: trend.iter().sum(),
            trend,
            first_seen: group.iter().map(|leaf| leaf.first).min().unwrap_or(Timestamp::MAX),
            last_seen: group.iter().map(|leaf| leaf.last()).max().unwrap_or(Timestamp::MIN),
            agent_count: agents.len() as u64,
            agents: self.error_agents(agents),
            versions: error_versions(versions),
            projects: labels(group, |leaf| {
                self.interner.optional(leaf.at.project).map(|project| self.canonical(project))
            }),
            environments: labels(group, |leaf| self.interner.optional(leaf.at.environment)),
            examples: self.error_examples(group),
        }
    }

    fn error_agents(&self, agents: BTreeMap<u32, (u64, Timestamp)>) -> Vec<ErrorAgent> {
        let mut views: Vec<ErrorAgent> = agents
            .into_iter()
            .map(|(number, (occurrences, last_seen))| ErrorAgent {
                agent_id: self.agents[number as usize].id.to_string(),
                occurrences,
                last_seen,
            })
            .collect();
        views.sort_by(|a, b| b.occurrences.cmp(&a.occurrences).then_with(|| a.agent_id.cmp(&b.agent_id)));
        views.truncate(MOST_AGENTS);
        views
    }

    fn error_examples(&self, group: &[&Leaf]) -> Vec<ErrorExample> {
        let mut examples: Vec<_> = group
            .iter()
            .flat_map(|leaf| leaf.examples.iter().map(move |(key, example)| (key, example, leaf)))
            .collect();
        examples.sort_by(|a, b| b.0.cmp(a.0));
        let text = |text: Option<Box<str>>| text.map(String::from);
        examples
            .into_iter()
            .take(MOST_EXAMPLES)
            .map(|(key, example, leaf)| (key, example.open(), leaf))
            .map(|(key, example, leaf)| ErrorExample {
                event_id: event_id(key).to_string(),
                timestamp: key.timestamp,
                agent_id: self.agents[leaf.at.agent as usize].id.to_string(),
                agent_version: text(example.version),
                task_id: text(example.task_id),
                task_run_id: text(example.task_run_id),
                message: text(example.message),
            })
            .collect()
    }
}

fn labels<'a>(group: &[&'a Leaf], label: impl Fn(&'a Leaf) -> Option<&'a str>) -> Vec<String> {
    let mut labels: Vec<String> = group.iter().filter_map(|leaf| label(leaf).map(str::to_owned)).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

fn error_versions(versions: BTreeMap<Option<&str>, (i64, i64)>) -> Vec<ErrorVersion> {
    let mut views: Vec<ErrorVersion> = versions
        .into_iter()
        .map(|(version, (first, last))| ErrorVersion {
            version: version.map(str::to_owned),
            first_seen: Timestamp(first),
            last_seen: Timestamp(last),
        })
        .collect();
    views.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.version.cmp(&b.version)));
    views.truncate(MOST_VERSIONS);
    views
}

fn holds(leaf: &Leaf, needle: &Needle) -> bool {
    let message = leaf.message.as_ref().and_then(|latest| latest.value.as_deref());
    needle.is_in_text(&leaf.exception_type)
        || needle.is_in_text(&leaf.place)
        || message.is_some_and(|text| needle.is_in_text(text))
}
