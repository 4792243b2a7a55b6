//! Agents: lists, one in full, and the cheap part that changes with the status.

use std::cmp::Reverse;

use hiveboard_wire::Timestamp;

use crate::{
    agent::{Agent, DAY, HOUR, MINUTE, QUARTER},
    projections::Projections,
    run::Run,
    sketch::Durations,
    time_buckets::TimeBucket,
    view::{
        AgentDetailView, AgentStatsDay, AgentStatsHour, AgentStatus, AgentView, InstanceView, IssueStatus, Liveness,
        SeriesPoint, StatusView, VersionView, ratio, success_rate,
    },
};

/// All given parts must match; what is empty does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentFilter {
    /// Agents that worked for it.
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub agent_type: Option<String>,
    pub status: Vec<AgentStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AgentSort {
    /// Stuck, error, waiting, processing, idle; then the most recent.
    #[default]
    Attention,
    Name,
    /// The most recent first.
    LastSeen,
}

impl Projections {
    /// Agents in order. `now` is the server's clock.
    pub fn agents(&self, filter: &AgentFilter, sort: AgentSort, now: Timestamp) -> Vec<AgentView> {
        let mut views: Vec<AgentView> = self
            .agents
            .iter()
            .filter(|agent| agent.first_seen != Timestamp::MAX && self.agent_matches(agent, filter))
            .map(|agent| (agent, self.agent_status_of(agent, now)))
            .filter(|(_, status)| filter.status.is_empty() || filter.status.contains(status))
            .map(|(agent, status)| self.agent_view(agent, status, now))
            .collect();
        match sort {
            AgentSort::Attention => views.sort_by(|a, b| {
                // Those that said goodbye need nobody.
                let key =
                    |view: &AgentView| (view.liveness == Liveness::Gone, view.derived_status, Reverse(view.last_seen));
                key(a).cmp(&key(b)).then_with(|| a.agent_id.cmp(&b.agent_id))
            }),
            AgentSort::Name => views.sort_by(|a, b| a.agent_id.cmp(&b.agent_id)),
            AgentSort::LastSeen => {
                views.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.agent_id.cmp(&b.agent_id)));
            }
        }
        views
    }

    pub(crate) fn agent_matches(&self, agent: &Agent, filter: &AgentFilter) -> bool {
        let labels = agent.labels.as_ref().map(|latest| &latest.value);
        let is =
            |wanted: &Option<String>, label: Option<&str>| wanted.as_deref().is_none_or(|wanted| label == Some(wanted));
        is(&filter.environment, labels.map(|labels| &*labels.environment))
            && is(&filter.group, labels.map(|labels| &*labels.group))
            && is(&filter.agent_type, labels.map(|labels| &*labels.agent_type))
            && filter.project_id.as_deref().is_none_or(|wanted| {
                agent.projects.keys().any(|project| self.canonical(self.interner.text(*project)) == wanted)
            })
    }

    /// One agent in full; `None` when no event of it ever arrived.
    pub fn agent(&self, agent_id: &str, now: Timestamp) -> Option<AgentDetailView> {
        let agent = self.find_agent(agent_id)?;
        let status = self.agent_status_of(agent, now);
        // The same quarters as in `stats_24h`; the first of the 25 hours is there in part.
        let slots = agent.quarters.slot(now.plus_micros(-DAY))..=i64::MAX;
        let mut hours: Vec<(Timestamp, TimeBucket)> =
            (0..25).map(|hour| (now.bucket(HOUR).plus_micros((hour - 24) * HOUR), TimeBucket::default())).collect();
        for (slot, bucket) in agent.quarters.range(slots) {
            // What is stamped later than now counts as now.
            let at = Timestamp(slot * 15 * MINUTE).bucket(HOUR).min(now.bucket(HOUR));
            if let Some((_, total)) = hours.iter_mut().find(|(start, _)| *start == at) {
                total.merge(bucket);
            }
        }
        Some(AgentDetailView {
            agent: self.agent_view(agent, status, now),
            stats_24h: self.stats_day(agent, now),
            timeseries: hours.iter().map(|(at, bucket)| series_point(*at, bucket)).collect(),
            recent_heartbeats: agent.heartbeats.views(),
            instances: self.instances(agent, now),
            versions: self.versions(agent),
        })
    }

    /// The cheap part of an agent.
    pub fn agent_status(&self, agent_id: &str, now: Timestamp) -> Option<StatusView> {
        let agent = self.find_agent(agent_id)?;
        Some(self.status_view(agent, self.agent_status_of(agent, now), now))
    }

    pub(crate) fn status_view(&self, agent: &Agent, status: AgentStatus, now: Timestamp) -> StatusView {
        let stuck = status == AgentStatus::Stuck;
        let current = self.current_run(agent, stuck, now);
        let labels = agent.labels.as_ref().map(|latest| &latest.value);
        StatusView {
            agent_id: agent.id.to_string(),
            derived_status: status,
            status_since: Self::agent_status_since(agent, status, now),
            liveness: agent.liveness(now),
            clock_skew_ms: agent.skew.median_ms(),
            is_stuck: stuck,
            current_task_id: current.map(|run| run.task_id.to_string()),
            current_task_run_id: current.map(|run| run.task_run_id.to_string()),
            current_project_id: current.and_then(|run| self.project_of(run)).map(str::to_owned),
            environment: labels.map_or("", |labels| &labels.environment).to_owned(),
            group: labels.map_or("", |labels| &labels.group).to_owned(),
            last_heartbeat: agent.last_heartbeat,
            heartbeat_age_seconds: agent.last_heartbeat.map(|at| now.seconds_since(at).max(0.0)),
            heartbeat_summary: agent.heartbeat_summary.as_ref().map(|latest| latest.value.to_string()),
            last_seen: agent.last_seen,
            stuck_threshold_seconds: agent.threshold_seconds(),
        }
    }

    pub(crate) fn project_of(&self, run: &Run) -> Option<&str> {
        run.project.value.map(|project| self.canonical(self.interner.text(project)))
    }

    fn agent_view(&self, agent: &Agent, status: AgentStatus, now: Timestamp) -> AgentView {
        let cheap = self.status_view(agent, status, now);
        let labels = agent.labels.as_ref().map(|latest| &latest.value);
        let text = |text: Option<&str>| text.map(str::to_owned);
        let mut projects: Vec<String> =
            agent.projects.keys().map(|project| self.canonical(self.interner.text(*project)).to_owned()).collect();
        projects.sort_unstable();
        projects.dedup();
        AgentView {
            agent_type: labels.map_or("", |labels| &labels.agent_type).to_owned(),
            agent_version: text(agent.version()),
            framework: labels.map_or("", |labels| &labels.framework).to_owned(),
            runtime: text(labels.and_then(|labels| labels.runtime.as_deref())),
            sdk_version: text(labels.and_then(|labels| labels.sdk_version.as_deref())),
            liveness: cheap.liveness,
            status_since: cheap.status_since,
            clock_skew_ms: cheap.clock_skew_ms,
            heartbeat_interval_seconds: agent
                .registration
                .as_ref()
                .and_then(|latest| latest.value.heartbeat_interval_seconds),
            first_seen: agent.first_seen,
            projects,
            sparkline_1h: sparkline(agent, now),
            stats_1h: stats(agent, &agent.minutes.total(HOUR, now)),
            agent_id: cheap.agent_id,
            environment: cheap.environment,
            group: cheap.group,
            derived_status: cheap.derived_status,
            current_task_id: cheap.current_task_id,
            current_task_run_id: cheap.current_task_run_id,
            current_project_id: cheap.current_project_id,
            last_heartbeat: cheap.last_heartbeat,
            heartbeat_age_seconds: cheap.heartbeat_age_seconds,
            is_stuck: cheap.is_stuck,
            stuck_threshold_seconds: cheap.stuck_threshold_seconds,
            last_seen: cheap.last_seen,
            heartbeat_summary: cheap.heartbeat_summary,
        }
    }

    fn stats_day(&self, agent: &Agent, now: Timestamp) -> AgentStatsDay {
        let mut tally = Tally::default();
        let since = now.plus_micros(-DAY).bucket(QUARTER);
        for number in &agent.runs {
            let run = self.run_at(*number);
            if run.closed().is_some_and(|end| end.micros >= since.micros()) {
                tally.add(run);
            }
        }
        let ended = tally.completed + tally.failed + tally.cancelled;
        AgentStatsDay {
            base: stats(agent, &agent.quarters.total(DAY, now)),
            escalation_rate: ratio(tally.escalated, ended),
            error_rate: ratio(tally.with_errors, ended),
            recovery_rate: ratio(tally.recovered, tally.with_errors),
            actions_per_task: (ended > 0).then(|| tally.actions as f64 / ended as f64),
        }
    }

    fn instances(&self, agent: &Agent, now: Timestamp) -> Vec<InstanceView> {
        let mut views: Vec<InstanceView> = agent
            .instances
            .iter()
            .map(|(name, instance)| InstanceView {
                instance_id: self.interner.text(*name).to_owned(),
                first_seen: instance.first_seen,
                last_seen: instance.last_seen,
                is_silent: now.micros().saturating_sub(instance.last_sign.micros()) > agent.threshold_micros(),
                open_runs: agent.open.iter().filter(|run| self.run_at(**run).instance.value == Some(*name)).count()
                    as u64,
            })
            .collect();
        views.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.instance_id.cmp(&b.instance_id)));
        views
    }

    fn versions(&self, agent: &Agent) -> Vec<VersionView> {
        let mut by_version = std::collections::BTreeMap::<_, Tally>::new();
        for number in &agent.runs {
            let run = self.run_at(*number);
            by_version.entry(run.version.value).or_default().add(run);
        }
        let mut views: Vec<VersionView> = by_version
            .into_iter()
            .map(|(version, tally)| VersionView {
                version: self.interner.optional(version).map(str::to_owned),
                first_seen: tally.first,
                last_seen: tally.last,
                tasks_completed: tally.completed,
                tasks_failed: tally.failed,
                success_rate: success_rate(tally.completed, tally.failed),
                durations: tally.durations.figures(),
                total_cost: tally.cost.map(|nanos| nanos as f64 / 1e9),
                avg_cost_per_task: tally.cost.map(|nanos| nanos as f64 / 1e9 / tally.runs as f64),
                error_count: tally.errors,
                escalation_rate: ratio(tally.escalated, tally.completed + tally.failed + tally.cancelled),
            })
            .collect();
        views.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| b.version.cmp(&a.version)));
        views
    }
}

/// Sums over some runs of one agent.
struct Tally {
    runs: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
    escalated: u64,
    with_errors: u64,
    recovered: u64,
    actions: u64,
    errors: u64,
    cost: Option<i64>,
    durations: Durations,
    first: Timestamp,
    last: Timestamp,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            runs: 0,
            completed: 0,
            failed: 0,
            cancelled: 0,
            escalated: 0,
            with_errors: 0,
            recovered: 0,
            actions: 0,
            errors: 0,
            cost: None,
            durations: Durations::default(),
            first: Timestamp::MAX,
            last: Timestamp::MIN,
        }
    }
}

impl Tally {
    fn add(&mut self, run: &Run) {
        self.runs += 1;
        self.first = self.first.min(run.first);
        self.last = self.last.max(run.last);
        self.errors += u64::from(run.counts.errors);
        if run.counts.calls_with_cost > 0 {
            self.cost = Some(self.cost.unwrap_or(0).saturating_add(run.counts.cost));
        }
        let Some(ended) = run.standing().ended else { return };
        let side = match (ended.cancelled, ended.completed) {
            (true, _) => &mut self.cancelled,
            (false, true) => &mut self.completed,
            (false, false) => &mut self.failed,
        };
        *side += 1;
        self.durations.add(ended.duration_micros);
        self.escalated += u64::from(run.counts.escalations > 0);
        self.with_errors += u64::from(run.counts.errors > 0);
        self.recovered += u64::from(run.counts.errors > 0 && ended.completed && !ended.cancelled);
        self.actions += u64::from(run.action_count());
    }
}

fn stats(agent: &Agent, total: &TimeBucket) -> AgentStatsHour {
    let (completed, failed) = (u64::from(total.completed), u64::from(total.failed));
    AgentStatsHour {
        tasks_completed: completed,
        tasks_failed: failed,
        success_rate: success_rate(completed, failed),
        durations: total.durations.figures(),
        total_cost: total.cost_dollars(),
        estimated_cost: total.estimated_dollars(),
        llm_call_count: u64::from(total.llm_calls),
        total_tokens_in: (total.calls_with_tokens_in > 0).then_some(total.tokens_in),
        total_tokens_out: (total.calls_with_tokens_out > 0).then_some(total.tokens_out),
        error_count: u64::from(total.errors),
        throughput: completed + failed + u64::from(total.cancelled),
        queue_depth: agent.queue.as_ref().map(|latest| latest.value.depth()),
        active_issues: agent.issues.values().filter(|issue| issue.status() == IssueStatus::Open).count() as u64,
    }
}

fn series_point(timestamp: Timestamp, bucket: &TimeBucket) -> SeriesPoint {
    SeriesPoint {
        timestamp,
        tasks_completed: u64::from(bucket.completed),
        tasks_failed: u64::from(bucket.failed),
        durations: bucket.durations.figures(),
        cost: bucket.cost_dollars(),
        llm_call_count: u64::from(bucket.llm_calls),
        error_count: u64::from(bucket.errors),
        event_count: u64::from(bucket.events),
        throughput: u64::from(bucket.completed + bucket.failed + bucket.cancelled),
    }
}

/// The sixty minutes up to and with the current one, five to a slot; what is stamped later counts as now.
fn sparkline(agent: &Agent, now: Timestamp) -> [u32; 12] {
    let last = agent.minutes.slot(now);
    let mut slots = [0; 12];
    for (minute, bucket) in agent.minutes.range(last - 59..=i64::MAX) {
        slots[((minute.min(last) - (last - 59)) / 5) as usize] += bucket.events;
    }
    slots
}
