//! Discord's webhooks: one embed. Nothing in it mentions anybody.

use serde_json::json;

use super::{Message, http::Post, slack::cut};

/// Characters that a link may have.
const MOST_LINK: usize = 2_048;
const GREEN: u32 = 0x2e_9e_5b;
const YELLOW: u32 = 0xd9_9a_1c;
const RED: u32 = 0xd6_3a_3a;

pub(super) fn request(message: &Message) -> Post {
    let color = match (message.is_resolved(), message.alert.severity.as_str()) {
        (true, _) => GREEN,
        (false, "critical") => RED,
        (false, _) => YELLOW,
    };
    let mut fields = vec![json!({"name": "Since", "value": message.since(), "inline": true})];
    if !message.is_resolved() {
        fields.push(json!({"name": "Why it matters", "value": cut(&message.alert.advice, 1_000), "inline": false}));
    }
    let embed = json!({
        "title": cut(&message.headline(), 250),
        "description": cut(message.sentence(), 2_000),
        "url": message.link_within(MOST_LINK),
        "color": color,
        "timestamp": message.alert.resolved_at.as_ref().unwrap_or(&message.alert.started_at),
        "fields": fields,
    });
    let body = json!({"username": "HiveBoard", "embeds": [embed], "allowed_mentions": {"parse": []}});
    Post { body: body.to_string(), headers: Vec::new() }
}
