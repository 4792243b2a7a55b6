//! Tasks that show an insight, looked up once it is found.

use hiveboard_derive::{RunFilter, RunSort, view::TaskStatus};
use hiveboard_insights::{Aggregates, Examples, Insight};
use hiveboard_store::{EventFilter, EventPage, query::SeqOrder};
use hiveboard_wire::{Body, EventType, Scope};

use crate::{
    app::App,
    error::{ApiError, ApiResult},
};

const MOST: usize = 10;
/// Failures that are looked through for one action's.
const FAILURES: usize = 200;

pub(super) fn find(app: &App, scope: Scope, all: &Aggregates, insight: &mut Insight) -> ApiResult<()> {
    let seen = &all.seen;
    let since = insight.since;
    match &insight.examples {
        Examples::Given => {}
        Examples::Runs(meant) => {
            let filter = RunFilter {
                agent_id: meant.agent_id.clone().or_else(|| seen.agent_id.clone()),
                task_type: meant.task_type.clone(),
                agent_version: meant.agent_version.clone(),
                project_id: seen.project_id.clone(),
                environment: seen.environment.clone(),
                group: seen.group.clone(),
                status: if meant.only_failed { vec![TaskStatus::Failed] } else { Vec::new() },
                since: Some(since),
                until: Some(all.until),
                ..RunFilter::default()
            };
            let sort = match (meant.dearest_first, meant.slowest_first) {
                (true, _) => RunSort::Cost,
                (_, true) => RunSort::Duration,
                _ => RunSort::Newest,
            };
            let now = app.clock.now();
            let query = app
                .derived
                .look(scope, |projections| projections.runs(&filter, sort, None, MOST, now))
                .map_err(ApiError::internal)?;
            let page = query.finish().map_err(|error| ApiError::internal(&error))?;
            insight.task_ids = distinct(page.data.into_iter().map(|run| run.task_id));
        }
        Examples::Failures { agent_id, action_name } => {
            let filter = EventFilter {
                agent_id: Some(agent_id.clone()),
                project_id: seen.project_id.clone(),
                environment: seen.environment.clone(),
                group: seen.group.clone(),
                event_types: vec![EventType::ActionFailed],
                since: Some(since),
                until: Some(all.until),
                ..EventFilter::default()
            };
            let page = EventPage { order: SeqOrder::Newest { before: None }, limit: FAILURES };
            let events = app.events(scope, &filter, page)?;
            let of_action = events.into_iter().filter(|stored| match stored.event.body() {
                Body::ActionFailed(action) => action.name.as_deref() == Some(action_name.as_str()),
                _ => false,
            });
            insight.task_ids = distinct(of_action.filter_map(|stored| stored.event.task_id.map(String::from)));
        }
    }
    Ok(())
}

fn distinct(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for id in ids {
        if kept.len() < MOST && !kept.contains(&id) {
            kept.push(id);
        }
    }
    kept
}
