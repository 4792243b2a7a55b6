//! What people read of an alert: what, which, since when, why it matters, and where to look.

use std::fmt::Write as _;

use hiveboard_derive::view::TaskStatus;
use hiveboard_wire::{Quoted, Timestamp};
use serde_json::{Value, json};

use crate::{
    alert::Evidence,
    condition::Condition,
    facts::{AgentFacts, InsightFacts, IssueFacts, ItemFacts, QueueFacts, RunFacts},
    meter::{Apart, LastFailed, Sum},
    rule::RuleScope,
    subject::Subject,
};

/// Of what is silent: the place of the last event that came of it before the alert. What comes after it ends the alert.
pub(crate) const LAST_EVENT_SEQ: &str = "last_event_seq";

/// The run that failed last.
pub const LAST_FAILED: &str = "last_failed";

/// What was found, with the facts at hand.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    Agent(&'a AgentFacts),
    Silence { last_at: Timestamp },
    Run(&'a RunFacts),
    Sum { sum: Sum, apart: &'a Apart, last_failed: Option<&'a LastFailed> },
    Queue(&'a QueueFacts),
    Issue(&'a IssueFacts),
    Item(&'a ItemFacts),
    Insight(&'a InsightFacts),
    Gone,
}

/// `45 s`, `12 min`, `1 h 5 min`, `2 days 3 h`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    let two = |big: u64, unit: &str, small: u64, small_unit: &str| {
        if small == 0 { format!("{big} {unit}") } else { format!("{big} {unit} {small} {small_unit}") }
    };
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => {
            let days = seconds / 86_400;
            two(days, if days == 1 { "day" } else { "days" }, seconds % 86_400 / 3_600, "h")
        }
    }
}

/// `14:03 UTC on 2026-02-12`.
pub fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(time)) => format!("{time} UTC on {date}"),
        _ => text,
    }
}

pub fn dollars(usd: f64) -> String {
    if usd.abs() < 0.01 && usd != 0.0 { format!("${usd:.4}") } else { format!("${usd:.2}") }
}

fn number(value: f64) -> String {
    if (value - value.round()).abs() < 0.05 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn plural(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// With a full stop, where what people wrote does not end a sentence by itself.
fn sentence(mut text: String) -> String {
    if !text.ends_with(['.', '!', '?', '…']) {
        text.push('.');
    }
    text
}

fn whole(scope: &RuleScope) -> String {
    format!("of {}", scope.words())
}

/// The sentence, and the figures behind it.
pub fn found(
    condition: &Condition,
    scope: &RuleScope,
    subject: &Subject,
    about: About<'_>,
    value: f64,
    now: Timestamp,
) -> (String, Evidence) {
    let agent = Quoted(subject.agent_id().map_or("", |id| id));
    let mut evidence = Evidence::new();
    let mut note = |name: &str, value: Value| {
        evidence.insert(name.to_owned(), value);
    };
    let said = match (condition, about) {
        (Condition::AgentStuck {}, About::Agent(facts)) => {
            note("last_sign_at", json!(facts.last_sign));
            note(LAST_EVENT_SEQ, json!(facts.stuck_seq));
            note("stuck_threshold_seconds", json!(facts.stuck_threshold_seconds));
            note("current_task_id", json!(facts.current_task_id));
            let at_work =
                facts.current_task_id.as_ref().map_or_else(String::new, |task| format!(" at task {}", Quoted(task)));
            format!(
                "Agent {agent} is stuck{at_work}: no sign of life for {} (its limit is {}).",
                duration(now.seconds_since(facts.last_sign)),
                duration(facts.stuck_threshold_seconds)
            )
        }
        (Condition::HeartbeatLost { seconds }, About::Agent(facts)) => {
            note("last_sign_at", json!(facts.last_sign));
            note(LAST_EVENT_SEQ, json!(facts.last_seq));
            format!(
                "Agent {agent} gave no sign of life for {}, since {} (the limit is {}).",
                duration(now.seconds_since(facts.last_sign)),
                moment(facts.last_sign),
                duration(*seconds as f64)
            )
        }
        (Condition::NoEvents { seconds }, About::Silence { last_at }) => {
            note("last_event_at", json!(last_at));
            format!(
                "Nothing arrived {} for {} (the limit is {}).",
                whole(scope),
                duration(now.seconds_since(last_at)),
                duration(*seconds as f64)
            )
        }
        (Condition::TaskFailed { .. }, About::Sum { sum, last_failed, .. }) => {
            note("failed", json!(sum.first));
            note("ended", json!(sum.second));
            let runs = plural(sum.first.max(0) as u64, "run", "runs");
            let span = condition.span().map_or_else(String::new, crate::span::Span::words);
            let mut text = format!("{runs} {} failed {span}", whole(scope));
            if let Some(LastFailed { run, .. }) = last_failed {
                note(
                    LAST_FAILED,
                    json!({"agent_id": run.agent_id, "task_id": run.task_id, "task_run_id": run.task_run_id}),
                );
                let _ok =
                    write!(text, "; the last one was task {} of agent {}", Quoted(&run.task_id), Quoted(&run.agent_id));
            }
            text + "."
        }
        (Condition::ErrorRate { percent, .. }, About::Sum { sum, .. }) => {
            note("failed", json!(sum.first));
            note("ended", json!(sum.second));
            let span = condition.span().map_or_else(String::new, crate::span::Span::words);
            format!(
                "{} % of the runs {} failed {span}: {} of {} (the limit is {} %).",
                number(value),
                whole(scope),
                sum.first,
                sum.second,
                number(*percent)
            )
        }
        (Condition::DurationExceeded { seconds }, About::Run(run)) => {
            note("started_at", json!(run.started_at));
            note("ended_at", json!(run.ended_at));
            let took = if run.ended_at.is_some() { "took" } else { "has been running for" };
            format!(
                "Task {} of agent {agent} {took} {} (the limit is {}).",
                Quoted(&run.key.task_id),
                duration(value),
                duration(*seconds as f64)
            )
        }
        (Condition::TaskStalled { seconds }, About::Run(run)) => {
            note("started_at", json!(run.started_at));
            note("last_event_at", json!(run.last_sign));
            note(LAST_EVENT_SEQ, json!(run.last_seq));
            format!(
                "Task {} of agent {agent} is open and said nothing for {} (the limit is {}).",
                Quoted(&run.key.task_id),
                duration(value),
                duration(*seconds as f64)
            )
        }
        (Condition::ApprovalWaiting { .. }, About::Run(run)) => {
            let waiting = run.waiting.as_ref();
            note("asked_at", json!(waiting.map(|waiting| waiting.since)));
            note("approver", json!(waiting.and_then(|waiting| waiting.approver.as_ref())));
            note("request", json!(waiting.and_then(|waiting| waiting.summary.as_ref())));
            let by = waiting.and_then(|waiting| waiting.approver.as_ref());
            let by = by.map_or_else(|| "an answer".to_owned(), |by| format!("{by} to answer"));
            let request = waiting.and_then(|waiting| waiting.summary.as_ref());
            let request = request.map_or_else(String::new, |request| format!(": {request}"));
            sentence(format!(
                "Task {} of agent {agent} has waited {} for {by}{request}",
                Quoted(&run.key.task_id),
                duration(value)
            ))
        }
        (Condition::CostThreshold { usd, .. }, About::Sum { sum, apart, .. }) => {
            note("calls", json!(sum.second));
            let span = condition.span().map_or_else(String::new, crate::span::Span::words);
            let who = match (&apart.agent_id, &apart.project_id) {
                (Some(agent), _) => format!("agent {}", Quoted(agent)),
                (None, Some(project)) => format!("project {}", Quoted(project)),
                (None, None) => scope.words(),
            };
            format!(
                "{} was spent by {who} {span}, in {} (the limit is {}).",
                dollars(value),
                plural(sum.second.max(0) as u64, "model call", "model calls"),
                dollars(usd.unwrap_or_default())
            )
        }
        (Condition::QueueBacklog { .. }, About::Queue(queue)) => {
            note("depth", json!(queue.depth));
            note("oldest_age_seconds", json!(queue.oldest_age_seconds));
            note("snapshot_at", json!(queue.snapshot_at));
            let oldest = queue.oldest_age_seconds;
            let oldest = oldest.map_or_else(String::new, |age| format!(", the oldest for {}", duration(age)));
            format!("{} in the queue of agent {agent}{oldest}.", {
                let verb = if queue.depth == 1 { "item waits" } else { "items wait" };
                format!("{} {verb}", queue.depth)
            })
        }
        (Condition::IssueReported { .. }, About::Issue(issue)) => {
            let severity = serde_json::to_value(issue.severity).unwrap_or_default();
            note("issue_severity", severity.clone());
            note("category", json!(issue.category));
            note("occurrences", json!(issue.occurrences));
            note("reported_at", json!(issue.reported_at));
            let times = if issue.occurrences > 1 { format!(" ({} times)", issue.occurrences) } else { String::new() };
            format!(
                "Agent {agent} reports an issue of {} severity{times}: {}",
                severity.as_str().unwrap_or("medium"),
                issue.summary.as_deref().unwrap_or(&issue.issue_id)
            )
        }
        (Condition::ScheduleOverdue { .. }, About::Item(item)) => {
            note("next_run", json!(item.next_run));
            format!(
                "{} of agent {agent} was due at {} and has not run: {} late.",
                Quoted(&item.name),
                moment(item.next_run),
                duration(value)
            )
        }
        (Condition::Insight { .. }, About::Insight(insight)) => {
            note("insight", json!(insight.kind));
            note("suggestion", json!(insight.suggestion));
            note("since", json!(insight.since));
            insight.title.clone()
        }
        _ => format!("{} holds {}.", condition.type_name(), whole(scope)),
    };
    (said, evidence)
}

/// How a run that failed went on, to be read behind the sentence that names it last; `None` where it did not.
pub fn went_on(summary: &str, run: TaskStatus, latest: TaskStatus) -> Option<String> {
    let how = match (run, latest) {
        (TaskStatus::Completed, _) => "it has completed since",
        (TaskStatus::Waiting, _) => "it goes on since, and waits for a person",
        (TaskStatus::Stuck, _) => "it went on since, and is stuck",
        (TaskStatus::Processing | TaskStatus::Escalated, _) => "it goes on since",
        (TaskStatus::Failed, TaskStatus::Completed) => "a later run of it has completed",
        (TaskStatus::Cancelled, _) => "it was begun again and called off",
        (TaskStatus::Failed, TaskStatus::Failed | TaskStatus::Stuck | TaskStatus::Cancelled) => return None,
        (TaskStatus::Failed, _) => "a later run of it is under way",
    };
    Some(format!("{}; {how}.", summary.trim_end_matches('.')))
}

/// Why it matters, and what to do first.
pub const fn advice(condition: &Condition) -> &'static str {
    match condition {
        Condition::AgentStuck {} => {
            "While it is stuck it takes no work, and what it was at is not done. See what it did last, then restart its process."
        }
        Condition::HeartbeatLost { .. } => {
            "Its process may be dead or cut off from the network. Look whether it runs and reaches this server."
        }
        Condition::NoEvents { .. } => {
            "Everything in scope fell silent at once: the host, the network or the key may be the cause, rather than one agent."
        }
        Condition::TaskFailed { .. } => {
            "Work that was asked for was not done. Open the run: its story shows what failed first."
        }
        Condition::ErrorRate { .. } => {
            "More fails than should; a new version or a service that agents depend on is the usual suspect. Compare versions and errors."
        }
        Condition::DurationExceeded { .. } => {
            "It takes longer than it should and may never end. Its story shows where the time goes."
        }
        Condition::TaskStalled { .. } => {
            "It is open and does nothing that can be seen: it may hang in a call without a time limit."
        }
        Condition::CostThreshold { .. } => {
            "It goes on costing until someone looks. The Cost Explorer shows which agent and model spend it."
        }
        Condition::QueueBacklog { .. } => {
            "Work comes in faster than it is done, and what waits grows old. Look what the agent is at, or add another."
        }
        Condition::ApprovalWaiting { .. } => "The agent does nothing until a person answers.",
        Condition::IssueReported { .. } => "The agent itself says that it cannot help this and a person should look.",
        Condition::ScheduleOverdue { .. } => {
            "Nobody sees work that does not begin. Look whether the agent and its scheduler run."
        }
        Condition::Insight { .. } => "The figures behind it stand on the page of insights.",
    }
}

/// What is said when it is over.
pub fn resolved(condition: &Condition, summary: &str, lasted_seconds: f64, resolution: Option<&str>) -> String {
    let lasted = duration(lasted_seconds);
    if let Some(resolution) = resolution {
        return format!("Closed after {lasted}, because {resolution}. It was: {summary}");
    }
    let over = match condition {
        Condition::AgentStuck {} | Condition::HeartbeatLost { .. } => "The agent is heard of again",
        Condition::NoEvents { .. } => "Events arrive again",
        Condition::ApprovalWaiting { .. } => "It waits no more",
        Condition::DurationExceeded { .. } => "The run has ended",
        Condition::TaskStalled { .. } => "The run goes on or has ended",
        Condition::IssueReported { .. } => "The issue was resolved or dismissed",
        Condition::QueueBacklog { .. } => "The queue is below its limit",
        Condition::ScheduleOverdue { .. } => "It is not overdue any more",
        _ => "It is below its limit again",
    };
    format!("{over}, after {lasted}. It was: {summary}")
}

/// The page of the board that shows it, as a path.
pub fn link(condition: &Condition, scope: &RuleScope, subject: &Subject, now: Timestamp) -> String {
    let mut query: Vec<(&str, &str)> = Vec::new();
    // The stretch that was added up, whenever the link is followed.
    let window = condition.span().map(|span| (span.since(now).to_string(), now.plus_micros(1).to_string()));
    let window = window.as_ref().map(|(since, until)| [("since", &**since), ("until", &**until)]);
    let labels = [("environment", &scope.environment), ("group", &scope.group)];
    let labels = labels.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let page = match (condition, subject) {
        (_, Subject::Run { agent_id, task_id, task_run_id }) => {
            query.extend([("task", &**task_id), ("owner", &**agent_id), ("run", &**task_run_id)]);
            "/"
        }
        (Condition::QueueBacklog { .. } | Condition::IssueReported { .. } | Condition::ScheduleOverdue { .. }, _) => {
            query.extend(subject.agent_id().map(|id| ("agent", &**id)));
            "/pipeline"
        }
        (_, Subject::Agent { agent_id }) => {
            query.push(("agent", agent_id));
            "/agent"
        }
        (Condition::CostThreshold { .. }, _) => {
            query.extend(subject.agent_id().map(|id| &**id).or(scope.agent_id.as_deref()).map(|id| ("agent", id)));
            query.extend(subject.project_id().or(scope.project_id.as_deref()).map(|id| ("project", id)));
            query.extend(scope.task_type.as_deref().map(|task_type| ("type", task_type)));
            query.extend(labels.chain(window.into_iter().flatten()));
            "/cost"
        }
        (Condition::Insight { .. }, _) => "/insights",
        _ => {
            if matches!(condition, Condition::TaskFailed { .. } | Condition::ErrorRate { .. }) {
                query.push(("status", "failed"));
            }
            query.extend(scope.agent_id.as_deref().map(|id| ("agent", id)));
            query.extend(scope.project_id.as_deref().map(|id| ("project", id)));
            // The list is searched by the type of its tasks, too.
            query.extend(scope.task_type.as_deref().map(|task_type| ("q", task_type)));
            query.extend(labels.chain(window.into_iter().flatten()));
            "/tasks"
        }
    };
    query.retain(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    if pairs.is_empty() { page.to_owned() } else { format!("{page}?{}", pairs.join("&")) }
}

/// Everything but letters, digits and `-_.~` as `%XX`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ok = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_tell_them() {
        let told: Vec<String> = [0.4, 59.6, 119.0, 120.0, 3_599.0, 3_600.0, 5_400.0, 86_400.0, 180_000.0]
            .into_iter()
            .map(duration)
            .collect();
        assert_eq!(told, ["0 s", "60 s", "119 s", "2 min", "59 min", "1 h", "1 h 30 min", "1 day", "2 days 2 h"]);
    }

    #[test]
    fn names_are_shown_as_they_were_given() {
        let now = Timestamp::parse("2026-02-12T15:04:05Z").unwrap();
        let agent_id = "Zoë \u{1f469}\u{200d}\u{1f692}".into();
        let rota = Subject::ScheduledItem { agent_id, item_id: "1".into() };
        let item = ItemFacts { item_id: "1".into(), name: "n\u{a0}1".into(), next_run: now, enabled: true };
        let overdue = Condition::ScheduleOverdue { seconds: 0 };
        let (said, _) = found(&overdue, &RuleScope::default(), &rota, About::Item(&item), 60.0, now);
        assert!(said.starts_with("\"n\u{a0}1\" of agent \"Zoë \u{1f469}\u{200d}\u{1f692}\" was due"), "{said}");
    }

    #[test]
    fn links_lead_to_what_is_meant() {
        let run = Subject::Run { agent_id: "a b".into(), task_id: "t/1".into(), task_run_id: "".into() };
        let stalled = Condition::TaskStalled { seconds: 1 };
        let now = Timestamp::parse("2026-02-12T15:04:05Z").unwrap();
        assert_eq!(link(&stalled, &RuleScope::default(), &run, now), "/?task=t%2F1&owner=a%20b");
        let text = |text: &str| Some(text.to_owned());
        let scope = RuleScope {
            project_id: text("p"),
            environment: text("pre prod"),
            task_type: text("lead"),
            ..RuleScope::default()
        };
        let failed = Condition::TaskFailed { count: 1, window_seconds: 60 };
        assert_eq!(
            link(&failed, &scope, &Subject::WHOLE, now),
            "/tasks?status=failed&project=p&q=lead&environment=pre%20prod\
             &since=2026-02-12T15%3A03%3A05.000000Z&until=2026-02-12T15%3A04%3A05.000001Z"
        );
        let agent = Subject::Agent { agent_id: "a".into() };
        assert_eq!(link(&Condition::AgentStuck {}, &scope, &agent, now), "/agent?agent=a");
    }

    #[test]
    fn what_people_wrote_ends_a_sentence_once() {
        let ended = ["may I?", "now!", "please.", "a credit of $500"].map(|text| sentence(text.to_owned()));
        assert_eq!(ended, ["may I?", "now!", "please.", "a credit of $500."]);
    }
}
