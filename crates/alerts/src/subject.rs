//! What an alert is about.

use std::sync::Arc;

use hiveboard_wire::RunKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an alert is about. Of one rule and one subject at most one alert is open.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Subject {
    /// All that the rule's scope holds; of costs by agent or project, one of these.
    Scope {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        agent_id: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        project_id: Option<Arc<str>>,
    },
    Agent {
        #[schema(value_type = String)]
        agent_id: Arc<str>,
    },
    Run {
        #[schema(value_type = String)]
        agent_id: Arc<str>,
        #[schema(value_type = String)]
        task_id: Arc<str>,
        #[schema(value_type = String)]
        task_run_id: Arc<str>,
    },
    Issue {
        #[schema(value_type = String)]
        agent_id: Arc<str>,
        #[schema(value_type = String)]
        issue_id: Arc<str>,
    },
    ScheduledItem {
        #[schema(value_type = String)]
        agent_id: Arc<str>,
        #[schema(value_type = String)]
        item_id: Arc<str>,
    },
    Insight {
        #[schema(value_type = String)]
        insight: Arc<str>,
        /// Tells findings of one kind apart.
        #[schema(value_type = String)]
        key: Arc<str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        agent_id: Option<Arc<str>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Option<String>)]
        project_id: Option<Arc<str>>,
    },
}

impl Subject {
    pub const WHOLE: Self = Self::Scope { agent_id: None, project_id: None };

    pub fn run(key: &RunKey) -> Self {
        Self::Run {
            agent_id: Arc::clone(&key.agent_id),
            task_id: Arc::clone(&key.task_id),
            task_run_id: Arc::clone(&key.task_run_id),
        }
    }

    pub fn run_key(&self) -> Option<RunKey> {
        match self {
            Self::Run { agent_id, task_id, task_run_id } => Some(RunKey {
                agent_id: Arc::clone(agent_id),
                task_id: Arc::clone(task_id),
                task_run_id: Arc::clone(task_run_id),
            }),
            _ => None,
        }
    }

    pub fn agent_id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Scope { agent_id, .. } | Self::Insight { agent_id, .. } => agent_id.as_ref(),
            Self::Agent { agent_id }
            | Self::Run { agent_id, .. }
            | Self::Issue { agent_id, .. }
            | Self::ScheduledItem { agent_id, .. } => Some(agent_id),
        }
    }

    pub fn task_id(&self) -> Option<&str> {
        match self {
            Self::Run { task_id, .. } => Some(task_id),
            _ => None,
        }
    }

    pub fn project_id(&self) -> Option<&str> {
        match self {
            Self::Scope { project_id, .. } | Self::Insight { project_id, .. } => project_id.as_deref(),
            _ => None,
        }
    }

    /// The same subject always gives the same text.
    pub fn key(&self) -> String {
        serde_json::to_string(self).expect("subjects are plain data")
    }
}
