//! Agents, tasks, events and alerts, a line each.

use hiveboard_wire::Timestamp;

use super::{
    Source, arguments,
    text::{after_colon, link, more, quoted},
};
use crate::{
    api::params::Range,
    remote::{
        Fault, Query,
        answers::{Agent, Alert, Event, Task},
        links,
    },
    terminal::{event_line, figures, style},
};

/// The page of an agent.
pub(super) fn agent_link(source: &Source, agent_id: &str) -> String {
    link("agent", &source.link(&links::agent(agent_id)))
}

fn run_link(source: &Source, task: &Task) -> String {
    link("task", &source.link(&links::task(&task.agent_id, &task.task_id, &task.task_run_id)))
}

pub(super) async fn fleet_status(source: &Source, asked: &arguments::FleetStatus) -> Result<Vec<String>, Fault> {
    let query = asked.narrow.query().each("status", &asked.status);
    // The counts are of all of them, the rows of a page.
    let everybody = every_agent(source, &query).await?;
    let listed = source.page("/v1/agents", &asked.page.add_to(query)).await?;
    let agents: Vec<Agent> = listed.read()?;
    if everybody.is_empty() {
        return Ok(vec![format!("No agents fit. {}", link("board", &source.link("/")))]);
    }
    let now = Timestamp::now();
    let mut lines = vec![format!("{} {}", counts(&everybody), link("board", &source.link("/")))];
    lines.extend(agents.iter().map(|agent| agent_line(source, agent, now)));
    lines.extend(more(&listed));
    Ok(lines)
}

/// Every agent that fits, up to a thousand.
pub(super) async fn every_agent(source: &Source, query: &Query) -> Result<Vec<Agent>, Fault> {
    let (mut all, mut cursor) = (Vec::new(), None);
    for _ in 0..5 {
        let page = source.page("/v1/agents", &query.clone().with("limit", 200).maybe("cursor", cursor.take())).await?;
        all.extend(page.read::<Agent>()?);
        cursor = page.cursor.filter(|_| page.has_more);
        if cursor.is_none() {
            break;
        }
    }
    Ok(all)
}

fn counts(agents: &[Agent]) -> String {
    let states = ["stuck", "error", "waiting_approval", "processing", "idle"];
    let parts: Vec<String> = states
        .iter()
        .filter_map(|state| {
            let count = agents.iter().filter(|agent| agent.derived_status == *state).count();
            (count > 0).then(|| format!("{count} {}", style::word(state)))
        })
        .collect();
    let noun = if agents.len() == 1 { "agent" } else { "agents" };
    format!("{} {noun}: {}.", agents.len(), parts.join(", "))
}

pub(super) fn agent_line(source: &Source, agent: &Agent, now: Timestamp) -> String {
    let state = match agent.derived_status.as_str() {
        _ if agent.is_gone() => "gone (said goodbye)",
        "error" => "in error (its last task failed)",
        other => style::word(other),
    };
    let doing = match (&agent.current_task_id, &agent.heartbeat_summary) {
        (Some(task), _) => format!(", at task {}", quoted(task)),
        (None, Some(summary)) if agent.derived_status == "processing" => format!(", says {:?}", quoted(summary)),
        (None, _) => String::new(),
    };
    let hour = &agent.stats_1h;
    let queue = hour.queue_depth.map_or_else(String::new, |depth| format!(", {depth} queued"));
    let issues = if hour.active_issues > 0 { format!(", {} open issues", hour.active_issues) } else { String::new() };
    format!(
        "- {} is {state} for {}{doing}; last seen {} ago; last hour: {} done, {} failed, {}{queue}{issues}. {}",
        quoted(&agent.agent_id),
        figures::since(agent.status_since, now),
        figures::since(agent.last_seen, now),
        hour.tasks_completed,
        hour.tasks_failed,
        figures::money(hour.total_cost),
        agent_link(source, &agent.agent_id)
    )
}

pub(super) async fn list_tasks(source: &Source, asked: &arguments::ListTasks) -> Result<Vec<String>, Fault> {
    let query = asked
        .narrow
        .query()
        .each("status", &asked.status)
        .maybe("task_type", asked.task_type.as_ref())
        .maybe("q", asked.text.as_ref())
        .maybe("sort", asked.sort.as_ref())
        .maybe("range", asked.range.map(Range::as_str));
    let listed = source.page("/v1/tasks", &asked.page.add_to(query)).await?;
    let tasks: Vec<Task> = listed.read()?;
    if tasks.is_empty() {
        return Ok(vec!["No tasks fit.".to_owned()]);
    }
    let mut lines: Vec<String> = tasks.iter().map(|task| task_line(source, task)).collect();
    lines.extend(more(&listed));
    Ok(lines)
}

fn task_line(source: &Source, task: &Task) -> String {
    let mut facts = vec![format!("by {}", quoted(&task.agent_id))];
    facts.extend(task.task_type.as_deref().map(|kind| format!("type {}", quoted(kind))));
    facts.extend((!task.task_run_id.is_empty()).then(|| format!("run {}", quoted(&task.task_run_id))));
    facts.push(format!("began {}", task.started_at));
    facts.push(figures::duration(Some(task.duration_ms)));
    facts.extend(task.total_cost.map(|cost| figures::money(Some(cost))));
    facts.extend(task.llm_call_count.map(|calls| of_calls(calls.into())));
    facts.extend((task.cause_count > 0).then(|| of_errors(task.cause_count)));
    format!(
        "- {} {}{}: {}. {}",
        quoted(&task.task_id),
        task.derived_status,
        why(task),
        facts.join(", "),
        run_link(source, task)
    )
}

/// What a run failed with, or waits for.
fn why(task: &Task) -> String {
    if let Some(waiting) = &task.waiting {
        let whom = waiting.approver.as_deref().map_or_else(String::new, |whom| format!(" for {}", quoted(whom)));
        let what =
            waiting.summary.as_deref().map_or_else(String::new, |what| format!(", who was asked {:?}", quoted(what)));
        return format!("{whom}{what}");
    }
    if task.derived_status != "failed" || (task.exception_type.is_none() && task.exception_message.is_none()) {
        return String::new();
    }
    let kind = task.exception_type.as_deref().map_or_else(|| "an error".to_owned(), quoted);
    format!(" with {:?}", format!("{kind}{}", after_colon(task.exception_message.as_deref())))
}

/// Runs that wait for a person, those first that wait longest.
pub(super) async fn waiting_runs(source: &Source, narrow: &Query) -> Result<Vec<String>, Fault> {
    let query = narrow.clone().with("status", "waiting").with("sort", "oldest").with("limit", arguments::USUAL_ROWS);
    let listed = source.page("/v1/tasks", &query).await?;
    let tasks: Vec<Task> = listed.read()?;
    let mut lines: Vec<String> = tasks.iter().map(|task| task_line(source, task)).collect();
    if listed.has_more {
        lines.push("- … and more: ask list_tasks for those with status waiting.".to_owned());
    }
    Ok(lines)
}

/// `1 model call`
pub(super) fn of_calls(count: u64) -> String {
    format!("{} model {}", figures::count(Some(count)), if count == 1 { "call" } else { "calls" })
}

/// `1 error`
pub(super) fn of_errors(count: u32) -> String {
    format!("{count} {}", if count == 1 { "error" } else { "errors" })
}

pub(super) async fn search_events(source: &Source, asked: &arguments::SearchEvents) -> Result<Vec<String>, Fault> {
    let query = asked
        .narrow
        .query()
        .maybe("q", asked.text.as_ref())
        .maybe("task_id", asked.task_id.as_ref())
        .each("event_type", &asked.event_types)
        .each("payload_kind", &asked.payload_kinds)
        .each("severity", &asked.severities)
        .maybe("range", asked.range.map(Range::as_str));
    let listed = source.page("/v1/events", &asked.page.add_to(query)).await?;
    let events: Vec<Event> = listed.read()?;
    if events.is_empty() {
        return Ok(vec!["No events fit.".to_owned()]);
    }
    let mut lines: Vec<String> = events
        .iter()
        .map(|event| {
            let (words, detail) = event_line::words(event);
            let (task, shown) = match &event.task_id {
                Some(task_id) => {
                    let run = event.task_run_id.as_deref().unwrap_or("");
                    let place = format!(
                        "{}&node={}",
                        links::task(&event.agent_id, task_id, run),
                        links::encoded(&event.event_id)
                    );
                    (format!(" in {}", quoted(task_id)), link("event", &source.link(&place)))
                }
                None => (String::new(), agent_link(source, &event.agent_id)),
            };
            format!(
                "- {} {} {}{task}{}. {shown}",
                event.timestamp,
                quoted(&event.agent_id),
                quoted(&words),
                after_colon(Some(&detail))
            )
        })
        .collect();
    lines.extend(more(&listed));
    Ok(lines)
}

pub(super) async fn alerts(source: &Source, asked: &arguments::Alerts) -> Result<Vec<String>, Fault> {
    let state = asked.state.as_deref().unwrap_or("firing");
    if !["firing", "resolved", "all"].contains(&state) {
        return Err(Fault::Usage(format!("`state` is `{state}`, and must be one of `firing`, `resolved`, `all`.")));
    }
    let query = asked
        .narrow
        .query()
        .maybe("state", (state != "all").then_some(state))
        .maybe("range", asked.range.map(Range::as_str));
    let listed = source.page("/v1/alerts", &asked.page.add_to(query)).await?;
    let alerts: Vec<Alert> = listed.read()?;
    if alerts.is_empty() {
        let none = if state == "firing" { "Nothing fires." } else { "No alerts fit." };
        return Ok(vec![format!("{none} {}", link("alerts", &source.link("/alerts")))]);
    }
    let mut lines: Vec<String> = alerts.iter().map(alert_line).collect();
    lines.extend(more(&listed));
    Ok(lines)
}

pub(super) fn alert_line(alert: &Alert) -> String {
    let until = alert.resolved_at.map_or_else(String::new, |at| format!(", resolved {at}"));
    let by =
        alert.acknowledged_by.as_deref().map_or_else(String::new, |by| format!(", looked after by {}", quoted(by)));
    let advice = if alert.advice.is_empty() { String::new() } else { format!(" {}", quoted(&alert.advice)) };
    format!(
        "- {} {} since {}{until}{by}, by the rule {:?}: {}{advice} {}",
        alert.severity,
        alert.state,
        alert.started_at,
        quoted(&alert.rule_name),
        quoted(&alert.summary),
        link("evidence", &alert.link)
    )
}
