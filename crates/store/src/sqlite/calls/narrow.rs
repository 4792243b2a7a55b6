//! A filter of calls in the numbers of one day file.

use hiveboard_wire::Scope;
use rusqlite::{Connection, ToSql};

use crate::{
    CallFilter, Result,
    sqlite::{dictionary, keys::StoreKey},
};

/// Conditions and their parameters; `?1`–`?3` are scope, since and until.
pub(super) struct Narrow {
    scope: u32,
    since: i64,
    until: i64,
    equal: Vec<(&'static str, i64)>,
}

impl Narrow {
    /// `None` when the file cannot hold a match: a text of the filter is unknown to it.
    pub(super) fn new(connection: &Connection, key: &StoreKey, scope: Scope, filter: &CallFilter) -> Result<Option<Self>> {
        let mut equal = Vec::new();
        for (column, text) in [
            ("agent", &filter.agent_id),
            ("project", &filter.project_id),
            ("environment", &filter.environment),
            ("grp", &filter.group),
            ("model", &filter.model),
        ] {
            let Some(text) = text else { continue };
            let Some(number) = dictionary::find(connection, text)? else { return Ok(None) };
            equal.push((column, number));
        }
        equal.extend(filter.task_id.as_deref().map(|id| ("task", key.task(scope, id))));
        Ok(Some(Self {
            scope: scope.number(),
            since: filter.since.map_or(i64::MIN, |at| at.0),
            until: filter.until.map_or(i64::MAX, |at| at.0),
            equal,
        }))
    }

    pub(super) fn conditions(&self) -> String {
        let mut sql = "scope = ?1 AND timestamp >= ?2 AND timestamp < ?3".to_owned();
        for (place, (column, _)) in self.equal.iter().enumerate() {
            sql.push_str(&format!(" AND {column} = ?{}", place + 4));
        }
        sql
    }

    pub(super) fn parameters(&self) -> Vec<&dyn ToSql> {
        let mut parameters: Vec<&dyn ToSql> = vec![&self.scope, &self.since, &self.until];
        parameters.extend(self.equal.iter().map(|(_, number)| number as &dyn ToSql));
        parameters
    }
}
