//! One task, step by step.

use hiveboard_wire::Timestamp;

use super::{
    Source, arguments,
    lists::{of_calls, of_errors},
    text::{after_colon, link, quoted},
};
use crate::{
    remote::{
        Fault, Query,
        answers::{Span, Timeline},
        links::{self, TIMELINE},
    },
    terminal::{event_line::of_step, figures},
};

/// Steps of one answer.
const STEPS: usize = 40;

pub(super) async fn task_story(source: &Source, asked: &arguments::TaskStory) -> Result<Vec<String>, Fault> {
    let query = Query::default()
        .with("task_id", &asked.task_id)
        .maybe("task_run_id", asked.task_run_id.as_ref())
        .maybe("agent_id", asked.agent_id.as_ref());
    let timeline: Timeline = source.read(TIMELINE, &query).await?;
    let skipped = asked.skip_steps as usize;
    let mut lines = if skipped == 0 { head(source, &timeline) } else { Vec::new() };
    let start = timeline.task.started_at;
    for span in timeline.spans.iter().skip(1 + skipped).take(STEPS) {
        lines.extend(step(span, start, asked.with_previews));
    }
    let steps = timeline.spans.len().saturating_sub(1);
    let left = steps.saturating_sub(skipped + STEPS);
    if left > 0 {
        lines.push(format!("{left} of {steps} steps follow: ask again with skip_steps {}.", skipped + STEPS));
    }
    Ok(lines)
}

fn head(source: &Source, timeline: &Timeline) -> Vec<String> {
    let task = &timeline.task;
    let place = links::task(&task.agent_id, &task.task_id, &task.task_run_id);
    let mut lines = vec![format!(
        "{} {} after {}: by {}{}, began {}, {}, {}, {}. {}",
        quoted(&task.task_id),
        task.derived_status,
        figures::duration(Some(task.duration_ms)),
        quoted(&task.agent_id),
        if timeline.runs_total > 1 { format!(" (one of {} runs)", timeline.runs_total) } else { String::new() },
        task.started_at,
        of_errors(task.cause_count),
        of_calls(task.llm_call_count.unwrap_or(0).into()),
        figures::money(task.total_cost),
        link("task", &source.link(&place))
    )];
    if let Some(waiting) = &task.waiting {
        lines.push(format!(
            "It waits for {} since {}{}.",
            waiting.approver.as_deref().map_or_else(|| "a person".to_owned(), quoted),
            waiting.since,
            after_colon(waiting.summary.as_deref())
        ));
    }
    let time = &timeline.time_breakdown;
    if time.total_ms > 0.0 {
        let parts = [
            ("model calls", time.llm_ms),
            ("actions", time.actions_ms),
            ("waiting for people", time.waiting_ms),
            ("back-off", time.backoff_ms),
            ("other", time.other_ms),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(_, ms)| *ms > 0.0)
            .map(|(name, ms)| format!("{name} {}", figures::share(Some(ms / time.total_ms))))
            .collect();
        lines.push(format!("Where its time went: {}.", parts.join(", ")));
    }
    for chain in &timeline.error_chains {
        let last = chain.links.last();
        let why = last.and_then(|last| last.message.as_deref().map(of_step).or(last.exception_type.as_deref()));
        lines.push(format!(
            "{}: {} failed{}{}.",
            if chain.recovered { "Made good later" } else { "Never made good" },
            chain.name.as_deref().map_or_else(|| "the task".to_owned(), quoted),
            if chain.links.len() > 1 {
                format!(", with {} events leading to it", chain.links.len() - 1)
            } else {
                String::new()
            },
            after_colon(why)
        ));
    }
    if let Some(plan) = &timeline.plan {
        lines.push(format!(
            "Plan, {} of {} steps done{}",
            plan.progress.completed,
            plan.progress.total,
            after_colon(plan.goal.as_deref())
        ));
        for one in plan.steps.iter().take(20) {
            let words = one.description.as_deref().or(one.summary.as_deref()).unwrap_or("");
            lines.push(format!("  {}. {} {}", one.step_index + 1, quoted(words), one.action));
        }
    }
    lines.push("Steps:".to_owned());
    lines
}

fn step(span: &Span, start: Timestamp, with_previews: bool) -> Vec<String> {
    let indent = "  ".repeat(span.depth.saturating_sub(1).min(6) as usize);
    let mut facts = Vec::new();
    facts.extend(span.duration_ms.map(|ms| figures::duration(Some(ms))));
    if let Some(llm) = &span.llm {
        facts.extend(llm.model.as_deref().map(quoted));
        facts.push(format!("{} → {} tokens", figures::count(llm.tokens_in), figures::count(llm.tokens_out)));
        facts.extend(llm.cost.map(|cost| figures::money(Some(cost))));
    }
    if let Some(human) = &span.human {
        facts.extend(human.asked_of.as_deref().map(|who| format!("asked of {}", quoted(who))));
        facts.extend(human.decision.as_deref().map(quoted));
    }
    facts.extend(span.attempt.filter(|attempt| *attempt > 1).map(|attempt| format!("try {attempt}")));
    let failed = span.exception.as_ref().map_or_else(String::new, |exception| {
        let kind = exception.exception_type.as_deref().map_or_else(String::new, |kind| format!(" {}", quoted(kind)));
        format!("; failed with{kind}{}", after_colon(exception.exception_message.as_deref()))
    });
    let outcome = if span.outcome == "done" { String::new() } else { format!(" {}", span.outcome) };
    let mut lines = vec![format!(
        "{indent}- +{} {} {}{outcome} ({}){}{failed}",
        figures::duration(Some(span.started_at.millis_since(start))),
        span.kind.replace('_', " "),
        quoted(&span.name),
        facts.join(", "),
        after_colon(span.summary.as_deref())
    )];
    if let Some(llm) = span.llm.as_ref().filter(|_| with_previews) {
        lines.extend(llm.prompt_preview.as_deref().map(|text| format!("{indent}  asked: {}", quoted(text))));
        lines.extend(llm.response_preview.as_deref().map(|text| format!("{indent}  answered: {}", quoted(text))));
    }
    lines
}
