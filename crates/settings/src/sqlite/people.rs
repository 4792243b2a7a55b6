//! Who may enter the board: one-time links, and the sessions they open.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, params};

use super::{SqliteSettings, begin};
use crate::{DEFAULT_WORKSPACE, People, Result, SessionRecord, secret};

/// How long a session lasts.
const SESSION_SECONDS: i64 = 30 * 86_400;

impl People for SqliteSettings {
    fn create_login_token(&self, time_to_live: Duration) -> Result<String> {
        let plaintext = secret::make("")?;
        let now = Timestamp::now();
        let connection = self.writing();
        connection.execute("DELETE FROM login_tokens WHERE expires_at < ?1", [now.plus_seconds(-86_400).0])?;
        connection.execute(
            "INSERT INTO login_tokens(hash, workspace, expires_at) VALUES (?1, ?2, ?3)",
            params![
                secret::hash(&plaintext),
                DEFAULT_WORKSPACE.0,
                now.plus_micros(i64::try_from(time_to_live.as_micros()).unwrap_or(i64::MAX)).0
            ],
        )?;
        Ok(plaintext)
    }

    fn redeem_login_token(&self, plaintext: &str) -> Result<Option<String>> {
        let now = Timestamp::now();
        let session = secret::make("")?;
        let mut connection = self.writing();
        let transaction = begin(&mut connection)?;
        let workspace: Option<u32> = transaction
            .query_row(
                "UPDATE login_tokens SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2 RETURNING workspace",
                params![secret::hash(plaintext), now.0],
                |row| row.get(0),
            )
            .optional()?;
        let Some(workspace) = workspace else { return Ok(None) };
        transaction.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now.0])?;
        transaction.execute(
            "INSERT INTO sessions(hash, workspace, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)",
            params![secret::hash(&session), workspace, now.0, now.plus_seconds(SESSION_SECONDS).0],
        )?;
        transaction.commit()?;
        Ok(Some(session))
    }

    fn find_session(&self, plaintext: &str) -> Result<Option<SessionRecord>> {
        let presented = secret::hash(plaintext);
        let connection = self.reading();
        let mut statement = connection.prepare_cached(
            "SELECT hash, workspace, created_at, expires_at FROM sessions WHERE hash = ?1 AND expires_at > ?2",
        )?;
        let found = statement
            .query_row(params![presented, Timestamp::now().0], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        Ok(found.filter(|(stored, ..)| secret::same(stored, &presented)).map(
            |(_, workspace, created_at, expires_at)| {
                // Hashed once more: the hash itself would do, but it need not lie about in rate limiters.
                let id = secret::hash(&format!("session {presented:02x?}"));
                SessionRecord {
                    id: u128::from_le_bytes(id[..16].try_into().expect("a hash has 32 bytes")),
                    workspace: WorkspaceId(workspace),
                    created_at: Timestamp(created_at),
                    expires_at: Timestamp(expires_at),
                }
            },
        ))
    }

    fn has_sessions(&self) -> Result<bool> {
        let query = "SELECT EXISTS(SELECT 1 FROM sessions WHERE expires_at > ?1)";
        Ok(self.reading().query_row(query, [Timestamp::now().0], |row| row.get(0))?)
    }

    fn end_session(&self, plaintext: &str) -> Result<bool> {
        Ok(self.writing().execute("DELETE FROM sessions WHERE hash = ?1", [secret::hash(plaintext)])? == 1)
    }
}
