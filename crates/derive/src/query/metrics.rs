//! Figures over runs: summary, series and groups.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use hiveboard_wire::Timestamp;

use super::{kept::KeptSums, matcher::Matcher, runs::RunFilter};
use crate::{
    archive::{ColdFilter, ColdRowError, ColdSums, Segment, Snapshot},
    projections::Projections,
    run::Run,
    run_sum::{RunFigures, RunSum},
    view::{MetricsBucket, MetricsGroup, TaskMetrics},
};

/// What runs are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Agent,
    Project,
    TaskType,
    Version,
    Environment,
    Group,
}

/// Buckets in one answer at most; wider ones are used beyond it.
const MOST_BUCKETS: i64 = 2_000;

/// Which stretches of time a series is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bucketing {
    /// So many microseconds each, aligned to UTC.
    Width(i64),
    /// Each from its start to the next one's, in order. What lies before the first counts there.
    Starts(Arc<[Timestamp]>),
}

impl Bucketing {
    /// Whether each bucket is made of whole slots of that width.
    pub(crate) fn is_made_of(&self, slot_micros: i64) -> bool {
        match self {
            Self::Width(width) => width % slot_micros == 0,
            // What lies before the second counts in the first, wherever that begins.
            Self::Starts(starts) => starts.iter().skip(1).all(|start| start.micros().rem_euclid(slot_micros) == 0),
        }
    }

    fn start_of(&self, at: Timestamp) -> Timestamp {
        match self {
            Self::Width(width) => at.bucket(*width),
            Self::Starts(starts) => {
                let after = starts.partition_point(|start| *start <= at);
                starts.get(after.saturating_sub(1)).copied().unwrap_or(at)
            }
        }
    }
}

/// Sums of what was asked for.
struct Sums {
    total: RunSum,
    /// By the value of the dimension.
    groups: HashMap<Option<String>, RunSum>,
    buckets: BTreeMap<Timestamp, RunSum>,
    bucketing: Option<Bucketing>,
    /// What a clock that is ahead stamped later than now counts as now.
    latest: Timestamp,
    grouped: bool,
    /// Of the segment at hand, by the number of the group.
    by_number: Vec<(Option<String>, RunSum)>,
}

impl Sums {
    /// Several runs that ended in one slot.
    fn merge(&mut self, sum: &RunSum, slot: Timestamp) {
        self.total.merge(sum);
        if let Some(bucketing) = &self.bucketing {
            self.buckets.entry(bucketing.start_of(slot.min(self.latest))).or_default().merge(sum);
        }
    }

    /// Takes out what was merged before.
    fn subtract(&mut self, sum: &RunSum, slot: Timestamp) {
        self.total.subtract(sum);
        if let Some(bucketing) = &self.bucketing {
            self.buckets.entry(bucketing.start_of(slot.min(self.latest))).or_default().subtract(sum);
        }
    }

    fn add(&mut self, run: &RunFigures, end: Option<Timestamp>) {
        self.total.add(run);
        if let (Some(bucketing), Some(end)) = (&self.bucketing, end) {
            self.buckets.entry(bucketing.start_of(end.min(self.latest))).or_default().add(run);
        }
    }
}

impl ColdSums for Sums {
    fn whole(&mut self, segment: &Segment) -> bool {
        if let Some(bucketing) = &self.bucketing {
            let bucket = bucketing.start_of(Timestamp(segment.zone.end.0).min(self.latest));
            if bucketing.start_of(Timestamp(segment.zone.end.1).min(self.latest)) != bucket {
                return false;
            }
            self.buckets.entry(bucket).or_default().merge(&segment.sum);
        }
        self.total.merge(&segment.sum);
        true
    }

    fn begin_segment(&mut self) {
        for (key, sum) in self.by_number.drain(..).filter(|(_, sum)| sum.runs > 0) {
            self.groups.entry(key).or_default().merge(&sum);
        }
    }

    fn run(&mut self, figures: &RunFigures, end: Timestamp, group: usize, texts: &[&str]) {
        self.add(figures, Some(end));
        if self.grouped {
            if self.by_number.is_empty() {
                let keys = std::iter::once(None).chain(texts.iter().map(|text| Some((*text).to_owned())));
                self.by_number.extend(keys.map(|key| (key, RunSum::default())));
            }
            if let Some((_, sum)) = self.by_number.get_mut(group) {
                sum.add(figures);
            }
        }
    }
}

/// Figures over runs, half done: those of runs in the archive are added by [`MetricsQuery::finish`].
#[must_use]
pub struct MetricsQuery {
    sums: Sums,
    cold: Option<(Snapshot, ColdFilter)>,
    group_by: Option<GroupBy>,
    filter: RunFilter,
    now: Timestamp,
}

impl MetricsQuery {
    /// Reads the archive; the projections need not be held any more.
    ///
    /// # Errors
    /// [`ColdRowError`] when the disk cannot be read.
    pub fn finish(mut self) -> Result<TaskMetrics, ColdRowError> {
        if let Some((snapshot, filter)) = &self.cold {
            snapshot.sum(filter, self.group_by, &mut self.sums)?;
            self.sums.begin_segment();
        }
        let mut groups: Vec<MetricsGroup> =
            self.sums.groups.into_iter().map(|(key, sum)| MetricsGroup { key, summary: sum.summary() }).collect();
        groups.sort_by(|a, b| (b.summary.total_tasks, &a.key).cmp(&(a.summary.total_tasks, &b.key)));
        let buckets = self.sums.buckets;
        Ok(TaskMetrics {
            summary: self.sums.total.summary(),
            timeseries: match self.sums.bucketing {
                None => Vec::new(),
                Some(Bucketing::Width(width)) => series(buckets, width, &self.filter, self.now),
                Some(Bucketing::Starts(starts)) => rows(buckets, starts.iter().copied()),
            },
            groups,
        })
    }
}

impl Projections {
    /// Summary of the runs that match, and, with `bucketing`, a series: of its starts, or of buckets of its width from `filter.since` (else the first end) to `filter.until`
    /// (else `now`) of those that ended in each bucket; with `group_by` also a summary for each value, the most runs first.
    ///
    /// Money and calls are those of the runs, wherever in time the calls lie.
    pub fn task_metrics(
        &self,
        filter: &RunFilter,
        bucketing: Option<Bucketing>,
        group_by: Option<GroupBy>,
        now: Timestamp,
    ) -> MetricsQuery {
        let matcher = Matcher::new(self, filter, now);
        let snapshot = self.snapshot().filter(|snapshot| !snapshot.is_empty());
        let bucketing = bucketing.map(|bucketing| match bucketing {
            Bucketing::Width(width) => {
                Bucketing::Width(self.fitting_width(width.max(1), filter, snapshot.as_ref(), now))
            }
            starts @ Bucketing::Starts(_) => starts,
        });
        let mut sums = Sums {
            total: RunSum::default(),
            groups: HashMap::new(),
            buckets: BTreeMap::new(),
            bucketing,
            latest: filter.until.map_or(now, |until| until.plus_micros(-1)),
            grouped: group_by.is_some(),
            by_number: Vec::new(),
        };
        let mut groups = BTreeMap::<Option<&str>, RunSum>::new();
        // Of runs that ended the sums may be known; open ones are looked at in any case.
        let kept = self.kept_sums(filter, sums.bucketing.as_ref(), group_by, now);
        let (candidates, snapshot): (Box<dyn Iterator<Item = u32> + '_>, _) = match kept {
            Some(KeptSums { ended, left, by_value }) => {
                for (slot, sum) in &ended {
                    sums.merge(sum, *slot);
                }
                for (slot, sum) in &left {
                    sums.subtract(sum, *slot);
                }
                groups = by_value;
                (self.open_candidates(filter), None)
            }
            None => (self.candidates(filter), snapshot),
        };
        for number in candidates {
            let Some(status) = matcher.matches(number) else { continue };
            let run = self.run_at(number);
            let figures = RunFigures::of(run, status);
            sums.add(&figures, run.closed().map(|end| Timestamp(end.micros)));
            if let Some(group_by) = group_by {
                groups.entry(self.group_key(run, group_by)).or_default().add(&figures);
            }
        }
        sums.groups = groups.into_iter().map(|(key, sum)| (key.map(str::to_owned), sum)).collect();
        MetricsQuery {
            sums,
            cold: snapshot.map(|snapshot| (snapshot, ColdFilter::new(filter, &self.aliases))),
            group_by,
            filter: filter.clone(),
            now,
        }
    }

    fn group_key(&self, run: &Run, group_by: GroupBy) -> Option<&str> {
        let label = match group_by {
            GroupBy::Agent => return Some(&self.agent_of(run).id),
            GroupBy::Project => return self.project_of(run),
            GroupBy::TaskType => run.task_type,
            GroupBy::Version => run.version,
            GroupBy::Environment => run.environment,
            GroupBy::Group => run.group,
        };
        self.interner.optional(label.value)
    }

    fn fitting_width(&self, width: i64, filter: &RunFilter, cold: Option<&Snapshot>, now: Timestamp) -> i64 {
        let first = self.by_end.first().map_or(now, |(at, _)| *at);
        let first = cold.and_then(Snapshot::first_end).map_or(first, |cold| cold.min(first));
        let span = filter.until.unwrap_or(now).micros().saturating_sub(filter.since.unwrap_or(first).micros());
        if span / width <= MOST_BUCKETS { width } else { width * (span / width / MOST_BUCKETS + 1) }
    }
}

/// With empty buckets in between, so that a chart shows the pause.
fn series(buckets: BTreeMap<Timestamp, RunSum>, width: i64, filter: &RunFilter, now: Timestamp) -> Vec<MetricsBucket> {
    let Some(first) = filter.since.map(|since| since.bucket(width)).or_else(|| buckets.keys().next().copied()) else {
        return Vec::new();
    };
    let until = filter.until.unwrap_or(now.plus_micros(1));
    rows(buckets, std::iter::successors(Some(first), |at| Some(at.plus_micros(width))).take_while(|at| *at < until))
}

fn rows(mut buckets: BTreeMap<Timestamp, RunSum>, starts: impl Iterator<Item = Timestamp>) -> Vec<MetricsBucket> {
    starts
        .map(|timestamp| {
            let summary = buckets.remove(&timestamp).unwrap_or_default().summary();
            MetricsBucket {
                timestamp,
                tasks_completed: summary.completed,
                tasks_failed: summary.failed,
                durations: summary.durations,
                success_rate: summary.success_rate,
                cost: summary.total_cost,
                llm_call_count: summary.llm_call_count,
                error_count: summary.error_count,
                throughput: summary.completed + summary.failed + summary.cancelled,
            }
        })
        .collect()
}
