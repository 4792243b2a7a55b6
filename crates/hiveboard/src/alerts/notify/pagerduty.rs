//! `PagerDuty`'s events API, version 2. The alert's id is the key by which it opens and closes an incident.

use serde_json::json;

use super::{Message, http::Post, slack::cut};

pub(super) const EVENTS_URL: &str = "https://events.pagerduty.com/v2/enqueue";

pub(super) fn request(message: &Message, routing_key: &str) -> Post {
    let alert = &message.alert;
    let text = |name: &str| alert.subject.get(name).and_then(serde_json::Value::as_str);
    let source = text("agent_id").or_else(|| text("project_id")).unwrap_or("HiveBoard");
    let body = json!({
        "routing_key": routing_key,
        "event_action": if message.is_resolved() { "resolve" } else { "trigger" },
        "dedup_key": alert.alert_id,
        "client": "HiveBoard",
        "client_url": message.link,
        "links": [{"href": message.link, "text": "Open the board"}],
        "payload": {
            "summary": cut(&format!("{}: {}", alert.rule_name, message.sentence()), 1_024),
            "source": source,
            "severity": alert.severity,
            "timestamp": alert.started_at,
            "component": source,
            "class": alert.condition,
            "custom_details": {
                "since": message.since(),
                "advice": alert.advice,
                "subject": alert.subject,
                "evidence": alert.evidence,
            },
        },
    });
    Post { body: body.to_string(), headers: Vec::new() }
}
