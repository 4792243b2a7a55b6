//! Which projects exist, remembered so that ingest need not ask the settings database for every event.

use std::collections::HashSet;

use hiveboard_store::settings::Settings;
use hiveboard_wire::Scope;
use parking_lot::RwLock;

use crate::error::ApiError;

/// Whether an event's project may be used.
pub enum Admission {
    Known,
    /// It was made just now.
    Created(String),
    Refused(String),
}

#[derive(Default)]
pub struct KnownProjects {
    known: RwLock<HashSet<(Scope, Box<str>)>>,
}

impl KnownProjects {
    /// Creates an unknown project where `auto_create` (else the workspace's own setting) says so.
    pub fn admit(
        &self,
        settings: &Settings,
        auto_create: Option<bool>,
        scope: Scope,
        project: &str,
    ) -> Result<Admission, ApiError> {
        let key = (scope, Box::<str>::from(project));
        if self.known.read().contains(&key) {
            return Ok(Admission::Known);
        }
        let exists = settings.find_project(scope, project)?.is_some();
        if !exists {
            let may_create = match auto_create {
                Some(choice) => choice,
                None => settings.workspace(scope.workspace)?.is_some_and(|workspace| workspace.auto_create_projects),
            };
            if !may_create {
                return Ok(Admission::Refused(project.to_owned()));
            }
            settings.ensure_project(scope, project)?;
        }
        self.known.write().insert(key);
        Ok(if exists { Admission::Known } else { Admission::Created(project.to_owned()) })
    }

    /// Forgets all, when the settings database was changed from elsewhere.
    pub fn forget(&self) {
        self.known.write().clear();
    }
}
