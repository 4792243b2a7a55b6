//! Agents: lists, one in full, and the cheap part that changes with the status.

use std::cmp::Reverse;

use hiveboard_wire::Timestamp;

use crate::{
    agent::{Agent, DAY, HOUR, MINUTE},
    interner::Name,
    issue::severity_rank,
    projections::Projections,
    run::Run,
    time_buckets::TimeBucket,
    view::{
        AgentDetailView, AgentStatsDay, AgentStatsHour, AgentStatus, AgentView, InstanceView, IssueStatus, SeriesPoint,
        StatusView, VersionView, ratio, success_rate,
    },
};

/// All given parts must match; what is empty does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AgentFilter {
    pub agent_id: Option<String>,
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
    /// All agents in order. `now` is the server's clock.
    pub fn agents(&self, filter: &AgentFilter, sort: AgentSort, now: Timestamp) -> Vec<AgentView> {
        self.agents_page(filter, sort, 0, usize::MAX, now)
    }

    /// Some of them: what is shown is put together for these alone.
    pub fn agents_page(
        &self,
        filter: &AgentFilter,
        sort: AgentSort,
        offset: usize,
        limit: usize,
        now: Timestamp,
    ) -> Vec<AgentView> {
        let candidates = match filter.agent_id.as_deref() {
            Some(agent_id) => self.find_agent(agent_id).map(std::slice::from_ref).unwrap_or_default(),
            None => &self.agents,
        };
        let mut found: Vec<(&Agent, AgentStatus)> = candidates
            .iter()
            .filter(|agent| agent.is_known() && self.agent_matches(agent, filter))
            .map(|agent| (agent, self.agent_status_of(agent, now)))
            .filter(|(_, status)| filter.status.is_empty() || filter.status.contains(status))
            .collect();
        let order = |(a, a_status): &(&Agent, AgentStatus), (b, b_status): &(&Agent, AgentStatus)| {
            let by_sort = match sort {
                // Those that said goodbye need nobody.
                AgentSort::Attention => {
                    let key = |agent: &Agent, status| (agent.is_gone(now), status, Reverse(agent.last_seen));
                    key(a, *a_status).cmp(&key(b, *b_status))
                }
                AgentSort::Name => std::cmp::Ordering::Equal,
                AgentSort::LastSeen => b.last_seen.cmp(&a.last_seen),
            };
            by_sort.then_with(|| a.id.cmp(&b.id))
        };
        let end = offset.saturating_add(limit).min(found.len());
        if 0 < end && end < found.len() {
            found.select_nth_unstable_by(end - 1, order);
        }
        found[..end].sort_unstable_by(order);
        let page = found.get(offset..end).unwrap_or_default();
        page.iter().map(|(agent, status)| self.agent_view(agent, *status, now)).collect()
    }

    pub(crate) fn agent_matches(&self, agent: &Agent, filter: &AgentFilter) -> bool {
        let labels = agent.labels.as_ref().map(|latest| &latest.value);
        let is =
            |wanted: &Option<String>, label: Option<&str>| wanted.as_deref().is_none_or(|wanted| label == Some(wanted));
        is(&filter.agent_id, Some(&agent.id))
            && is(&filter.environment, labels.map(|labels| &*labels.environment))
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
            stats_24h: stats_day(agent, now),
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

    fn instances(&self, agent: &Agent, now: Timestamp) -> Vec<InstanceView> {
        let mut views: Vec<InstanceView> = agent
            .instances
            .iter()
            .map(|(name, instance)| InstanceView {
                instance_id: name.text(&self.interner).to_owned(),
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
        let mut by_version = agent.archived.clone();
        for number in &agent.runs {
            let run = self.run_at(*number);
            by_version.entry(run.version.value).or_default().add(run);
        }
        let span = |version| {
            let named = agent.versions.iter().find(|(name, ..)| *name == version);
            named.map_or((agent.first_seen, agent.last_seen), |(_, first, last)| (Timestamp(*first), Timestamp(*last)))
        };
        let mut views: Vec<VersionView> = by_version
            .into_iter()
            .filter(|(_, tally)| tally.runs > 0)
            .map(|(version, tally)| VersionView {
                version: self.interner.optional(version).map(str::to_owned),
                first_seen: span(version).0,
                last_seen: span(version).1,
                tasks_completed: tally.completed,
                tasks_failed: tally.failed,
                success_rate: success_rate(tally.completed, tally.failed),
                durations: tally.durations.figures(),
                total_cost: tally.cost_dollars(),
                avg_cost_per_task: tally.cost_dollars().map(|cost| cost / tally.runs as f64),
                error_count: tally.errors,
                escalation_rate: ratio(tally.escalated, tally.completed + tally.failed + tally.cancelled),
            })
            .collect();
        views.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| b.version.cmp(&a.version)));
        views
    }
}

fn stats(agent: &Agent, total: &TimeBucket) -> AgentStatsHour {
    let open = || agent.issues.values().map(|issue| issue.glance).filter(|issue| issue.status == IssueStatus::Open);
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
        active_issues: open().count() as u64,
        worst_issue: open()
            .map(|issue| issue.severity)
            .min_by_key(|severity| severity_rank(severity))
            .map(str::to_owned),
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

fn stats_day(agent: &Agent, now: Timestamp) -> AgentStatsDay {
    let total = agent.quarters.total(DAY, now);
    let ended = u64::from(total.completed + total.failed + total.cancelled);
    AgentStatsDay {
        base: stats(agent, &total),
        escalation_rate: ratio(u64::from(total.escalated), ended),
        error_rate: ratio(u64::from(total.with_errors), ended),
        recovery_rate: ratio(u64::from(total.recovered), u64::from(total.with_errors)),
        actions_per_task: (ended > 0).then(|| total.actions as f64 / ended as f64),
    }
}
