//! Figures of projects.

use std::collections::{BTreeMap, BTreeSet};

use hiveboard_wire::Timestamp;

use crate::{
    agent::{DAY, QUARTER},
    projections::Projections,
    view::ProjectStatsView,
};

impl Projections {
    /// One entry for every project that events named, by slug.
    pub fn project_stats(&self, now: Timestamp) -> Vec<ProjectStatsView> {
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
        for (_, number) in self.by_end.range((since, 0)..) {
            let run = self.run_at(*number);
            let Some(slug) = self.project_of(run) else { continue };
            let one = stats.entry(slug).or_default();
            let Some(ended) = run.closed().filter(|end| !end.cancelled) else { continue };
            *if ended.completed { &mut one.tasks_completed_24h } else { &mut one.tasks_failed_24h } += 1;
        }
        let named = |(slug, one): (&str, ProjectStatsView)| ProjectStatsView { project_id: slug.to_owned(), ..one };
        stats.into_iter().map(named).collect()
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
