//! What happened before, for rules that add up over a window.

use hiveboard_alerts::{
    Evaluator,
    facts::{End, Spent},
    rule::Labels,
    span::Span,
};
use hiveboard_derive::{RunFilter, RunSort, view::TaskStatus};
use hiveboard_store::{CallFilter, Dimension};
use hiveboard_wire::{RunKey, Scope, Timestamp};

use crate::app::App;

/// Runs read at once, and at most: of more, the newest count.
const RUNS_A_PAGE: usize = 1_000;
const MOST_RUNS: usize = 200_000;
/// How often the sums are read again because events came meanwhile.
const ATTEMPTS: usize = 4;

/// Fills the sums that know nothing yet.
pub(super) fn seed(app: &App, scope: Scope, evaluator: &mut Evaluator, now: Timestamp) -> anyhow::Result<()> {
    let (costs, ends) = evaluator.unseeded();
    for span in costs {
        seed_costs(app, scope, evaluator, span, now)?;
    }
    for span in ends {
        seed_ends(app, scope, evaluator, span, now)?;
    }
    Ok(())
}

fn seed_costs(app: &App, scope: Scope, evaluator: &mut Evaluator, span: Span, now: Timestamp) -> anyhow::Result<()> {
    let filter = CallFilter { since: Some(span.since(now)), ..CallFilter::default() };
    let by = [Dimension::Agent, Dimension::Project, Dimension::TaskType, Dimension::Environment];
    let mut before = app.store.head();
    let mut groups = app.store.call_groups(scope, &filter, &by, Some(span.width_micros()), usize::MAX)?;
    for _ in 0..ATTEMPTS {
        let after = app.store.head();
        if after == before {
            break;
        }
        // Whether the sums hold what came meanwhile nobody can tell.
        before = after;
        groups = app.store.call_groups(scope, &filter, &by, Some(span.width_micros()), usize::MAX)?;
    }
    for group in groups.groups {
        let key = |place: usize| group.keys.get(place).and_then(Option::as_deref);
        let agent_id = key(0).unwrap_or_default();
        let (agent_type, agent_group) = evaluator.labels_of(agent_id).unwrap_or_default();
        let labels = Labels {
            agent_id,
            agent_type: &agent_type,
            environment: key(3).unwrap_or_default(),
            group: &agent_group,
            project_id: key(1),
            task_type: key(2),
        };
        let spent = Spent { labels, at: group.bucket.unwrap_or(now), cost: group.totals.cost };
        evaluator.seed_cost(span, &spent, group.totals.call_count, now);
    }
    evaluator.seeded(true, span, before.seq());
    Ok(())
}

fn seed_ends(app: &App, scope: Scope, evaluator: &mut Evaluator, span: Span, now: Timestamp) -> anyhow::Result<()> {
    let filter = RunFilter {
        status: vec![TaskStatus::Completed, TaskStatus::Failed],
        since: Some(span.since(now)),
        ..RunFilter::default()
    };
    let (mut cursor, mut read, mut head) = (None::<String>, 0, None);
    while read < MOST_RUNS {
        let query = app.derived.look(scope, |projections| {
            head.get_or_insert(projections.head());
            projections.runs(&filter, RunSort::Newest, cursor.as_deref(), RUNS_A_PAGE, now)
        });
        let page = query?.finish()?;
        read += page.data.len();
        for run in &page.data {
            let key = RunKey {
                agent_id: run.agent_id.as_str().into(),
                task_id: run.task_id.as_str().into(),
                task_run_id: run.task_run_id.as_str().into(),
            };
            let (agent_type, _) = evaluator.labels_of(&run.agent_id).unwrap_or_default();
            let labels = Labels {
                agent_id: &run.agent_id,
                agent_type: &agent_type,
                environment: &run.environment,
                group: &run.group,
                project_id: run.project_id.as_deref(),
                task_type: run.task_type.as_deref(),
            };
            let failed = run.derived_status == TaskStatus::Failed;
            let end = End { labels, at: run.completed_at.unwrap_or(run.last_event_at), failed, run: &key };
            evaluator.seed_end(span, &end, now);
        }
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    evaluator.seeded(false, span, head.unwrap_or(0));
    Ok(())
}
