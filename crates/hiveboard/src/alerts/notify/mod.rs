//! The channels: what each makes of a message, and how it gets there.

mod discord;
pub mod email;
mod http;
mod pagerduty;
mod slack;
pub mod target;
mod webhook;

use hiveboard_settings::{ChannelRecord, DeliveryRecord};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::app::App;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ChannelKind)]
pub enum Kind {
    Webhook,
    Slack,
    Discord,
    Pagerduty,
    Email,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Webhook, Self::Slack, Self::Discord, Self::Pagerduty, Self::Email];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Pagerduty => "pagerduty",
            Self::Email => "email",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What the channels hide: written once, never read back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Secrets {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Signs webhooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_key: Option<String>,
}

/// What is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Config {
    #[serde(default)]
    pub to: Vec<String>,
    /// Scheme and host of the target, to tell channels apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Why something was not delivered. Never what a receiver said: that would make a reader of internal answers of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub what: String,
    /// Trying again would not help.
    pub is_fatal: bool,
}

impl Failure {
    pub fn passing(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_fatal: false }
    }

    pub fn fatal(what: impl Into<String>) -> Self {
        Self { what: what.into(), is_fatal: true }
    }
}

/// What every message says, as far as channels look into it.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    pub alert: About,
    pub link: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct About {
    pub alert_id: String,
    pub rule_name: String,
    pub condition: String,
    pub severity: String,
    pub summary: String,
    pub advice: String,
    pub since: String,
    pub started_at: String,
    pub resolved_at: Option<String>,
    pub resolution: Option<String>,
    pub subject: serde_json::Value,
    pub evidence: serde_json::Map<String, serde_json::Value>,
}

impl Message {
    pub fn is_resolved(&self) -> bool {
        self.kind == "alert.resolved"
    }

    /// One line: how bad, which rule.
    pub fn headline(&self) -> String {
        let word = match self.kind.as_str() {
            "alert.resolved" => "Resolved",
            "alert.test" => "Test",
            _ if self.alert.severity == "critical" => "Critical",
            _ => "Warning",
        };
        format!("{word}: {}", self.alert.rule_name)
    }

    /// What is so, or how it ended.
    pub fn sentence(&self) -> &str {
        self.alert.resolution.as_deref().filter(|_| self.is_resolved()).unwrap_or(&self.alert.summary)
    }

    /// The link, for a service that takes so many characters: names in it may be long, and then its page alone is linked.
    pub fn link_within(&self, most: usize) -> &str {
        if self.link.chars().count() <= most {
            return &self.link;
        }
        self.link.split('?').next().unwrap_or(&self.link)
    }

    /// `2026-02-12 14:03:11 UTC`
    pub fn since(&self) -> String {
        match (self.alert.since.get(..10), self.alert.since.get(11..19)) {
            (Some(date), Some(time)) => format!("{date} {time} UTC"),
            _ => self.alert.since.clone(),
        }
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|_| Failure::fatal("what was written down of it cannot be read"))
}

/// Sends one delivery. Anything but a success is a failure; what the receiver said besides is dropped.
pub async fn send(app: &App, channel: &ChannelRecord, delivery: &DeliveryRecord) -> Result<(), Failure> {
    let secrets: Secrets = read(&channel.secrets)?;
    let config: Config = read(&channel.config)?;
    let message: Message = read(&delivery.message)?;
    let delivery_id = delivery.delivery_id.to_string();
    let url = || secrets.url.clone().ok_or_else(|| Failure::fatal("the channel has no URL"));
    let private = app.config.alerts_allow_private_targets;
    match Kind::parse(&channel.kind) {
        Some(Kind::Webhook) => {
            let request = webhook::request(&delivery.message, secrets.secret.as_deref(), app.clock.now());
            http::post(&url()?, request, &delivery_id, private).await
        }
        Some(Kind::Slack) => http::post(&url()?, slack::request(&message), &delivery_id, private).await,
        Some(Kind::Discord) => http::post(&url()?, discord::request(&message), &delivery_id, private).await,
        Some(Kind::Pagerduty) => {
            let key = secrets.routing_key.as_deref().ok_or_else(|| Failure::fatal("the channel has no routing key"))?;
            let url = secrets.url.clone().unwrap_or_else(|| pagerduty::EVENTS_URL.to_owned());
            http::post(&url, pagerduty::request(&message, key), &delivery_id, private).await
        }
        Some(Kind::Email) => email::send(&app.config.smtp, &config.to, &message, &delivery_id).await,
        None => Err(Failure::fatal("the channel's type is not known")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_that_a_service_would_refuse_leads_to_its_page_alone() {
        let link = format!("https://board.example.org/hive/?task={}&owner=a", "%E6%97%A5".repeat(256));
        let message: Message = serde_json::from_value(json!({
            "type": "alert.firing",
            "alert": {
                "alert_id": "1", "rule_name": "r", "condition": "task_stalled", "severity": "critical", "summary": "s",
                "advice": "a", "since": "2026-02-12T15:04:05.000000Z", "started_at": "2026-02-12T15:04:05.000000Z",
                "resolved_at": null, "resolution": null, "subject": {"kind": "scope"}, "evidence": {},
            },
            "link": link,
        }))
        .unwrap();
        assert!(link.len() > 2_048);
        let body = |post: http::Post| serde_json::from_str::<serde_json::Value>(&post.body).unwrap();
        assert_eq!(body(discord::request(&message))["embeds"][0]["url"], "https://board.example.org/hive/");
        assert_eq!(body(slack::request(&message))["blocks"][2]["elements"][0]["url"], link, "3,000 are few enough");
        assert_eq!(message.link_within(100), "https://board.example.org/hive/");
        assert_eq!(message.link_within(link.len()), link);
    }
}
