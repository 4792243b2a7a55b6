//! Slack's incoming webhooks: blocks, with a plain text for notifications.

use serde_json::json;

use super::{Message, http::Post};

/// Characters that the link of a button may have.
const MOST_LINK: usize = 3_000;

/// Its three signs with a meaning.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// At most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

pub(super) fn request(message: &Message) -> Post {
    let headline = message.headline();
    let sign = match message.kind.as_str() {
        "alert.resolved" => ":white_check_mark:",
        "alert.test" => ":bell:",
        _ if message.alert.severity == "critical" => ":rotating_light:",
        _ => ":warning:",
    };
    let sentence = escape(&cut(message.sentence(), 2_400));
    let mut blocks = vec![json!({
        "type": "section",
        "text": {"type": "mrkdwn", "text": format!("{sign} *{}*\n{sentence}", escape(&cut(&headline, 300)))},
    })];
    if !message.is_resolved() {
        let words = format!("Since {} · {}", message.since(), escape(&message.alert.advice));
        blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": words}]}));
    }
    blocks.push(json!({
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Open the board"}, "url": message.link_within(MOST_LINK)}],
    }));
    let text = format!("{} — {sentence}", escape(&headline));
    Post { body: json!({"text": text, "blocks": blocks}).to_string(), headers: Vec::new() }
}
