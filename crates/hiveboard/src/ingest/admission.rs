//! What of a batch may be stored: its projects, and what its calls cost.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use hiveboard_settings::{Ensured, Settings};
use hiveboard_store::{Batch, Incoming};
use hiveboard_wire::{
    CallCost, CostSource, Decoded, EventErrorCode, EventProblem, EventWarning, EventWarningCode, Quoted, Receipt,
    Scope, Timestamp, validate::Accepted,
};
use metrics::counter;
use parking_lot::RwLock;

use crate::{blocking::blocking, error::ApiError, pricing::Prices};

/// Projects of a workspace and mode that events may create; more are people's to make.
const MOST_PROJECTS: usize = 10_000;

/// Ids by what events call them: the id itself, or a display name.
type ProjectIds = HashMap<Box<str>, Box<str>>;

pub struct Admission {
    settings: Arc<dyn Settings>,
    prices: Arc<Prices>,
    /// `None`: as the workspace's own setting says.
    auto_create_projects: Option<bool>,
    /// Ids of projects by what events call them, so that ingest need not ask the settings for every batch.
    known_projects: RwLock<HashMap<Scope, ProjectIds>>,
}

/// What may be stored of a batch.
pub(crate) struct Admitted {
    pub batch: Batch,
    pub receipt: Receipt,
    /// Where each event of `batch` stood in what was sent.
    pub places: Vec<usize>,
}

/// What is said of an event that was dropped because its id is another's.
pub(crate) fn id_is_taken(index: usize, event_id: String) -> EventWarning {
    EventWarning {
        index,
        event_id: Some(event_id),
        warning: EventWarningCode::DuplicateEventId,
        message: "Another event has this id already, and says something else: this one was dropped. Give every event an id of its own, such as a UUID.".to_owned(),
    }
}

/// What the projects of a batch came to, by what its events call them.
#[derive(Default)]
struct BatchProjects {
    /// Known by another name than their id.
    renamed: HashMap<Box<str>, Box<str>>,
    created: HashSet<Box<str>>,
    refused: HashMap<Box<str>, String>,
}

impl Admission {
    pub fn new(settings: Arc<dyn Settings>, prices: Arc<Prices>, auto_create_projects: Option<bool>) -> Self {
        Self { settings, prices, auto_create_projects, known_projects: RwLock::default() }
    }

    /// Forgets the known projects, when the settings were changed from elsewhere.
    pub fn forget_projects(&self) {
        self.known_projects.write().clear();
    }

    /// Parts what may be stored from what is refused, and says so in the receipt.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        scope: Scope,
        decoded: Decoded,
        received_at: Timestamp,
    ) -> Result<Admitted, ApiError> {
        let Decoded { envelope, events, mut receipt, estimated_costs } = decoded;
        counter!("hiveboard_events_in_total").increment((events.len() + receipt.errors.len()) as u64);
        let mut projects = self.projects(scope, &events).await?;
        let mut incoming = Vec::with_capacity(events.len());
        let mut places = Vec::with_capacity(events.len());
        for Accepted { index, mut event, body } in events {
            if let Some(project) = event.project_id.as_deref() {
                let event_id = || Some(event.event_id.to_string());
                if let Some(why) = projects.refused.get(project) {
                    receipt.errors.push(EventProblem {
                        index,
                        event_id: event_id(),
                        error: EventErrorCode::InvalidProjectId,
                        message: why.clone(),
                    });
                    continue;
                }
                // Said once, with its first event.
                if projects.created.remove(project) {
                    receipt.warnings.push(EventWarning {
                        index,
                        event_id: event_id(),
                        warning: EventWarningCode::ProjectAutoCreated,
                        message: format!("The project {} did not exist and was created.", Quoted(project)),
                    });
                }
                if let Some(id) = projects.renamed.get(project) {
                    event.project_id = Some(id.clone());
                }
            }
            let mut call_cost = self.prices.cost_of(scope.workspace, &body);
            if let (Some(cost), Some(amount)) = (&mut call_cost, estimated_costs.get(&event.event_id))
                && cost.source != CostSource::Reported
            {
                *cost = CallCost { amount: *amount, source: CostSource::Estimated };
            }
            incoming.push(Incoming { event, body, call_cost });
            places.push(index);
        }
        receipt.errors.sort_by_key(|problem| problem.index);
        receipt.warnings.sort_by_key(|warning| warning.index);
        receipt.accepted = incoming.len();
        receipt.rejected = receipt.errors.len();
        for problem in &receipt.errors {
            counter!("hiveboard_events_rejected_total", "code" => problem.error.as_str()).increment(1);
        }
        counter!("hiveboard_events_accepted_total").increment(receipt.accepted as u64);
        Ok(Admitted {
            batch: Batch { scope, position: None, envelope, received_at, events: incoming },
            receipt,
            places,
        })
    }

    /// Creates the unknown projects of a batch where the settings say so: one commit, beside the request threads.
    async fn projects(self: &Arc<Self>, scope: Scope, events: &[Accepted]) -> Result<BatchProjects, ApiError> {
        let mut of_batch = BatchProjects::default();
        let mut unknown: Vec<Box<str>> = Vec::new();
        {
            let known = self.known_projects.read();
            let known = known.get(&scope);
            let mut last = None;
            for project in events.iter().filter_map(|accepted| accepted.event.project_id.as_deref()) {
                if last.replace(project) == Some(project) {
                    continue;
                }
                match known.and_then(|known| known.get(project)) {
                    Some(id) if **id == *project => {}
                    Some(id) => drop(of_batch.renamed.insert(project.into(), id.clone())),
                    None if unknown.iter().any(|other| **other == *project) => {}
                    None => unknown.push(project.into()),
                }
            }
        }
        if unknown.is_empty() {
            return Ok(of_batch);
        }
        let admission = Arc::clone(self);
        blocking(move || {
            let ensured = admission.ensure(scope, &unknown)?;
            let mut known = admission.known_projects.write();
            let known = known.entry(scope).or_default();
            for (name, came_to) in unknown.into_iter().zip(ensured) {
                match came_to {
                    Ok(Ensured::Exists(id)) => {
                        if *id != *name {
                            of_batch.renamed.insert(name.clone(), id.as_str().into());
                        }
                        known.insert(name, id.into());
                    }
                    Ok(Ensured::Created) => {
                        known.insert(name.clone(), name.clone());
                        of_batch.created.insert(name);
                    }
                    Ok(Ensured::Refused) => {
                        let why = format!(
                            "The project {} does not exist, and there are {MOST_PROJECTS} already: no more are created by events.",
                            Quoted(&name)
                        );
                        of_batch.refused.insert(name, why);
                    }
                    Err(why) => drop(of_batch.refused.insert(name, why)),
                }
            }
            Ok(of_batch)
        })
        .await
    }

    /// What each project came to; the refusal's words where events may not create any.
    fn ensure(&self, scope: Scope, names: &[Box<str>]) -> Result<Vec<Result<Ensured, String>>, ApiError> {
        let may_create = match self.auto_create_projects {
            Some(choice) => choice,
            None => self.settings.workspace(scope.workspace)?.is_some_and(|workspace| workspace.auto_create_projects),
        };
        let texts: Vec<&str> = names.iter().map(|name| &**name).collect();
        if may_create {
            return Ok(self.settings.ensure_projects(scope, &texts, MOST_PROJECTS)?.into_iter().map(Ok).collect());
        }
        let found = self.settings.find_projects_named(scope, &texts)?;
        let missing = |name: &str| {
            format!("The project {} does not exist; create it first with POST /v1/projects.", Quoted(name))
        };
        Ok(found
            .into_iter()
            .zip(names)
            .map(|(id, name)| id.map(Ensured::Exists).ok_or_else(|| missing(name)))
            .collect())
    }
}
