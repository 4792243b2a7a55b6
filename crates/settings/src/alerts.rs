//! Rules of alerts, the channels that carry them, what fired, and what is still to be delivered.
//!
//! What a rule, a channel or an alert says is the caller's own JSON; only what is looked up by stands beside it.

use hiveboard_wire::{Scope, Timestamp, WorkspaceId};
use uuid::Uuid;

use crate::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRecord {
    pub rule_id: Uuid,
    /// JSON.
    pub body: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Where alerts are sent. `Debug` leaves the secrets out.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelRecord {
    pub channel_id: Uuid,
    pub name: String,
    pub kind: String,
    /// JSON, for everybody who may see channels.
    pub config: String,
    /// JSON, for whoever sends alone.
    pub secrets: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ChannelRecord {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ChannelRecord")
            .field("channel_id", &self.channel_id)
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    pub alert_id: Uuid,
    pub rule_id: String,
    /// The same text for the same subject: of a rule and a subject at most one alert is open.
    pub subject: String,
    pub severity: String,
    pub agent_id: Option<String>,
    pub task_id: Option<String>,
    pub project_id: Option<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    pub started_at: Timestamp,
    /// `None` while it fires.
    pub resolved_at: Option<Timestamp>,
    pub acknowledged_at: Option<Timestamp>,
    pub acknowledged_by: Option<String>,
    /// JSON.
    pub body: String,
}

/// All given parts must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertFilter {
    pub is_firing: Option<bool>,
    pub is_acknowledged: Option<bool>,
    pub severity: Option<String>,
    pub rule_id: Option<String>,
    pub agent_id: Option<String>,
    pub task_id: Option<String>,
    /// Of any of these, where there are some.
    pub project_ids: Vec<String>,
    pub environment: Option<String>,
    pub group: Option<String>,
    /// By the start, inclusive.
    pub since: Option<Timestamp>,
    /// By the start, exclusive.
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    pub delivery_id: Uuid,
    /// `None` for a test.
    pub alert_id: Option<Uuid>,
    pub channel_id: Uuid,
    /// `alert.firing`, `alert.resolved`, …
    pub kind: String,
    /// JSON.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// Given up.
    Dead,
}

impl DeliveryState {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    pub delivery_id: Uuid,
    pub scope: Scope,
    pub alert_id: Option<Uuid>,
    pub channel_id: Uuid,
    pub kind: String,
    pub message: String,
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempt: u32,
    /// When it is tried next, while it waits.
    pub due_at: Timestamp,
    pub created_at: Timestamp,
    pub tried_at: Option<Timestamp>,
    pub error: Option<String>,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered,
    Retry { due_at: Timestamp, error: String },
    GivenUp { error: String },
}

pub trait Alerts {
    /// Rules of a scope, oldest first.
    fn alert_rules(&self, scope: Scope) -> Result<Vec<RuleRecord>>;

    /// Makes a rule, or changes the one with its id. `false`, and nothing is changed, when the id is another scope's.
    fn save_alert_rule(&self, scope: Scope, rule: &RuleRecord) -> Result<bool>;

    fn delete_alert_rule(&self, scope: Scope, rule_id: Uuid) -> Result<bool>;

    /// The rules a scope begins with: made once, whatever becomes of them. `false` when they were made before.
    fn make_first_alert_rules(&self, scope: Scope, rules: &[RuleRecord]) -> Result<bool>;

    /// Channels of a workspace, oldest first.
    fn alert_channels(&self, workspace: WorkspaceId) -> Result<Vec<ChannelRecord>>;

    /// Makes a channel, or changes the one with its id. `false` when the id is another workspace's.
    fn save_alert_channel(&self, workspace: WorkspaceId, channel: &ChannelRecord) -> Result<bool>;

    /// Deletes a channel with what waits for it.
    fn delete_alert_channel(&self, workspace: WorkspaceId, channel_id: Uuid) -> Result<bool>;

    /// Writes alerts (new ones, or what became of them) and what is to be delivered, in one commit. Who acknowledged one stays.
    fn record_alerts(
        &self,
        scope: Scope,
        alerts: &[AlertRecord],
        deliveries: &[NewDelivery],
        now: Timestamp,
    ) -> Result<()>;

    /// The newest first, from after a place when given.
    fn alerts(
        &self,
        scope: Scope,
        filter: &AlertFilter,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<AlertRecord>>;

    /// How many there are, whatever the page.
    fn count_alerts(&self, scope: Scope, filter: &AlertFilter) -> Result<u64>;

    fn alert(&self, scope: Scope, alert_id: Uuid) -> Result<Option<AlertRecord>>;

    /// Those that fire, and those that were resolved since.
    fn alerts_to_resume(&self, scope: Scope, resolved_since: Timestamp) -> Result<Vec<AlertRecord>>;

    /// The first to acknowledge stays. `None` when there is no such alert.
    fn acknowledge_alert(&self, scope: Scope, alert_id: Uuid, by: &str, at: Timestamp) -> Result<Option<AlertRecord>>;

    /// Deliveries of some alerts, oldest first.
    fn deliveries_of(&self, scope: Scope, alert_ids: &[Uuid]) -> Result<Vec<DeliveryRecord>>;

    /// Deliveries of a scope, the newest first, from after a place when given.
    fn deliveries(
        &self,
        scope: Scope,
        state: Option<DeliveryState>,
        after: Option<(Timestamp, Uuid)>,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>>;

    /// What is due of all scopes, the longest due first, at most so many a channel.
    fn due_deliveries(&self, now: Timestamp, most_a_channel: usize) -> Result<Vec<DeliveryRecord>>;

    /// Writes down what an attempt came to.
    fn delivery_tried(&self, delivery_id: Uuid, at: Timestamp, outcome: &Outcome) -> Result<()>;

    /// Lets what was given up of an alert be tried again from the beginning, under the same ids; answers how many.
    fn revive_deliveries(&self, scope: Scope, alert_id: Uuid, now: Timestamp) -> Result<usize>;

    /// Forgets what was resolved before, with its deliveries; answers how many alerts.
    fn forget_alerts(&self, resolved_before: Timestamp) -> Result<usize>;
}
