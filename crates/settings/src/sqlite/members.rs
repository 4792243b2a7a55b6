//! Members in `settings.db`.

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{SqliteSettings, writing::Writing};
use crate::{MemberChange, MemberRecord, Members, Result, Role};

/// A role as a row holds it.
pub(super) fn role(index: usize, row: &Row<'_>) -> rusqlite::Result<Role> {
    let text: String = row.get(index)?;
    Role::parse(&text).ok_or_else(|| rusqlite::Error::InvalidColumnType(index, text, rusqlite::types::Type::Text))
}

pub(super) fn insert(writing: &Writing<'_>, workspace: WorkspaceId, person: Uuid, role: Role) -> Result<()> {
    writing.execute(
        "INSERT OR IGNORE INTO members(workspace, person, role, joined_at) VALUES (?1, ?2, ?3, ?4)",
        params![workspace.0, person.as_bytes(), role.as_str(), Timestamp::now().0],
    )?;
    Ok(())
}

fn list(connection: &Connection, workspace: WorkspaceId) -> Result<Vec<MemberRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT people.id, email, name, role, joined_at,
            (SELECT max(last_seen_at) FROM sessions WHERE person = people.id AND sessions.workspace = members.workspace)
         FROM members JOIN people ON people.id = members.person WHERE members.workspace = ?1 ORDER BY email",
    )?;
    let rows = statement.query_map([workspace.0], |row| {
        Ok(MemberRecord {
            person_id: Uuid::from_bytes(row.get(0)?),
            email: row.get(1)?,
            name: row.get(2)?,
            role: role(3, row)?,
            joined_at: Timestamp(row.get(4)?),
            last_seen_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The member, or what speaks against taking its role.
fn changeable(
    connection: &Connection,
    workspace: WorkspaceId,
    person: Uuid,
    stays_owner: bool,
) -> Result<MemberChange> {
    let members = list(connection, workspace)?;
    let owners = members.iter().filter(|member| member.role == Role::Owner).count();
    let Some(member) = members.into_iter().find(|member| member.person_id == person) else {
        return Ok(MemberChange::NotFound);
    };
    if member.role == Role::Owner && owners == 1 && !stays_owner {
        return Ok(MemberChange::LastOwner);
    }
    Ok(MemberChange::Done(member))
}

impl Members for SqliteSettings {
    fn list_members(&self, workspace: WorkspaceId) -> Result<Vec<MemberRecord>> {
        list(&self.reading(), workspace)
    }

    fn memberships(&self, person: Uuid) -> Result<Vec<(WorkspaceId, Role)>> {
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached("SELECT workspace, role FROM members WHERE person = ?1 ORDER BY workspace")?;
        let rows = statement.query_map([person.as_bytes()], |row| Ok((WorkspaceId(row.get(0)?), role(1, row)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn add_member(&self, workspace: WorkspaceId, person: Uuid, role: Role) -> Result<()> {
        self.write(|writing| insert(writing, workspace, person, role))?;
        self.changed();
        Ok(())
    }

    fn set_role(&self, workspace: WorkspaceId, person: Uuid, role: Role) -> Result<MemberChange> {
        let change = self.write(|writing| {
            let change = changeable(writing, workspace, person, role == Role::Owner)?;
            if matches!(change, MemberChange::Done(_)) {
                writing.execute(
                    "UPDATE members SET role = ?3 WHERE workspace = ?1 AND person = ?2",
                    params![workspace.0, person.as_bytes(), role.as_str()],
                )?;
            }
            Ok(change)
        })?;
        if matches!(change, MemberChange::Done(_)) {
            self.changed();
        }
        Ok(change)
    }

    fn remove_member(&self, workspace: WorkspaceId, person: Uuid) -> Result<MemberChange> {
        let change = self.write(|writing| {
            let change = changeable(writing, workspace, person, false)?;
            if matches!(change, MemberChange::Done(_)) {
                let (workspace, person) = (workspace.0, person.as_bytes());
                let both = params![workspace, person];
                writing.execute("DELETE FROM sessions WHERE workspace = ?1 AND person = ?2", both)?;
                writing.execute("DELETE FROM members WHERE workspace = ?1 AND person = ?2", both)?;
                writing.execute(
                    "DELETE FROM people WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM members WHERE person = ?1)",
                    params![person],
                )?;
            }
            Ok(change)
        })?;
        if matches!(change, MemberChange::Done(_)) {
            self.changed();
        }
        Ok(change)
    }
}
