//! What of a batch may be stored: its projects, and what its calls cost.

use std::{collections::HashSet, sync::Arc};

use hiveboard_settings::Settings;
use hiveboard_store::{Batch, Incoming};
use hiveboard_wire::{
    Decoded, EventErrorCode, EventProblem, EventWarning, EventWarningCode, Receipt, Scope, Timestamp,
};
use metrics::counter;
use parking_lot::RwLock;

use crate::{error::ApiError, pricing::Prices};

/// Whether an event's project may be used.
enum Project {
    Known,
    /// It was made just now.
    Created,
    Refused,
}

pub struct Admission {
    settings: Arc<dyn Settings>,
    prices: Prices,
    /// `None`: as the workspace's own setting says.
    auto_create_projects: Option<bool>,
    /// Remembered, so that ingest need not ask the settings for every event.
    known_projects: RwLock<HashSet<(Scope, Box<str>)>>,
}

impl Admission {
    pub fn new(settings: Arc<dyn Settings>, prices: Prices, auto_create_projects: Option<bool>) -> Self {
        Self { settings, prices, auto_create_projects, known_projects: RwLock::default() }
    }

    /// Forgets the known projects, when the settings were changed from elsewhere.
    pub fn forget_projects(&self) {
        self.known_projects.write().clear();
    }

    /// Parts what may be stored from what is refused, and says so in the receipt.
    pub fn admit(&self, scope: Scope, decoded: Decoded, received_at: Timestamp) -> Result<(Batch, Receipt), ApiError> {
        let Decoded { envelope, events, mut receipt } = decoded;
        counter!("hiveboard_events_in_total").increment((events.len() + receipt.errors.len()) as u64);
        let mut incoming = Vec::with_capacity(events.len());
        for accepted in events {
            let event_id = || Some(accepted.event.event_id.to_string());
            if let Some(project) = accepted.event.project_id.as_deref() {
                match self.project(scope, project)? {
                    Project::Known => {}
                    Project::Created => receipt.warnings.push(EventWarning {
                        index: accepted.index,
                        event_id: event_id(),
                        warning: EventWarningCode::ProjectAutoCreated,
                        message: format!("The project {project:?} did not exist and was created."),
                    }),
                    Project::Refused => {
                        receipt.errors.push(EventProblem {
                            index: accepted.index,
                            event_id: event_id(),
                            error: EventErrorCode::InvalidProjectId,
                            message: format!(
                                "The project {project:?} does not exist; create it first with POST /v1/projects."
                            ),
                        });
                        continue;
                    }
                }
            }
            let call_cost = self.prices.cost_of(&accepted.body);
            incoming.push(Incoming { event: accepted.event, body: accepted.body, call_cost });
        }
        receipt.errors.sort_by_key(|problem| problem.index);
        receipt.warnings.sort_by_key(|warning| warning.index);
        receipt.accepted = incoming.len();
        receipt.rejected = receipt.errors.len();
        for problem in &receipt.errors {
            counter!("hiveboard_events_rejected_total", "code" => problem.error.as_str()).increment(1);
        }
        counter!("hiveboard_events_accepted_total").increment(receipt.accepted as u64);
        Ok((Batch { scope, envelope, received_at, events: incoming }, receipt))
    }

    /// Creates an unknown project where the settings say so.
    fn project(&self, scope: Scope, project: &str) -> Result<Project, ApiError> {
        let key = (scope, Box::<str>::from(project));
        if self.known_projects.read().contains(&key) {
            return Ok(Project::Known);
        }
        let exists = self.settings.find_project(scope, project)?.is_some();
        if !exists {
            let may_create = match self.auto_create_projects {
                Some(choice) => choice,
                None => {
                    self.settings.workspace(scope.workspace)?.is_some_and(|workspace| workspace.auto_create_projects)
                }
            };
            if !may_create {
                return Ok(Project::Refused);
            }
            self.settings.ensure_projects(&[(scope, project)])?;
        }
        self.known_projects.write().insert(key);
        Ok(if exists { Project::Known } else { Project::Created })
    }
}
