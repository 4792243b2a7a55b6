//! What assistants may say with a question. The descriptions are read by them.

use std::borrow::Cow;

use rmcp::schemars::{self, JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};

use crate::{api::params::Range, remote::Query};

/// Rows of a page: answers are read by models, which pay for each word.
pub(super) const USUAL_ROWS: u32 = 10;
pub(super) const MOST_ROWS: u32 = 50;

/// Arguments of one question, and no others: an argument that is not known is refused with the names that are, rather than passed over.
#[derive(Debug)]
pub(super) struct Exact<T>(pub(super) T);

impl<T: JsonSchema> JsonSchema for Exact<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        schema.insert("additionalProperties".to_owned(), false.into());
        schema
    }
}

impl<'de, T: JsonSchema + DeserializeOwned> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let given = Map::deserialize(from)?;
        let schema = SchemaGenerator::default().into_root_schema_for::<T>();
        let known = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(unknown) = given.keys().find(|name| !known.contains_key(*name)) {
            let names: Vec<&str> = known.keys().map(String::as_str).collect();
            return Err(D::Error::custom(format!("there is no argument {unknown:?}; there are {}", names.join(", "))));
        }
        serde_json::from_value(Value::Object(given)).map(Self).map_err(D::Error::custom)
    }
}

/// What every list may be narrowed to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Narrow {
    /// Only one agent, by its exact id.
    pub(super) agent_id: Option<String>,
    /// Only one project, by its id.
    pub(super) project_id: Option<String>,
    /// Only one environment, like "production".
    pub(super) environment: Option<String>,
    /// Only one group of agents.
    pub(super) group: Option<String>,
}

impl Narrow {
    pub(super) fn query(&self) -> Query {
        Query::default()
            .maybe("agent_id", self.agent_id.as_ref())
            .maybe("project_id", self.project_id.as_ref())
            .maybe("environment", self.environment.as_ref())
            .maybe("group", self.group.as_ref())
    }
}

/// Refuses a number of rows that no page has.
fn rows<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let rows = Option::<u32>::deserialize(from)?;
    match rows {
        Some(rows) if !(1..=MOST_ROWS).contains(&rows) => {
            Err(D::Error::custom(format!("`limit` is {rows}, and must be 1 to {MOST_ROWS}")))
        }
        rows => Ok(rows),
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Paged {
    /// Rows of this page, 1 to 50; 10 when not given.
    #[serde(default, deserialize_with = "rows")]
    #[schemars(range(min = 1, max = 50))]
    pub(super) limit: Option<u32>,
    /// Where the page before ended: the cursor that it named.
    pub(super) cursor: Option<String>,
}

impl Paged {
    pub(super) fn rows(&self) -> u32 {
        self.limit.unwrap_or(USUAL_ROWS)
    }

    pub(super) fn add_to(&self, query: Query) -> Query {
        query.with("limit", self.rows()).maybe("cursor", self.cursor.as_ref())
    }
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct FleetStatus {
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// Only agents in these states: stuck, error, `waiting_approval`, processing, idle.
    #[serde(default)]
    pub(super) status: Vec<String>,
    #[serde(flatten)]
    pub(super) page: Paged,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct WhatNeedsAttention {
    #[serde(flatten)]
    pub(super) narrow: Narrow,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct ListTasks {
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// Only runs in these states: completed, failed, cancelled, stuck, waiting, escalated, processing.
    #[serde(default)]
    pub(super) status: Vec<String>,
    /// Only tasks of this type.
    pub(super) task_type: Option<String>,
    /// Text in task id, run id, type, agent or correlation id.
    pub(super) text: Option<String>,
    /// newest (when not given), oldest, duration, cost, tokens or errors; the last four begin with the greatest.
    pub(super) sort: Option<String>,
    /// How far back; all that is kept when not given.
    pub(super) range: Option<Range>,
    #[serde(flatten)]
    pub(super) page: Paged,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(super) struct TaskStory {
    /// The task's id.
    pub(super) task_id: String,
    /// Which run of it; the latest when not given.
    pub(super) task_run_id: Option<String>,
    /// Whose, where two agents share a task id.
    pub(super) agent_id: Option<String>,
    /// Steps to leave out at the beginning: how one reads on in a long story.
    #[serde(default)]
    pub(super) skip_steps: u32,
    /// Also what was asked of models and what came back.
    #[serde(default)]
    pub(super) with_previews: bool,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct SearchEvents {
    /// Text in summaries and payloads, whatever its case; an error message, a name, an id.
    pub(super) text: Option<String>,
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// Only of one task.
    pub(super) task_id: Option<String>,
    /// Only these types: `task_started`, `task_completed`, `task_failed`, `action_started`, `action_completed`, `action_failed`, `retry_started`,
    /// escalated, `approval_requested`, `approval_received`, `agent_registered`, heartbeat, custom.
    #[serde(default)]
    pub(super) event_types: Vec<String>,
    /// Only payloads of these kinds: `llm_call`, `plan_created`, `plan_step`, `queue_snapshot`, todo, scheduled, issue.
    #[serde(default)]
    pub(super) payload_kinds: Vec<String>,
    /// Only these severities: debug, info, warn, error.
    #[serde(default)]
    pub(super) severities: Vec<String>,
    /// How far back; all that is kept when not given.
    pub(super) range: Option<Range>,
    #[serde(flatten)]
    pub(super) page: Paged,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Cost {
    /// What cost is told apart by: agent (when not given), model, `agent_model`, project, `task_type`, version, environment.
    pub(super) by: Option<String>,
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// Only of one model.
    pub(super) model: Option<String>,
    /// How far back; 24h when not given. It is compared with the period before.
    pub(super) range: Option<Range>,
    /// Rows, 1 to 50; 10 when not given.
    #[serde(default, deserialize_with = "rows")]
    #[schemars(range(min = 1, max = 50))]
    pub(super) limit: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Insights {
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// Which kinds to look for, like `cost_spike`, loop, `deploy_regression`; all when not given.
    #[serde(default)]
    pub(super) kinds: Vec<String>,
    /// How far back; 24h when not given. It is compared with the period before.
    pub(super) range: Option<Range>,
    /// Insights to leave out at the beginning: how one reads on.
    #[serde(default)]
    pub(super) skip: u32,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub(super) struct Alerts {
    /// firing (when not given), resolved or all.
    pub(super) state: Option<String>,
    #[serde(flatten)]
    pub(super) narrow: Narrow,
    /// How far back; all that is kept when not given.
    pub(super) range: Option<Range>,
    #[serde(flatten)]
    pub(super) page: Paged,
}
