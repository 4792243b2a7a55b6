//! The story of a run as lines: who and how, where the time went, the plan, then every span in the order of the waterfall.

use anstyle::Style;
use hiveboard_wire::Timestamp;

use super::{clean, event_line::of_step, figures, style};
use crate::remote::answers::{Plan, Span, Task, TimeBreakdown, Timeline};

#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Columns.
    pub width: usize,
    /// With what was asked of models and what came back.
    pub verbose: bool,
    pub now: Timestamp,
}

pub fn lines(timeline: &Timeline, how: How) -> Vec<String> {
    let mut lines = head(timeline, how);
    lines.extend(time(&timeline.time_breakdown, how.width));
    if let Some(plan) = &timeline.plan {
        lines.push(String::new());
        lines.extend(plan_lines(plan, how.width));
    }
    lines.push(String::new());
    lines.extend(waterfall(timeline, how));
    lines.extend(chains(timeline, how.width));
    lines
}

fn head(timeline: &Timeline, how: How) -> Vec<String> {
    let task = &timeline.task;
    let status = task.derived_status.as_str();
    let painted = style::paint(style::of_status(status), &format!("{} {status}", style::mark(status)));
    let run =
        if task.task_run_id.is_empty() { String::new() } else { format!(", run {}", clean::line(&task.task_run_id)) };
    let of = if timeline.runs_total > 1 { format!(" ({} runs)", timeline.runs_total) } else { String::new() };
    let mut lines = vec![
        format!(
            "{painted}  {}",
            style::paint(style::BOLD, &clean::cut(&clean::line(&task.task_id), how.width.saturating_sub(14)))
        ),
        clean::cut(&format!("by {}{run}{of}", clean::line(&task.agent_id)), how.width),
    ];
    lines.extend(clean::wrap(&facts(task, how.now).join(" · "), how.width));
    if let Some(waiting) = &task.waiting {
        let who = waiting.approver.as_deref().map_or_else(|| "a person".to_owned(), clean::line);
        let what = waiting.summary.as_deref().map_or_else(String::new, |what| format!(": {}", clean::line(what)));
        let text = format!("? waits for {who} for {}{what}", figures::since(waiting.since, how.now));
        lines.push(style::paint(style::WAITING, &clean::cut(&text, how.width)));
    }
    lines
}

fn facts(task: &Task, now: Timestamp) -> Vec<String> {
    let mut facts = vec![
        format!("began {}", figures::clock(task.started_at, now)),
        format!("{} long", figures::duration(Some(task.duration_ms))),
    ];
    if let Some(cost) = task.total_cost {
        let estimated = if task.estimated_cost.unwrap_or(0.0) > 0.0 { " (in part estimated)" } else { "" };
        facts.push(format!("{}{estimated}", figures::money(Some(cost))));
    }
    if let Some(calls) = task.llm_call_count {
        facts.push(format!("{calls} model {}", if calls == 1 { "call" } else { "calls" }));
    }
    if task.total_tokens_in.is_some() || task.total_tokens_out.is_some() {
        facts.push(format!(
            "{} → {} tokens",
            figures::count(task.total_tokens_in),
            figures::count(task.total_tokens_out)
        ));
    }
    if task.cause_count > 0 {
        facts.push(format!("{} {}", task.cause_count, if task.cause_count == 1 { "error" } else { "errors" }));
    }
    facts
}

/// One bar for the whole, a colour and a letter for each part.
fn time(time: &TimeBreakdown, width: usize) -> Vec<String> {
    let parts = [
        ("models", time.llm_ms, style::MODEL, '█'),
        ("actions", time.actions_ms, style::WORKING, '▓'),
        ("people", time.waiting_ms, style::WAITING, '▒'),
        ("back-off", time.backoff_ms, style::BAD, '░'),
        ("other", time.other_ms, style::DIM, '·'),
    ];
    if time.total_ms <= 0.0 {
        return Vec::new();
    }
    let columns = width.clamp(20, 80);
    let (mut bar, mut words, mut taken, mut spent) = (String::new(), Vec::new(), 0, 0.0);
    for (name, ms, style, sign) in parts.into_iter().filter(|part| part.1 > 0.0) {
        spent += ms;
        let until = (spent / time.total_ms * columns as f64).round() as usize;
        let part: String = std::iter::repeat_n(sign, until.saturating_sub(taken)).collect();
        taken = taken.max(until);
        bar.push_str(&style::paint(style, &part));
        words.push(style::paint(style, &format!("{sign} {name} {}", figures::share(Some(ms / time.total_ms)))));
    }
    vec![bar, words.join("  ")]
}

fn plan_lines(plan: &Plan, width: usize) -> Vec<String> {
    let revision = if plan.revision > 0 { format!(", revision {}", plan.revision) } else { String::new() };
    let goal = plan.goal.as_deref().map_or_else(String::new, |goal| format!(" {}", clean::line(goal)));
    let head = format!("Plan {}/{}{revision}:{goal}", plan.progress.completed, plan.progress.total);
    let mut lines = vec![style::paint(style::BOLD, &clean::cut(&head, width))];
    for step in &plan.steps {
        let words = step.description.as_deref().or(step.summary.as_deref()).unwrap_or("");
        let text = format!("{} {:>2}. {}", style::mark(&step.action), step.step_index + 1, clean::line(words));
        lines.push(format!(
            "  {}",
            style::paint(style::of_status(&step.action), &clean::cut(&text, width.saturating_sub(2)))
        ));
    }
    lines
}

/// When, how long, a bar on the run's axis, and the name, indented as it is nested.
fn waterfall(timeline: &Timeline, how: How) -> Vec<String> {
    const OFFSET: usize = 9;
    const LASTED: usize = 8;
    let Some(whole) = timeline.spans.first() else { return Vec::new() };
    let start = whole.started_at;
    let end = timeline
        .spans
        .iter()
        .filter_map(|span| span.ended_at)
        .chain([timeline.task.last_event_at])
        .max()
        .unwrap_or(start);
    let end = if timeline.task.completed_at.is_none() && timeline.task.derived_status != "stuck" {
        end.max(how.now)
    } else {
        end
    };
    let whole_ms = end.millis_since(start).max(1e-3);
    let columns = (how.width / 4).clamp(10, 48);
    let before_name = OFFSET + 1 + LASTED + 1 + columns + 2;
    let mut lines = vec![style::paint(
        style::HEADING,
        &format!("{:>OFFSET$} {:>LASTED$} {:<columns$}  WHAT", "AFTER", "LASTED", "|"),
    )];
    for span in &timeline.spans {
        let began_ms = span.started_at.millis_since(start);
        let is_moment = matches!(span.kind.as_str(), "note" | "plan" | "escalation");
        let lasted_ms = span.duration_ms.or_else(|| span.ended_at.map(|at| at.millis_since(span.started_at)));
        let lasted_ms = match (lasted_ms, span.outcome.as_str()) {
            (None, "open") => Some(end.millis_since(span.started_at)),
            (lasted, _) => lasted,
        };
        let lasted = if is_moment { String::new() } else { figures::duration(lasted_ms) };
        let bar = place(began_ms / whole_ms, lasted_ms.unwrap_or(0.0) / whole_ms, columns, is_moment);
        let tone = tone(span);
        let indent = "  ".repeat(span.depth as usize).chars().take(24).collect::<String>();
        let room = how.width.saturating_sub(before_name).max(12);
        let (name, details) = (clean::line(&name(span, &timeline.task)), details(span).join(", "));
        let text = clean::cut(&format!("{indent}{} {name}", mark(span)), room);
        let left = room.saturating_sub(clean::width(&text) + 2);
        let details =
            if left >= 8 && !details.is_empty() { format!("  {}", clean::cut(&details, left)) } else { String::new() };
        lines.push(format!(
            "{:>OFFSET$} {lasted:>LASTED$} {}  {}{}",
            format!("+{}", figures::duration(Some(began_ms))),
            style::paint(tone, &bar),
            style::paint(if span.outcome == "failed" { style::BAD } else { style::PLAIN }, &text),
            style::paint(style::DIM, &details),
        ));
        let below = format!("{}{indent}  ", " ".repeat(before_name));
        for (words, style) in said(span, how.verbose) {
            lines.push(format!(
                "{below}{}",
                style::paint(
                    style,
                    &clean::cut(&clean::line(&words), how.width.saturating_sub(clean::width(&below)).max(12))
                )
            ));
        }
    }
    lines
}

/// A bar from `from` for `share` of the whole, both 0 to 1.
fn place(from: f64, share: f64, columns: usize, is_moment: bool) -> String {
    let at = ((from.clamp(0.0, 1.0) * columns as f64).floor() as usize).min(columns - 1);
    if is_moment {
        return format!("{}◆{}", " ".repeat(at), " ".repeat(columns - at - 1));
    }
    let until = (((from + share).clamp(0.0, 1.0) * columns as f64).round() as usize).clamp(at, columns);
    let bar = if until == at { "▏".to_owned() } else { "█".repeat(until - at) };
    let taken = at + until.max(at + 1) - at;
    format!("{}{bar}{}", " ".repeat(at), " ".repeat(columns.saturating_sub(taken)))
}

fn tone(span: &Span) -> Style {
    match (span.outcome.as_str(), span.kind.as_str()) {
        ("failed", _) => style::BAD,
        (_, "llm_call") => style::MODEL,
        (_, "approval" | "escalation" | "retry") => style::WAITING,
        (_, "note" | "plan") => style::DIM,
        ("open", _) => style::WORKING,
        (_, "task") => style::GOOD,
        _ => style::WORKING,
    }
}

fn mark(span: &Span) -> &'static str {
    match (span.outcome.as_str(), span.kind.as_str()) {
        ("failed", _) => "✗",
        ("open", _) => "▶",
        (_, "llm_call") => "◇",
        (_, "approval") => "?",
        (_, "escalation") => "↑",
        (_, "retry") => "↻",
        (_, "plan") => "≡",
        (_, "note") => "·",
        ("unknown", _) => "…",
        _ => "✓",
    }
}

fn name(span: &Span, task: &Task) -> String {
    if span.kind == "task" {
        return task.task_id.clone();
    }
    let attempt =
        span.attempt.filter(|attempt| *attempt > 1).map_or_else(String::new, |attempt| format!(" (try {attempt})"));
    match span.summary.as_deref() {
        Some(summary)
            if matches!(span.kind.as_str(), "note" | "approval" | "escalation" | "plan") && !summary.is_empty() =>
        {
            format!("{}: {summary}{attempt}", span.name)
        }
        _ => format!("{}{attempt}", span.name),
    }
}

fn details(span: &Span) -> Vec<String> {
    let mut details = Vec::new();
    if let Some(llm) = &span.llm {
        // Figures first: where there is no room, it is the model's name that ends early.
        let estimated = if llm.cost_source.as_deref() == Some("estimated") { " est." } else { "" };
        details.extend(llm.cost.map(|cost| format!("{}{estimated}", figures::money(Some(cost)))));
        if llm.tokens_in.is_some() || llm.tokens_out.is_some() {
            details.push(format!("{} → {}", figures::count(llm.tokens_in), figures::count(llm.tokens_out)));
        }
        details.extend(llm.model.as_deref().map(clean::line));
    }
    if let Some(human) = &span.human {
        details.extend(human.asked_of.as_deref().map(|who| format!("asked of {}", clean::line(who))));
        details.extend(human.decision.as_deref().map(clean::line));
        details.extend(human.answered_by.as_deref().map(|who| format!("by {}", clean::line(who))));
    }
    details.extend(span.backoff_ms.map(|pause| format!("pause of {}", figures::duration(Some(pause)))));
    details
}

/// What stands below a span: why it failed, and what was said where that was asked for.
fn said(span: &Span, verbose: bool) -> Vec<(String, Style)> {
    let mut said = Vec::new();
    if let Some(exception) = &span.exception {
        let parts = [exception.exception_type.as_deref(), exception.exception_message.as_deref()];
        let words: Vec<&str> = parts.into_iter().flatten().collect();
        if !words.is_empty() {
            said.push((words.join(": "), style::BAD));
        }
    }
    if verbose {
        if let Some(llm) = &span.llm {
            said.extend(llm.prompt_preview.as_deref().map(|text| (format!("asked: {text}"), style::DIM)));
            said.extend(llm.response_preview.as_deref().map(|text| (format!("answered: {text}"), style::DIM)));
        }
        if let Some(answer) = span.human.as_ref().and_then(|human| human.answer.as_deref()) {
            said.push((format!("said: {answer}"), style::DIM));
        }
    }
    said
}

/// What went wrong for good, with how often it was tried.
fn chains(timeline: &Timeline, width: usize) -> Vec<String> {
    let unmade: Vec<_> = timeline.error_chains.iter().filter(|chain| !chain.recovered).collect();
    if unmade.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), style::paint(style::BOLD, "What went wrong and was not made good")];
    for chain in unmade {
        let failures = chain.links.iter().filter(|link| link.event_type != "retry_started").count();
        let tries = if failures > 1 { format!(", {failures} times") } else { String::new() };
        let what = chain.name.as_deref().unwrap_or("the task");
        let last = chain.links.last();
        let why: Vec<&str> = last
            .iter()
            .flat_map(|link| [link.exception_type.as_deref(), link.message.as_deref().map(of_step)])
            .flatten()
            .collect();
        let text = format!("✗ {}{tries}: {}", clean::line(what), clean::line(&why.join(": ")));
        lines.extend(
            clean::wrap(&text, width.saturating_sub(2))
                .iter()
                .map(|line| format!("  {}", style::paint(style::BAD, line))),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_where_things_happened_and_take_their_columns() {
        assert_eq!(place(0.0, 1.0, 4, false), "████");
        assert_eq!(place(0.5, 0.25, 4, false), "  █ ");
        assert_eq!(place(0.5, 0.0, 4, false), "  ▏ ");
        assert_eq!(place(1.0, 0.0, 4, true), "   ◆");
        for from in 0..=10 {
            for share in 0..=12 {
                let bar = place(f64::from(from) / 10.0, f64::from(share) / 10.0, 13, false);
                assert_eq!(clean::width(&bar), 13, "{from} {share} {bar:?}");
            }
        }
    }
}
