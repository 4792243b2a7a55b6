//! A filter of calls in the numbers of one day file, and the way to its rows.

use std::fmt::Write;

use hiveboard_wire::Scope;
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::{
    CallFilter, Result,
    sqlite::{
        dictionary,
        keys::{Reference, StoreKey},
    },
};

/// Conditions and their parameters; `?1`–`?3` are scope, since and until.
pub(super) struct CallPredicate {
    scope: u32,
    pub(super) since: i64,
    pub(super) until: i64,
    equal: Vec<(&'static str, i64)>,
    /// Blocks listed under this hold all that match, and are few.
    few: Option<i64>,
    /// The blocks of the agent asked for, few or many.
    pub(super) agent: Option<i64>,
}

impl CallPredicate {
    /// `None` when the file cannot hold a match: a text of the filter is unknown to it.
    pub(super) fn new(
        connection: &Connection,
        key: &StoreKey,
        scope: Scope,
        filter: &CallFilter,
        few_blocks: u32,
    ) -> Result<Option<Self>> {
        let mut equal = Vec::new();
        for (column, text) in [
            ("agent", &filter.agent_id),
            ("project", &filter.project_id),
            ("environment", &filter.environment),
            ("grp", &filter.group),
            ("task_type", &filter.task_type),
            ("model", &filter.model),
        ] {
            let Some(text) = text else { continue };
            let Some(number) = dictionary::find(connection, text)? else { return Ok(None) };
            equal.push((column, number));
        }
        equal.extend(filter.task_id.as_deref().map(|id| ("task", key.task(scope, id))));
        let task = filter.task_id.as_deref().map(|id| key.reference(scope, Reference::Task(id)));
        let agent = filter.agent_id.as_deref().map(|id| key.reference(scope, Reference::Agent(id)));
        let few = match (task, agent) {
            (None, Some(agent)) if is_rare(connection, agent, few_blocks)? => Some(agent),
            (task, _) => task,
        };
        Ok(Some(Self {
            scope: scope.number(),
            since: filter.since.map_or(i64::MIN, |at| at.0),
            until: filter.until.map_or(i64::MAX, |at| at.0),
            equal,
            few,
            agent,
        }))
    }

    /// Sums know no tasks.
    pub(super) fn has_sums(&self) -> bool {
        self.equal.iter().all(|(column, _)| *column != "task")
    }

    /// `FROM … WHERE …` of the rows of calls that match.
    pub(super) fn rows(&self) -> String {
        let Some(_) = self.few else {
            return format!(
                "FROM call WHERE scope = ?1 AND timestamp >= ?2 AND timestamp < ?3{}",
                self.equalities("", 4)
            );
        };
        // The plus signs keep SQLite from going by time: the blocks are the narrower way.
        format!(
            "FROM reference r CROSS JOIN block b ON b.id = r.block CROSS JOIN call ON call.seq BETWEEN b.id AND b.last_seq
             WHERE r.key = ?4 AND +call.scope = ?1 AND +call.timestamp >= ?2 AND +call.timestamp < ?3{}",
            self.equalities("+call.", 5)
        )
    }

    /// ` AND column = ?n` for each narrowed column.
    pub(super) fn equalities(&self, prefix: &str, first: usize) -> String {
        let mut sql = String::new();
        for (place, (column, _)) in self.equal.iter().enumerate() {
            let _infallible = write!(sql, " AND {prefix}{column} = ?{}", first + place);
        }
        sql
    }

    /// For [`Self::rows`].
    pub(super) fn parameters(&self) -> Vec<&dyn ToSql> {
        let mut parameters: Vec<&dyn ToSql> = vec![&self.scope, &self.since, &self.until];
        parameters.extend(self.few.as_ref().map(|few| few as &dyn ToSql));
        parameters.extend(self.values());
        parameters
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &dyn ToSql> {
        self.equal.iter().map(|(_, number)| number as &dyn ToSql)
    }

    pub(super) fn is_few(&self) -> bool {
        self.few.is_some()
    }

    pub(super) const fn scope(&self) -> &u32 {
        &self.scope
    }
}

fn is_rare(connection: &Connection, reference: i64, few_blocks: u32) -> Result<bool> {
    let more = connection
        .prepare_cached("SELECT 1 FROM reference WHERE key = ?1 LIMIT 1 OFFSET ?2")?
        .query_row(params![reference, few_blocks], |_| Ok(()))
        .optional()?;
    Ok(more.is_none())
}
