//! Runs as lists show them.

use hiveboard_wire::Timestamp;

use crate::{
    aliases::Aliases,
    interner::Interner,
    projections::Projections,
    run::Run,
    view::{TaskStatus, TaskView, WaitingView},
};

impl Projections {
    pub(super) fn view_of(&self, number: u32, now: Timestamp) -> TaskView {
        let run = self.run_at(number);
        let agent = self.agent_of(run);
        let status = agent.run_status(run, self.is_stuck(agent, now), now);
        self.task_view(run, status, now)
    }

    pub(super) fn shown_duration_ms(&self, run: &Run, status: TaskStatus, now: Timestamp) -> f64 {
        let stopped = status == TaskStatus::Stuck && self.stops_when_stuck(self.agent_of(run), run, now);
        run.duration_ms(stopped, now)
    }

    pub(crate) fn task_view(&self, run: &Run, status: TaskStatus, now: Timestamp) -> TaskView {
        let duration_ms = self.shown_duration_ms(run, status, now);
        let agent = self.agent_of(run);
        let since = agent.run_status_since(run, status);
        task_view(run, &agent.id, &self.interner, self.project_of(run), (status, since), duration_ms)
    }
}

/// Of a run that ended: nothing about it changes by time or with its agent.
pub(super) fn ended_view(run: &Run, agent_id: &str, interner: &Interner, aliases: &Aliases) -> TaskView {
    let ended = run.standing().ended;
    let status = ended.map_or(TaskStatus::Completed, |ended| ended.status());
    let project = interner.optional(run.project.value).map(|project| aliases.canonical(project));
    let since = ended.map_or(run.last, |ended| ended.at);
    task_view(run, agent_id, interner, project, (status, since), run.duration_ms(true, run.last))
}

/// What is shown of a run.
fn task_view(
    run: &Run,
    agent_id: &str,
    interner: &Interner,
    project: Option<&str>,
    (derived_status, status_since): (TaskStatus, Timestamp),
    duration_ms: f64,
) -> TaskView {
    let counts = &run.counts;
    let raised = run.closed().and_then(|end| end.exception.as_deref());
    let text = |text: Option<&str>| text.map(str::to_owned);
    let some = |count: u32| (count > 0).then_some(count);
    let dollars = |amount: i64| (counts.calls_with_cost > 0).then(|| hiveboard_wire::NanoDollars(amount).dollars());
    TaskView {
        task_id: run.task_id.to_string(),
        task_run_id: run.task_run_id.to_string(),
        task_type: text(interner.optional(run.task_type.value)),
        agent_id: agent_id.to_owned(),
        agent_version: text(interner.optional(run.version.value)),
        environment: interner.optional(run.environment.value).unwrap_or_default().to_owned(),
        group: interner.optional(run.group.value).unwrap_or_default().to_owned(),
        project_id: text(project),
        correlation_id: run.correlation.value.as_ref().map(ToString::to_string),
        derived_status,
        status_since,
        exception_type: text(raised.and_then(|raised| raised.exception_type.as_deref())),
        exception_message: text(raised.and_then(|raised| raised.message.as_deref())),
        waiting: waiting(run),
        started_at: run.first,
        completed_at: run.closed().map(|end| Timestamp(end.micros)),
        last_event_at: run.last,
        duration_ms,
        action_count: run.action_count(),
        error_count: counts.errors,
        cause_count: run.cause_count(),
        retry_count: some(counts.retries),
        llm_call_count: some(counts.llm_calls),
        total_tokens_in: (counts.calls_with_tokens_in > 0).then_some(counts.tokens_in),
        total_tokens_out: (counts.calls_with_tokens_out > 0).then_some(counts.tokens_out),
        total_cost: dollars(counts.cost),
        estimated_cost: dollars(counts.estimated_cost),
        has_escalation: counts.escalations > 0,
        has_human_intervention: run.had_approvals(),
        plan_progress: run.plan.as_ref().and_then(|plan| plan.progress()),
    }
}

fn waiting(run: &Run) -> Option<WaitingView> {
    let people = run.people.as_deref().filter(|_| run.standing().pending)?;
    let request = people.request.as_ref()?;
    Some(WaitingView {
        summary: request.summary.as_deref().map(str::to_owned),
        approver: request.approver.as_deref().map(str::to_owned),
        since: Timestamp(people.requested_micros),
        event_id: request.event_id.to_string(),
    })
}
