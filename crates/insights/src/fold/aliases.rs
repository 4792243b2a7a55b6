//! Projects that count for others: what is remembered is under the names that events gave, and is read under those that hold now.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use crate::aggregates::{ActionSeries, Aggregates, ApprovalSeries, Name, RunSeries};

/// Puts everything under the projects that it counts for, and leaves out what is not of the project asked for.
pub(super) fn apply(all: &mut Aggregates, aliases: &HashMap<String, String>) {
    let names: HashMap<&str, Name> =
        aliases.iter().map(|(slug, project)| (slug.as_str(), Arc::from(&**project))).collect();
    let rename = |project: &mut Option<Name>| {
        if let Some(name) = project.as_deref().and_then(|slug| names.get(slug)) {
            *project = Some(Arc::clone(name));
        }
    };
    let wanted = all.seen.project_id.clone();
    let is_meant = |project: &Option<Name>| wanted.is_none() || project.as_deref() == wanted.as_deref();

    let mut runs = BTreeMap::new();
    for mut series in std::mem::take(&mut all.runs) {
        rename(&mut series.labels.project_id);
        if is_meant(&series.labels.project_id) {
            join(&mut runs, series.labels.clone(), series, |sum: &mut RunSeries, more| {
                sum.now.merge(&more.now);
                sum.before.merge(&more.before);
                sum.early.merge(&more.early);
                sum.late.merge(&more.late);
                sum.first_seen = sum.first_seen.min(more.first_seen);
            });
        }
    }
    all.runs = runs.into_values().collect();

    let mut actions = BTreeMap::new();
    for mut series in std::mem::take(&mut all.actions) {
        rename(&mut series.labels.project_id);
        if is_meant(&series.labels.project_id) {
            join(&mut actions, series.labels.clone(), series, |sum: &mut ActionSeries, more| {
                sum.now.merge(&more.now);
                sum.before.merge(&more.before);
            });
        }
    }
    all.actions = actions.into_values().collect();

    let mut approvals = BTreeMap::new();
    for mut series in std::mem::take(&mut all.approvals) {
        rename(&mut series.labels.project_id);
        if is_meant(&series.labels.project_id) {
            join(&mut approvals, series.labels.clone(), series, |sum: &mut ApprovalSeries, more| {
                sum.now.merge(&more.now);
                sum.before.merge(&more.before);
                sum.pending.extend(more.pending);
                sum.pending.sort_by(|a, b| b.0.total_cmp(&a.0));
            });
        }
    }
    all.approvals = approvals.into_values().collect();

    for run in &mut all.flagged {
        rename(&mut run.labels.project_id);
    }
    all.flagged.retain(|run| is_meant(&run.labels.project_id));
    for run in &mut all.dropped {
        rename(&mut run.labels.project_id);
    }
    all.dropped.retain(|run| is_meant(&run.labels.project_id));
}

fn join<L: Ord, S>(into: &mut BTreeMap<L, S>, labels: L, series: S, add: impl FnOnce(&mut S, S)) {
    match into.entry(labels) {
        std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(series)),
        std::collections::btree_map::Entry::Occupied(mut place) => add(place.get_mut(), series),
    }
}
