//! Figures of projects.

use std::collections::{BTreeMap, BTreeSet};

use hiveboard_wire::Timestamp;

use super::{GroupBy, RunFilter};
use crate::{
    agent::{DAY, QUARTER},
    archive::{ColdFilter, ColdRowError, ColdSums, Segment, Snapshot},
    projections::Projections,
    run_sum::RunFigures,
    view::{ProjectStatsView, TaskStatus},
};

/// Figures of projects, half done: those of runs in the archive are added by [`ProjectStatsQuery::finish`].
#[must_use]
pub struct ProjectStatsQuery {
    stats: BTreeMap<String, ProjectStatsView>,
    cold: Option<(Snapshot, ColdFilter)>,
}

impl ProjectStatsQuery {
    /// # Errors
    /// [`ColdRowError`] when the archive cannot be read.
    pub fn finish(mut self) -> Result<Vec<ProjectStatsView>, ColdRowError> {
        if let Some((snapshot, filter)) = &self.cold {
            let mut ended = EndedByProject { stats: &mut self.stats, by_number: Vec::new() };
            snapshot.sum(filter, Some(GroupBy::Project), &mut ended)?;
            ended.begin_segment();
        }
        let named = |(slug, one): (String, ProjectStatsView)| ProjectStatsView { project_id: slug, ..one };
        Ok(self.stats.into_iter().map(named).collect())
    }
}

/// Counts ended runs of a segment by the number of their project first.
struct EndedByProject<'a> {
    stats: &'a mut BTreeMap<String, ProjectStatsView>,
    by_number: Vec<(String, u64, u64)>,
}

impl ColdSums for EndedByProject<'_> {
    fn whole(&mut self, _segment: &Segment) -> bool {
        false
    }

    fn begin_segment(&mut self) {
        for (slug, completed, failed) in self.by_number.drain(..) {
            if completed + failed > 0 {
                let one = self.stats.entry(slug).or_default();
                one.tasks_completed_24h += completed;
                one.tasks_failed_24h += failed;
            }
        }
    }

    fn run(&mut self, figures: &RunFigures, _end: Timestamp, group: usize, texts: &[&str]) {
        if self.by_number.is_empty() {
            self.by_number.extend(texts.iter().map(|slug| ((*slug).to_owned(), 0, 0)));
        }
        let Some((_, completed, failed)) = group.checked_sub(1).and_then(|group| self.by_number.get_mut(group)) else {
            return;
        };
        match figures.status {
            TaskStatus::Completed => *completed += 1,
            TaskStatus::Failed => *failed += 1,
            _ => {}
        }
    }
}

impl Projections {
    /// One entry for every project that events named, by slug.
    pub fn project_stats(&self, now: Timestamp) -> ProjectStatsQuery {
        let mut stats = BTreeMap::<&str, ProjectStatsView>::new();
        for (project, events) in &self.project_events {
            let slug = self.canonical(self.interner.text(*project));
            stats.entry(slug).or_default().event_count += events;
        }
        for agent in &self.agents {
            let slugs: BTreeSet<&str> =
                agent.projects.keys().map(|project| self.canonical(self.interner.text(*project))).collect();
            for slug in slugs {
                stats.entry(slug).or_default().agent_count += 1;
            }
        }
        let since = now.plus_micros(-DAY).bucket(QUARTER);
        let day = RunFilter { since: Some(since), ..RunFilter::default() };
        let mut cold = None;
        if let Some(kept) = self.kept_sums(&day, None, Some(GroupBy::Project), now) {
            for (slug, sum) in kept.by_value {
                let Some(slug) = slug else { continue };
                let one = stats.entry(slug).or_default();
                one.tasks_completed_24h = sum.completed;
                one.tasks_failed_24h = sum.failed;
            }
        } else {
            for (_, number) in self.by_end.range((since, 0)..) {
                let run = self.run_at(*number);
                let Some(slug) = self.project_of(run) else { continue };
                let one = stats.entry(slug).or_default();
                let Some(ended) = run.closed().filter(|end| !end.cancelled) else { continue };
                *if ended.completed { &mut one.tasks_completed_24h } else { &mut one.tasks_failed_24h } += 1;
            }
            cold = self.snapshot().filter(|snapshot| !snapshot.is_empty());
        }
        ProjectStatsQuery {
            stats: stats.into_iter().map(|(slug, one)| (slug.to_owned(), one)).collect(),
            cold: cold.map(|snapshot| (snapshot, ColdFilter::new(&day, &self.aliases))),
        }
    }

    /// Agents that worked for a project, by name.
    pub fn project_agents(&self, project_id: &str) -> Vec<String> {
        let works = |agent: &&crate::agent::Agent| {
            agent.projects.keys().any(|project| self.canonical(self.interner.text(*project)) == project_id)
        };
        let mut ids: Vec<String> = self.agents.iter().filter(works).map(|agent| agent.id.to_string()).collect();
        ids.sort_unstable();
        ids
    }
}
