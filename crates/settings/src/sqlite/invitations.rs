//! Invitations in `settings.db`.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{SqliteSettings, members, people};
use crate::{InvitationRecord, Invitations, NewPerson, Result, Role, secret};

const COLUMNS: &str = "id, workspace, email, role, invited_by, created_at, expires_at";

fn read(row: &Row<'_>) -> rusqlite::Result<InvitationRecord> {
    Ok(InvitationRecord {
        id: Uuid::from_bytes(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        email: row.get(2)?,
        role: members::role(3, row)?,
        invited_by: row.get(4)?,
        created_at: Timestamp(row.get(5)?),
        expires_at: Timestamp(row.get(6)?),
    })
}

impl Invitations for SqliteSettings {
    fn invite(
        &self,
        workspace: WorkspaceId,
        email: &str,
        role: Role,
        invited_by: &str,
        time_to_live: Duration,
    ) -> Result<(InvitationRecord, String)> {
        let token = secret::make("")?;
        let now = Timestamp::now();
        let record = InvitationRecord {
            id: Uuid::new_v4(),
            workspace,
            email: people::folded(email),
            role,
            invited_by: invited_by.to_owned(),
            created_at: now,
            expires_at: people::after(now, time_to_live),
        };
        self.write(|writing| {
            writing.execute(
                "DELETE FROM invitations WHERE workspace = ?1 AND email = ?2",
                params![workspace.0, record.email],
            )?;
            writing.execute(
                &format!("INSERT INTO invitations({COLUMNS}, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
                params![
                    record.id.as_bytes(),
                    workspace.0,
                    record.email,
                    role.as_str(),
                    invited_by,
                    now.0,
                    record.expires_at.0,
                    secret::hash(&token)
                ],
            )
        })?;
        Ok((record, token))
    }

    fn list_invitations(&self, workspace: WorkspaceId) -> Result<Vec<InvitationRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM invitations WHERE workspace = ?1 AND expires_at > ?2 ORDER BY created_at DESC, id"
        ))?;
        let rows = statement.query_map(params![workspace.0, Timestamp::now().0], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn find_invitation(&self, token: &str) -> Result<Option<InvitationRecord>> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM invitations WHERE hash = ?1 AND expires_at > ?2"))?;
        Ok(statement.query_row(params![secret::hash(token), Timestamp::now().0], read).optional()?)
    }

    fn accept_invitation(&self, token: &str, person: &NewPerson<'_>) -> Result<Option<Uuid>> {
        let accepted = self.write(|writing| {
            let invitation = writing.returning(
                &format!("DELETE FROM invitations WHERE hash = ?1 AND expires_at > ?2 RETURNING {COLUMNS}"),
                params![secret::hash(token), Timestamp::now().0],
                read,
            )?;
            let Some(invitation) = invitation else { return Ok(None) };
            let id = people::insert(writing, &NewPerson { email: &invitation.email, ..person.clone() })?;
            members::insert(writing, invitation.workspace, id, invitation.role)?;
            Ok(Some(id))
        })?;
        if accepted.is_some() {
            self.changed();
        }
        Ok(accepted)
    }

    fn revoke_invitation(&self, workspace: WorkspaceId, id: Uuid) -> Result<Option<InvitationRecord>> {
        let sql =
            format!("DELETE FROM invitations WHERE workspace = ?1 AND id = ?2 AND expires_at > ?3 RETURNING {COLUMNS}");
        self.write(|writing| writing.returning(&sql, params![workspace.0, id.as_bytes(), Timestamp::now().0], read))
    }
}
