//! Which segments may hold what a filter lets through, and which of their rows do.

use std::collections::HashSet;

use hiveboard_text::Needle;
use hiveboard_wire::Timestamp;

use super::{
    ENDED, Entry,
    cold::{ColdRowError, ColdRows},
    columns::{Column, Columns, Integers},
    segment::{Segment, correlation_hash, label_hash},
    texts::UuidNeedle,
};
use crate::{
    aliases::Aliases,
    hash::{run_hash, task_hash},
    interner::Interner,
    query::{RunFilter, run_holds},
    run::Run,
    view::TaskStatus,
};

/// A [`RunFilter`] made ready for segments.
pub(crate) struct ColdFilter {
    filter: RunFilter,
    /// Labels and the texts that they may have.
    labels: Vec<(Column, Vec<String>)>,
    needle: Option<Needle>,
    /// The same where it may stand in a UUID.
    uuid_needle: Option<UuidNeedle>,
    /// Hashes of runs that hold its text elsewhere.
    also: HashSet<u64>,
}

impl ColdFilter {
    pub(crate) fn new(filter: &RunFilter, aliases: &Aliases) -> Self {
        let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<_>>();
        let wanted = [
            (Column::Agent, one(&filter.agent_id)),
            (Column::Project, filter.project_id.as_deref().map_or_else(Vec::new, |project| aliases.all_of(project))),
            (Column::TaskType, one(&filter.task_type)),
            (Column::Version, one(&filter.agent_version)),
            (Column::Environment, one(&filter.environment)),
            (Column::Group, one(&filter.group)),
        ];
        let needle = filter.q.as_deref().map(Needle::new);
        Self {
            labels: wanted.into_iter().filter(|(_, texts)| !texts.is_empty()).collect(),
            uuid_needle: needle.as_ref().and_then(UuidNeedle::new),
            needle,
            also: filter
                .q_in_events
                .iter()
                .map(|key| run_hash(&key.agent_id, &key.task_id, &key.task_run_id))
                .collect(),
            filter: filter.clone(),
        }
    }

    fn takes_status(&self, status: TaskStatus) -> bool {
        self.filter.status.is_empty() || self.filter.status.contains(&status)
    }

    pub(super) fn may_match(&self, segment: &Segment) -> bool {
        let zone = &segment.zone;
        ENDED.iter().zip(zone.statuses).any(|(status, runs)| runs > 0 && self.takes_status(*status))
            && self.filter.since.is_none_or(|since| zone.end.1 >= since.micros())
            && self.filter.until.is_none_or(|until| zone.end.0 < until.micros())
            && self.filter.task_id.as_deref().is_none_or(|task| segment.may_hold(task_hash(task)))
            && self.filter.correlation_id.as_deref().is_none_or(|id| segment.may_hold(correlation_hash(id)))
            && self
                .labels
                .iter()
                .all(|(column, texts)| texts.iter().any(|text| segment.may_hold(label_hash(*column, text))))
    }

    /// Whether every run of the segment matches for certain.
    pub(super) fn matches_all(&self, entry: &Entry) -> bool {
        let zone = &entry.segment.zone;
        entry.dead.is_none()
            && self.labels.is_empty()
            && self.needle.is_none()
            && self.filter.task_id.is_none()
            && self.filter.correlation_id.is_none()
            && ENDED.iter().zip(zone.statuses).all(|(status, runs)| runs == 0 || self.takes_status(*status))
            && self.filter.since.is_none_or(|since| zone.end.0 >= since.micros())
            && self.filter.until.is_none_or(|until| zone.end.1 < until.micros())
    }

    /// Those of `rows` that match, in their order.
    pub(super) fn rows(
        &self,
        entry: &Entry,
        columns: &Columns<'_>,
        cold: &dyn ColdRows,
        mut rows: Vec<u32>,
    ) -> Result<Vec<u32>, ColdRowError> {
        if entry.dead.is_some() {
            rows.retain(|row| !entry.is_dead(*row));
        }
        if rows.is_empty() {
            return Ok(rows);
        }
        let zone = &entry.segment.zone;
        for (column, texts) in &self.labels {
            let known = columns.texts(*column)?;
            let wanted: Vec<i64> = (1..)
                .zip(known)
                .filter(|(_, text)| texts.iter().any(|wanted| wanted == text))
                .map(|(number, _)| number)
                .collect();
            retain(&mut rows, columns.integers(*column)?, |number| wanted.contains(&number));
        }
        let (since, until) = (self.filter.since, self.filter.until);
        if since.is_some_and(|since| zone.end.0 < since.micros())
            || until.is_some_and(|until| zone.end.1 >= until.micros())
        {
            let (since, until) = (since.map_or(i64::MIN, Timestamp::micros), until.map_or(i64::MAX, Timestamp::micros));
            retain(&mut rows, columns.integers(Column::End)?, |end| end >= since && (end < until || until == i64::MAX));
        }
        if !self.filter.status.is_empty() {
            let wanted = ENDED.map(|status| self.takes_status(status));
            retain(&mut rows, columns.integers(Column::Status)?, |place| wanted.get(place as usize) == Some(&true));
        }
        if let Some(task) = self.filter.task_id.as_deref() {
            let hash = task_hash(task) as i64;
            retain(&mut rows, columns.integers(Column::TaskHash)?, |other| other == hash);
        }
        if let Some(id) = self.filter.correlation_id.as_deref() {
            let hash = correlation_hash(id) as i64;
            retain(&mut rows, columns.integers(Column::CorrelationHash)?, |other| other == hash);
        }
        if let Some(needle) = &self.needle {
            self.retain_holding(&mut rows, entry, columns, cold, needle)?;
        }
        let looks_at_texts =
            self.needle.is_some() || self.filter.task_id.is_some() || self.filter.correlation_id.is_some();
        if looks_at_texts && !rows.is_empty() {
            let mut matching = Vec::new();
            entry.segment.rows(cold, &rows, |row, found| {
                let (agent_id, mut names) = (found.agent_id(), Interner::default());
                let run = found.into_run(0, &mut names);
                let is = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
                if is(&self.filter.task_id, &|wanted| *run.task_id == *wanted)
                    && is(&self.filter.correlation_id, &|wanted| {
                        run.correlation.value.as_ref().is_some_and(|id| id.is(wanted))
                    })
                    && self.needle.as_ref().is_none_or(|needle| {
                        run_holds(&run, agent_id, &names, needle) || self.is_found_elsewhere(&run, agent_id)
                    })
                {
                    matching.push(row);
                }
            })?;
            rows = matching;
        }
        Ok(rows)
    }

    /// Leaves out rows that cannot hold the text: their ids don't, nor do their agents and types, nor was it found in their events.
    fn retain_holding(
        &self,
        rows: &mut Vec<u32>,
        entry: &Entry,
        columns: &Columns<'_>,
        cold: &dyn ColdRows,
        needle: &Needle,
    ) -> Result<(), ColdRowError> {
        if rows.is_empty() {
            return Ok(());
        }
        let damaged = || ColdRowError::damaged("the texts of archived runs");
        let mut holds = vec![false; columns.rows()];
        let mut found = |rows: Vec<u32>| {
            rows.into_iter()
                .try_for_each(|row| holds.get_mut(row as usize).map(|holds| *holds = true).ok_or_else(damaged))
        };
        let may_hold = entry.segment.may_hold_text(cold, needle)?;
        if may_hold.ids {
            found(entry.segment.rows_whose_ids_hold(cold, needle)?)?;
        }
        if may_hold.failures {
            found(entry.segment.rows_whose_failures_hold(cold, needle)?)?;
        }
        if let Some(needle) = &self.uuid_needle {
            found(entry.segment.rows_whose_uuids_hold(cold, needle)?)?;
        }
        let labels: &[Column] = if may_hold.ids { &[Column::Agent, Column::TaskType] } else { &[] };
        for label in labels {
            let texts = columns.texts(*label)?;
            let wanted: Vec<bool> = texts.iter().map(|text| needle.is_in_text(text)).collect();
            if wanted.contains(&true) {
                for (row, number) in columns.integers(*label)?.iter().enumerate() {
                    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
                    holds[row] |= place.is_some_and(|place| wanted.get(place) == Some(&true));
                }
            }
        }
        if self.also.iter().any(|hash| entry.segment.may_hold(*hash)) {
            for (row, hash) in columns.integers(Column::Hash)?.iter().enumerate() {
                holds[row] |= self.also.contains(&(hash as u64));
            }
        }
        rows.retain(|row| holds[*row as usize]);
        Ok(())
    }

    fn is_found_elsewhere(&self, run: &Run, agent_id: &str) -> bool {
        !self.also.is_empty()
            && self.also.contains(&run.task_run_id.with_str(|id| run_hash(agent_id, &run.task_id, id)))
    }
}

fn retain(rows: &mut Vec<u32>, values: Integers<'_>, wanted: impl Fn(i64) -> bool) {
    rows.retain(|row| wanted(values.get(*row as usize)));
}
