//! The audit log in `settings.db`.

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::params;

use super::SqliteSettings;
use crate::{AuditEntry, AuditFilter, AuditLog, AuditRecord, Result};

impl AuditLog for SqliteSettings {
    fn write_audit(&self, workspace: WorkspaceId, entry: &AuditEntry) -> Result<()> {
        self.write(|writing| {
            writing.execute(
                "INSERT INTO audit(workspace, at, actor_kind, actor_id, actor_name, action, target, address, before, after)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    workspace.0,
                    Timestamp::now().0,
                    entry.actor_kind,
                    entry.actor_id,
                    entry.actor_name,
                    entry.action,
                    entry.target,
                    entry.address,
                    entry.before,
                    entry.after
                ],
            )?;
            Ok(())
        })
    }

    fn read_audit(
        &self,
        workspace: WorkspaceId,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT id, at, actor_kind, actor_id, actor_name, action, target, address, before, after FROM audit
             WHERE workspace = ?1 AND id < coalesce(?2, 9223372036854775807)
                AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR actor_id = ?4 OR actor_name = ?4)
                AND (?5 IS NULL OR target = ?5) AND (?6 IS NULL OR at >= ?6) AND (?7 IS NULL OR at < ?7)
             ORDER BY id DESC LIMIT ?8",
        )?;
        let rows = statement.query_map(
            params![
                workspace.0,
                before,
                filter.action,
                filter.actor,
                filter.target,
                filter.since.map(|at| at.0),
                filter.until.map(|at| at.0),
                i64::try_from(limit).unwrap_or(i64::MAX)
            ],
            |row| {
                Ok(AuditRecord {
                    id: row.get(0)?,
                    at: Timestamp(row.get(1)?),
                    entry: AuditEntry {
                        actor_kind: row.get(2)?,
                        actor_id: row.get(3)?,
                        actor_name: row.get(4)?,
                        action: row.get(5)?,
                        target: row.get(6)?,
                        address: row.get(7)?,
                        before: row.get(8)?,
                        after: row.get(9)?,
                    },
                })
            },
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn forget_before(&self, before: Timestamp) -> Result<()> {
        let now = Timestamp::now();
        self.write(|writing| {
            writing.execute("DELETE FROM audit WHERE at < ?1", params![before.0])?;
            for table in ["sessions", "invitations", "password_resets", "login_tokens"] {
                let sql = format!("DELETE FROM {table} WHERE expires_at < ?1");
                writing.execute(&sql, params![now.plus_seconds(-86_400).0])?;
            }
            Ok(())
        })
    }
}
