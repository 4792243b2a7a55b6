//! Projects, per workspace and data mode.

use std::collections::HashMap;

use hiveboard_text::{composed, fold};
use hiveboard_wire::{Scope, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{SqliteSettings, writing::Writing};
use crate::{DEFAULT_PROJECT, Ensured, Merged, ProjectChange, ProjectRecord, Projects, Result};

const COLUMNS: &str = "project_id, name, description, environment, is_archived, auto_created, created_at";
const OF_SCOPE: &str = "workspace = ?1 AND mode = ?2";

fn read(row: &Row<'_>) -> rusqlite::Result<ProjectRecord> {
    Ok(ProjectRecord {
        project_id: row.get(0)?,
        name: row.get(1)?,
        description: row.get(2)?,
        environment: row.get(3)?,
        is_archived: row.get(4)?,
        auto_created: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
    })
}

fn insert(writing: &Writing<'_>, scope: Scope, project: &ProjectRecord) -> Result<bool> {
    let sql = format!(
        "INSERT OR IGNORE INTO projects(workspace, mode, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
    let inserted = writing.execute(
        &sql,
        params![
            scope.workspace.0,
            scope.mode.as_str(),
            project.project_id,
            project.name,
            project.description,
            project.environment,
            project.is_archived,
            project.auto_created,
            project.created_at.0
        ],
    )?;
    Ok(inserted == 1)
}

fn bare(project_id: &str, auto_created: bool) -> ProjectRecord {
    ProjectRecord {
        project_id: project_id.to_owned(),
        name: project_id.to_owned(),
        description: None,
        environment: None,
        is_archived: false,
        auto_created,
        created_at: Timestamp::now(),
    }
}

pub(super) fn insert_default(writing: &Writing<'_>, scope: Scope) -> Result<bool> {
    insert(writing, scope, &bare(DEFAULT_PROJECT, false))
}

/// Finds projects by id, by name or by a former id; else by what they look like, which is read once for all names.
struct Finder<'c> {
    connection: &'c Connection,
    scope: Scope,
    looks: Option<Looks>,
}

impl<'c> Finder<'c> {
    const fn new(connection: &'c Connection, scope: Scope) -> Self {
        Self { connection, scope, looks: None }
    }

    fn find(&mut self, name: &str) -> Result<Option<String>> {
        if let Some(found) = find_exactly(self.connection, self.scope, name)? {
            return Ok(Some(found.project_id));
        }
        let looks = match &mut self.looks {
            Some(looks) => looks,
            none => none.insert(Looks::read(self.connection, self.scope)?),
        };
        Ok(looks.find(name).map(str::to_owned))
    }

    /// One was made since.
    fn add(&mut self, project_id: &str) {
        if let Some(looks) = &mut self.looks {
            looks.add(project_id);
        }
    }
}

fn find_exactly(connection: &Connection, scope: Scope, name: &str) -> Result<Option<ProjectRecord>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM projects WHERE {OF_SCOPE} AND (project_id = ?3 OR name = ?3 OR project_id =
            (SELECT project_id FROM project_aliases WHERE {OF_SCOPE} AND alias = ?3))
         ORDER BY project_id = ?3 DESC, name = ?3 DESC, created_at LIMIT 1"
    ))?;
    Ok(statement.query_row(params![scope.workspace.0, scope.mode.as_str(), name], read).optional()?)
}

/// All projects of a scope by what their names look like. A name that people gave is known however it is written (`sales EU`, ` Sales EU `);
/// an id, whether its accents are letters of their own or not.
struct Looks {
    ids: HashMap<String, String>,
    names: HashMap<String, String>,
}

impl Looks {
    fn read(connection: &Connection, scope: Scope) -> Result<Self> {
        let sql = format!("SELECT project_id, name FROM projects WHERE {OF_SCOPE} ORDER BY created_at, project_id");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![scope.workspace.0, scope.mode.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut looks = Self { ids: HashMap::new(), names: HashMap::new() };
        for row in rows {
            let (project_id, name) = row?;
            if name != project_id {
                looks.names.entry(fold(name.trim())).or_insert_with(|| project_id.clone());
            }
            looks.add(&project_id);
        }
        Ok(looks)
    }

    fn add(&mut self, project_id: &str) {
        self.ids.entry(composed(project_id).into_owned()).or_insert_with(|| project_id.to_owned());
    }

    fn find(&self, name: &str) -> Option<&str> {
        let found = self.ids.get(&*composed(name)).or_else(|| self.names.get(&fold(name.trim())));
        found.map(String::as_str)
    }
}

fn find(connection: &Connection, scope: Scope, project_id: &str) -> Result<Option<ProjectRecord>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM projects WHERE {OF_SCOPE} AND project_id = ?3"))?;
    Ok(statement.query_row(params![scope.workspace.0, scope.mode.as_str(), project_id], read).optional()?)
}

impl Projects for SqliteSettings {
    fn list_projects(&self, scope: Scope) -> Result<Vec<ProjectRecord>> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM projects WHERE {OF_SCOPE} ORDER BY project_id"))?;
        let rows = statement.query_map(params![scope.workspace.0, scope.mode.as_str()], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn find_project(&self, scope: Scope, project_id: &str) -> Result<Option<ProjectRecord>> {
        find(&self.reading(), scope, project_id)
    }

    fn find_project_named(&self, scope: Scope, name: &str) -> Result<Option<ProjectRecord>> {
        let connection = self.reading();
        let found = Finder::new(&connection, scope).find(name)?;
        found.map_or(Ok(None), |project_id| find(&connection, scope, &project_id))
    }

    fn find_projects_named(&self, scope: Scope, names: &[&str]) -> Result<Vec<Option<String>>> {
        let connection = self.reading();
        let mut finder = Finder::new(&connection, scope);
        names.iter().map(|name| finder.find(name)).collect()
    }

    fn create_project(&self, scope: Scope, project: &ProjectRecord) -> Result<bool> {
        let created = self.write(|writing| insert(writing, scope, project))?;
        self.changed();
        Ok(created)
    }

    fn ensure_projects(&self, scope: Scope, names: &[&str], most: usize) -> Result<Vec<Ensured>> {
        let ensured = self.write(|writing| {
            let count = format!("SELECT count(*) FROM projects WHERE {OF_SCOPE}");
            let mut there: usize =
                writing.query_row(&count, params![scope.workspace.0, scope.mode.as_str()], |row| row.get(0))?;
            let mut ensured = Vec::with_capacity(names.len());
            let mut finder = Finder::new(writing, scope);
            for name in names {
                ensured.push(match finder.find(name)? {
                    Some(project_id) => Ensured::Exists(project_id),
                    None if there >= most => Ensured::Refused,
                    None => {
                        insert(writing, scope, &bare(name, true))?;
                        finder.add(name);
                        there += 1;
                        Ensured::Created
                    }
                });
            }
            Ok(ensured)
        })?;
        if ensured.contains(&Ensured::Created) {
            self.changed();
        }
        Ok(ensured)
    }

    fn change_project(&self, scope: Scope, project_id: &str, change: &ProjectChange) -> Result<Option<ProjectRecord>> {
        let changed = self.write(|writing| {
            writing.returning(
                &format!(
                    "UPDATE projects SET name = coalesce(?4, name),
                        description = CASE WHEN ?5 IS NULL THEN description ELSE nullif(?5, '') END,
                        environment = CASE WHEN ?6 IS NULL THEN environment ELSE nullif(?6, '') END,
                        is_archived = coalesce(?7, is_archived)
                     WHERE {OF_SCOPE} AND project_id = ?3 RETURNING {COLUMNS}"
                ),
                params![
                    scope.workspace.0,
                    scope.mode.as_str(),
                    project_id,
                    change.name,
                    change.description,
                    change.environment,
                    change.is_archived
                ],
                read,
            )
        })?;
        self.changed();
        Ok(changed)
    }

    fn merge_project(&self, scope: Scope, project_id: &str, into: &str) -> Result<Merged> {
        if project_id == into || project_id == DEFAULT_PROJECT {
            return Ok(Merged::Refused);
        }
        let merged = self.write(|writing| {
            let Some(from) = find(writing, scope, project_id)? else { return Ok(Merged::NoSource) };
            let Some(into) = find(writing, scope, into)? else { return Ok(Merged::NoTarget) };
            let (workspace, mode) = (scope.workspace.0, scope.mode.as_str());
            writing.execute(
                &format!("UPDATE project_aliases SET project_id = ?4 WHERE {OF_SCOPE} AND project_id = ?3"),
                params![workspace, mode, from.project_id, into.project_id],
            )?;
            writing.execute(
                "INSERT OR REPLACE INTO project_aliases(workspace, mode, alias, project_id, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![workspace, mode, from.project_id, into.project_id, Timestamp::now().0],
            )?;
            for move_or_drop in ["UPDATE OR IGNORE project_agents SET project_id = ?4", "DELETE FROM project_agents"] {
                // What is there already stays, and is left over of the other.
                writing.execute(
                    &format!("{move_or_drop} WHERE {OF_SCOPE} AND project_id = ?3 AND ?4 IS NOT NULL"),
                    params![workspace, mode, from.project_id, into.project_id],
                )?;
            }
            writing.execute(
                &format!("DELETE FROM projects WHERE {OF_SCOPE} AND project_id = ?3"),
                params![workspace, mode, from.project_id],
            )?;
            Ok(Merged::Done { from: Box::new(from), into: Box::new(into) })
        })?;
        if matches!(merged, Merged::Done { .. }) {
            self.changed();
        }
        Ok(merged)
    }

    fn project_agents(&self, scope: Scope, project_id: &str) -> Result<Vec<(String, Timestamp)>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT agent_id, added_at FROM project_agents WHERE {OF_SCOPE} AND project_id = ?3 ORDER BY agent_id"
        ))?;
        let rows = statement.query_map(params![scope.workspace.0, scope.mode.as_str(), project_id], |row| {
            Ok((row.get(0)?, Timestamp(row.get(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn add_project_agent(&self, scope: Scope, project_id: &str, agent_id: &str) -> Result<()> {
        self.write(|writing| {
            writing.execute(
                "INSERT OR IGNORE INTO project_agents(workspace, mode, project_id, agent_id, added_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![scope.workspace.0, scope.mode.as_str(), project_id, agent_id, Timestamp::now().0],
            )
        })?;
        self.changed();
        Ok(())
    }

    fn remove_project_agent(&self, scope: Scope, project_id: &str, agent_id: &str) -> Result<bool> {
        let removed = self.write(|writing| {
            writing.execute(
                &format!("DELETE FROM project_agents WHERE {OF_SCOPE} AND project_id = ?3 AND agent_id = ?4"),
                params![scope.workspace.0, scope.mode.as_str(), project_id, agent_id],
            )
        })?;
        self.changed();
        Ok(removed == 1)
    }

    fn project_aliases(&self, scope: Scope) -> Result<Vec<(String, String)>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT alias, project_id FROM project_aliases WHERE {OF_SCOPE} ORDER BY alias"
        ))?;
        let rows = statement
            .query_map(params![scope.workspace.0, scope.mode.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
