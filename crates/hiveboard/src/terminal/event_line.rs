//! One event as one line: when, who, what, about which task.

use hiveboard_wire::Timestamp;
use serde_json::Value;

use super::{clean, figures, style};
use crate::remote::answers::Event;

/// Cut to so many columns; `None` for as long as it is.
pub fn line(event: &Event, now: Timestamp, most: Option<usize>) -> String {
    let time = figures::clock(event.timestamp, now);
    let (words, detail) = words(event);
    let agent = clean::line(&event.agent_id);
    let task = event.task_id.as_deref().map(clean::line).unwrap_or_default();
    let mark = mark(event);
    let mut parts =
        vec![(style::DIM, time), (tone(event), mark.to_owned()), (style::BOLD, agent), (tone(event), words)];
    if !task.is_empty() {
        parts.push((style::PLAIN, task));
    }
    if !detail.is_empty() {
        parts.push((style::DIM, clean::line(&detail)));
    }
    let mut left = most.unwrap_or(usize::MAX);
    let mut out = String::new();
    for (place, (style, text)) in parts.into_iter().enumerate() {
        let gap = usize::from(place > 0);
        if left <= gap {
            break;
        }
        let text = clean::cut(&text, left - gap);
        left -= gap + clean::width(&text);
        out.push_str(&" ".repeat(gap));
        out.push_str(&style::paint(style, &text));
    }
    out
}

fn mark(event: &Event) -> &'static str {
    match kind(event) {
        "task_started" | "action_started" => "▶",
        "task_completed" | "action_completed" => "✓",
        "task_failed" | "action_failed" => "✗",
        "llm_call" => "◇",
        "retry_started" => "↻",
        "escalated" => "↑",
        "approval_requested" | "approval_received" => "?",
        "plan_created" | "plan_step" => "≡",
        "issue" => "!",
        _ => "·",
    }
}

fn tone(event: &Event) -> anstyle::Style {
    match (event.severity.as_str(), kind(event)) {
        ("error", _) => style::BAD,
        ("warn", _) | (_, "escalated" | "approval_requested" | "approval_received") => style::WAITING,
        (_, "llm_call") => style::MODEL,
        (_, "task_completed") => style::GOOD,
        ("debug", _) => style::DIM,
        _ => style::WORKING,
    }
}

/// The well-known kind of the payload, else the type.
fn kind(event: &Event) -> &str {
    event.render_hint.as_deref().unwrap_or(&event.event_type)
}

/// What it is in words, and what it says of itself.
pub fn words(event: &Event) -> (String, String) {
    let payload = event.payload.as_ref();
    let data = payload.and_then(|payload| payload.get("data"));
    let text = |value: Option<&Value>, name: &str| {
        value?.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let number = |name: &str| data?.get(name)?.as_u64();
    let summary = text(payload, "summary");
    let failure = || {
        let parts = [text(payload, "exception_type"), text(payload, "exception_message")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { summary.clone() } else { Some(parts.join(": ")) }
    };
    let action =
        || text(payload, "action_name").or_else(|| text(payload, "function")).unwrap_or_else(|| "an action".to_owned());
    let took = event.duration_ms.map(|ms| format!("in {}", figures::duration(Some(ms))));
    let (words, detail) = match kind(event) {
        "task_started" => ("began".to_owned(), summary),
        "task_completed" => ("finished".to_owned(), took),
        "task_failed" => ("failed".to_owned(), failure()),
        "action_started" => (format!("began {}", action()), None),
        "action_completed" => (format!("did {}", action()), took),
        "action_failed" => (format!("failed at {}", action()), failure()),
        "llm_call" => {
            let tokens = match (number("tokens_in"), number("tokens_out")) {
                (None, None) => None,
                (given, made) => Some(format!("{} → {} tokens", figures::count(given), figures::count(made))),
            };
            let cost = data.and_then(|data| data.get("cost")?.as_f64()).map(|cost| figures::money(Some(cost)));
            let parts: Vec<String> = [text(data, "name"), tokens, cost].into_iter().flatten().collect();
            (format!("called {}", text(data, "model").unwrap_or_else(|| "a model".to_owned())), Some(parts.join(", ")))
        }
        "approval_requested" => ("asks for approval".to_owned(), summary),
        "approval_received" => ("was answered".to_owned(), summary.or_else(|| text(data, "decision"))),
        "escalated" => ("escalated".to_owned(), summary.or_else(|| text(data, "reason"))),
        "retry_started" => ("tries again".to_owned(), summary),
        "agent_registered" => ("came to work".to_owned(), None),
        "heartbeat" | "heartbeat_status" => ("is alive".to_owned(), summary),
        "plan_created" => ("made a plan".to_owned(), text(data, "goal").or(summary)),
        "plan_step" => {
            let verb = match text(data, "action").as_deref() {
                Some("started") => "began",
                Some("completed") => "finished",
                Some("failed") => "failed at",
                Some("skipped") => "skipped",
                _ => "reports",
            };
            let place = number("step_index").map_or_else(String::new, |index| format!(" {}", index.saturating_add(1)));
            let of_all = number("total_steps").map_or_else(String::new, |steps| format!(" of {steps}"));
            (format!("{verb} step{place}{of_all}"), summary.as_deref().map(of_step).map(str::to_owned))
        }
        "issue" => ("reports".to_owned(), summary),
        other => (other.replace('_', " "), summary),
    };
    (clean::line(&words), detail.unwrap_or_default())
}

/// What a plan's step says of itself. Clients put its number before that, counted from 0, and what became of it: `Step 1 failed: no answer`.
pub fn of_step(summary: &str) -> &str {
    let Some((number, rest)) = summary.strip_prefix("Step ").and_then(|rest| rest.split_once(' ')) else {
        return summary;
    };
    let (outcome, words) = rest.split_once(": ").unwrap_or((rest, ""));
    let is_put_before = number.bytes().all(|byte| byte.is_ascii_digit()) && !outcome.contains(' ');
    if is_put_before { words } else { summary }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(event_type: &str, payload: Value) -> Event {
        serde_json::from_value(json!({
            "event_id": "e", "seq": 1, "agent_id": "sales", "event_type": event_type,
            "timestamp": "2026-11-26T12:00:00.000000Z", "severity": "info", "task_id": "t-1", "duration_ms": 1_500.0,
            "payload": payload,
        }))
        .expect("an event")
    }

    fn plain(event: &Event, most: Option<usize>) -> String {
        let text = line(event, event.timestamp, most);
        anstream::adapter::strip_str(&text)
            .to_string()
            .split_once(' ')
            .map_or(String::new(), |(_, rest)| rest.to_owned())
    }

    #[test]
    fn a_step_is_told_by_its_own_words() {
        assert_eq!(of_step("Step 1 failed: no answer: 5 s"), "no answer: 5 s");
        assert_eq!(of_step("Step 0 started"), "");
        for other in ["Step by step: slowly", "Step 1 of the ladder: up", "Routed", "Step"] {
            assert_eq!(of_step(other), other);
        }
    }

    #[test]
    fn events_are_told_in_words() {
        let failed = event(
            "action_failed",
            json!({"action_name": "send", "exception_type": "Timeout", "exception_message": "30 s\nover\u{1b}[0m"}),
        );
        assert_eq!(plain(&failed, None), "✗ sales failed at send t-1 Timeout: 30 s over·[0m");
        assert_eq!(plain(&event("task_completed", json!(null)), None), "✓ sales finished t-1 in 1.5 s");
        assert_eq!(
            plain(&event("custom", json!({"kind": "mine", "summary": "hello"})), None),
            "· sales custom t-1 hello"
        );
        let step = json!({
            "kind": "plan_step", "summary": "Step 1 failed: no answer",
            "data": {"step_index": 1, "total_steps": 3, "action": "failed"},
        });
        let mut step = event("custom", step);
        step.render_hint = Some("plan_step".to_owned());
        assert_eq!(plain(&step, None), "≡ sales failed at step 2 of 3 t-1 no answer");
        for most in 20..60 {
            assert!(clean::width(&plain(&failed, Some(most))) < most, "{most}");
        }
    }
}
