//! Aggregates that tests put together by hand.

use hiveboard_wire::Timestamp;

use crate::{
    aggregates::{
        ActionLabels, ActionSeries, ActionTotals, AgentFacts, Aggregates, ApprovalSeries, DroppedRun, FieldFacts, Flag,
        FlaggedRun, HeartbeatFacts, IssueFacts, LogSums, QueueSample, RunLabels, RunSeries, Seen, Spend, SpendBucket,
    },
    figure::{Unit, text},
    insight::{CheckedResult, Insight, Verdict},
};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The window is the day of 2026-01-02, now its end.
const SINCE: Timestamp = Timestamp(1_767_312_000_000_000);

#[derive(Default)]
pub(crate) struct Made(Aggregates);

/// A series of runs that is being put together; calls to `costs` and `durations` say what each run took.
pub(crate) struct MadeRuns<'a>(&'a mut RunSeries);

/// Half take 0.8 times and half 1.25 times of it: the geometric mean is `typical`, the mean 1.025 times as much.
fn spread(count: u32, typical: f64) -> LogSums {
    let mut sums = LogSums::default();
    for number in 0..count {
        sums.add(typical * if number % 2 == 0 { 0.8 } else { 1.25 });
    }
    sums
}

impl MadeRuns<'_> {
    pub(crate) fn now(self, completed: u32, failed: u32) -> Self {
        (self.0.now.completed, self.0.now.failed) = (completed, failed);
        self
    }

    pub(crate) fn before(self, completed: u32, failed: u32) -> Self {
        (self.0.before.completed, self.0.before.failed) = (completed, failed);
        self
    }

    pub(crate) fn durations(self, before: f64, now: f64) -> Self {
        self.0.before.duration = spread(self.0.before.completed, before);
        self.0.now.duration = spread(self.0.now.completed, now);
        self
    }

    pub(crate) fn costs(self, before: f64, now: f64) -> Self {
        self.0.before.cost = spread(self.0.before.ended() as u32, before);
        self.0.now.cost = spread(self.0.now.ended() as u32, now);
        self
    }

    pub(crate) fn halves(self, early: u32, early_cost: f64, late: u32, late_cost: f64) -> Self {
        self.0.early.cost = spread(early, early_cost);
        self.0.late.cost = spread(late, late_cost);
        self
    }

    /// Tokens of each run.
    pub(crate) fn tokens(self, each: u64) -> Self {
        self.0.now.tokens_in = each * self.0.now.ended();
        self
    }

    pub(crate) fn model(self, model: &str) -> Self {
        self.0.labels.model = Some(model.into());
        self
    }

    /// Seen for the first time so many hours after the window began.
    pub(crate) fn version(self, version: &str, hours: i64) -> Self {
        self.0.labels.version = Some(version.into());
        self.0.first_seen = SINCE.plus_seconds(hours * 3_600);
        self
    }

    /// Of a million tokens in, all but a tenth were sent above the first calls.
    pub(crate) fn grows(self, growable: u32, growing: u32, tokens_out: u64) -> Self {
        let now = &mut self.0.now;
        (now.growable, now.growing, now.tokens_in, now.tokens_out) = (growable, growing, 1_000_000, tokens_out);
        now.grown_tokens = 900_000;
        (0..growing).for_each(|_| now.growth.add(3.0));
        self
    }

    pub(crate) fn repeating(self, runs: u32) -> Self {
        self.0.now.repeating = runs;
        self
    }

    /// Each in a run of its own.
    pub(crate) fn limited(self, times: u32, backoff_seconds: f64, dollars: f64) -> Self {
        (self.0.now.rate_limited, self.0.now.rate_limited_runs) = (times, times);
        (self.0.now.backoff_seconds, self.0.now.retried_cost) = (backoff_seconds, dollars);
        self
    }
}

fn labels(agent: &str, task_type: &str) -> RunLabels {
    RunLabels {
        agent_id: agent.into(),
        agent_type: "worker".into(),
        task_type: Some(task_type.into()),
        environment: "production".into(),
        group: "default".into(),
        ..RunLabels::default()
    }
}

impl Made {
    pub(crate) fn all(mut self) -> Aggregates {
        let until = SINCE.plus_micros(DAY);
        self.0.seen = Seen { since: SINCE, until, ..Seen::default() };
        (self.0.since, self.0.until, self.0.now) = (SINCE, until, until);
        self.0.before_since = SINCE.plus_micros(-DAY);
        self.0
    }

    pub(crate) fn runs(&mut self, agent: &str, task_type: &str) -> MadeRuns<'_> {
        self.0.runs.push(RunSeries { labels: labels(agent, task_type), first_seen: SINCE, ..RunSeries::default() });
        MadeRuns(self.0.runs.last_mut().unwrap())
    }

    pub(crate) fn dropped(&mut self, agent: &str, task_type: &str, runs: usize) {
        for number in 0..runs {
            self.0.dropped.push(DroppedRun {
                labels: labels(agent, task_type),
                task_id: format!("t{number}").into(),
                task_run_id: "".into(),
                last_at: SINCE,
            });
        }
    }

    pub(crate) fn agent(&mut self, agent: &str) -> &mut AgentFacts {
        let place = self.0.agents.iter().position(|known| *known.agent_id == *agent).unwrap_or_else(|| {
            self.0.agents.push(AgentFacts {
                agent_id: agent.into(),
                agent_type: "worker".into(),
                is_idle: true,
                ..AgentFacts::default()
            });
            self.0.agents.len() - 1
        });
        &mut self.0.agents[place]
    }

    /// A snapshot every five minutes from the start of the window on.
    pub(crate) fn queue(&mut self, agent: &str, depths: &[u64], worked: bool) {
        let at = |place: usize| SINCE.plus_micros(place as i64 * 5 * MINUTE);
        self.agent(agent).queue = depths
            .iter()
            .enumerate()
            .map(|(place, depth)| QueueSample { at: at(place), depth: *depth, worked })
            .collect();
    }

    /// A heartbeat a minute, the last an hour before the end of the window.
    pub(crate) fn heartbeats(&mut self, agent: &str, beats: u32, mut field: FieldFacts) {
        let last_at = SINCE.plus_micros(23 * 60 * MINUTE);
        let at = |beat: u32| last_at.plus_micros(-i64::from(beats - beat) * MINUTE);
        (field.last_at, field.changed_at) = (at(field.last_beat), at(field.changed_beat));
        self.agent(agent).heartbeats = HeartbeatFacts { beats, last_at, fields: vec![field] };
    }

    pub(crate) fn approvals(&mut self, agent: &str, before: (u32, f64), now: (u32, f64), pending: &[f64]) {
        let mut series = ApprovalSeries {
            before: spread(before.0, before.1),
            now: spread(now.0, now.1),
            ..ApprovalSeries::default()
        };
        series.labels.agent_id = agent.into();
        series.pending = pending.iter().enumerate().map(|(place, wait)| (*wait, format!("t{place}").into())).collect();
        self.0.approvals.push(series);
    }

    pub(crate) fn action(
        &mut self,
        agent: &str,
        name: &str,
        ended: u32,
        failed: u32,
        error: &str,
    ) -> &mut ActionTotals {
        let now = ActionTotals {
            ended,
            failed,
            errors: vec![(error.into(), failed)],
            last_auth_failed_micros: SINCE.micros() + DAY / 2,
            last_worked_micros: if ended > failed { SINCE.micros() + DAY / 2 } else { 0 },
            ..ActionTotals::default()
        };
        let labels = ActionLabels { agent_id: agent.into(), action_name: name.into(), ..ActionLabels::default() };
        self.0.actions.push(ActionSeries { labels, now, before: ActionTotals::default() });
        &mut self.0.actions.last_mut().unwrap().now
    }

    pub(crate) fn issue(&mut self, agent: &str, summary: &str) -> &mut IssueFacts {
        self.0.issues.push(IssueFacts {
            agent_id: agent.into(),
            issue_id: summary.into(),
            summary: summary.into(),
            severity: "high".into(),
            first_report: SINCE,
            last_report: SINCE.plus_micros(DAY / 2),
            ..IssueFacts::default()
        });
        self.0.issues.last_mut().unwrap()
    }

    pub(crate) fn flag(&mut self, agent: &str, task_type: &str, task_id: &str, flag: Flag) {
        self.0.flagged.push(FlaggedRun {
            at: SINCE,
            labels: labels(agent, task_type),
            task_id: task_id.into(),
            task_run_id: "".into(),
            flag,
            cost: 0.0,
        });
    }

    /// The cost of the days before the window, and of the window: calls go with the cost, tokens of a call and their price stay the same.
    pub(crate) fn spend(&mut self, days: &[f64]) {
        let first = SINCE.plus_micros(-(days.len() as i64 - 1) * DAY);
        let bucket = |(place, dollars): (usize, &f64)| SpendBucket {
            start: first.plus_micros(place as i64 * DAY),
            calls: (dollars * 100.0) as u64,
            dollars: *dollars,
            tokens: (dollars * 100_000.0) as u64,
        };
        self.0.spend = Spend {
            width_seconds: 86_400,
            buckets: days.iter().enumerate().map(bucket).collect(),
            drivers: Vec::new(),
        };
    }
}

/// The one insight found, whose title says nothing that its evidence doesn't.
pub(crate) fn only(verdict: Verdict) -> Insight {
    assert_eq!(verdict.insights.len(), 1, "{:?}", verdict.insights.iter().map(|one| &one.title).collect::<Vec<_>>());
    let insight = verdict.insights.into_iter().next().unwrap();
    assert_figures_are_shown(&insight);
    insight
}

/// Every figure of the title stands in the evidence as it is written, and every evidence leads somewhere.
pub(crate) fn assert_figures_are_shown(insight: &Insight) {
    let units = [Unit::Count(""), Unit::Dollars, Unit::Percent, Unit::Points, Unit::Seconds, Unit::Times];
    let mut left = String::new();
    let mut quoted = false;
    for sign in insight.title.chars() {
        quoted = (quoted || sign == '“') && sign != '”';
        if !quoted {
            left.push(sign);
        }
    }
    let mut shown: Vec<String> = insight
        .evidence
        .iter()
        .flat_map(|evidence| {
            let unit =
                units.into_iter().find(|unit| Some(unit.name()) == evidence.unit.as_deref()).unwrap_or(Unit::Count(""));
            [text(evidence.value, unit)]
        })
        .collect();
    shown.sort_by_key(|one| std::cmp::Reverse(one.len()));
    for figure in shown {
        left = left.replace(&figure, "");
    }
    assert!(!left.contains(|sign: char| sign.is_ascii_digit()), "{}: not in the evidence: {left}", insight.title);
    for evidence in &insight.evidence {
        let page = evidence.link.split('?').next().unwrap();
        assert!(["/", "/tasks", "/cost", "/errors", "/agent", "/pipeline"].contains(&page), "{}", evidence.link);
    }
    assert!(!insight.suggestion.is_empty() && !insight.unit.is_empty() && insight.task_ids.len() <= 10);
    assert!(!format!("{} {}", insight.title, insight.suggestion).contains("cause"), "an insight names no cause");
}

pub(crate) fn assert_enough_for_nothing(verdict: Verdict) {
    let titles: Vec<_> = verdict.insights.iter().map(|one| &one.title).collect();
    assert_eq!(verdict.result(), CheckedResult::Nothing, "{titles:?}");
}

pub(crate) fn assert_too_little(verdict: Verdict) {
    let titles: Vec<_> = verdict.insights.iter().map(|one| &one.title).collect();
    assert_eq!(verdict.result(), CheckedResult::NotEnoughData, "{titles:?}");
}
