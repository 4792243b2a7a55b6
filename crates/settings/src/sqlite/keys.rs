//! API keys.

use hiveboard_wire::{Mode, Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::SqliteSettings;
use crate::{KeyKind, KeyRecord, Keys, Result, Revoked, secret};

const COLUMNS: &str = "id, workspace, kind, mode, name, prefix, created_at, revoked_at, last_used_at";
const PREFIX_CHARS: usize = 12;

fn read(row: &Row<'_>) -> rusqlite::Result<KeyRecord> {
    let word =
        |index: usize, text: String| rusqlite::Error::InvalidColumnType(index, text, rusqlite::types::Type::Text);
    let kind: String = row.get(2)?;
    let mode: String = row.get(3)?;
    Ok(KeyRecord {
        id: Uuid::from_bytes(row.get(0)?),
        workspace: WorkspaceId(row.get(1)?),
        kind: KeyKind::parse(&kind).ok_or_else(|| word(2, kind))?,
        mode: Mode::parse(&mode).ok_or_else(|| word(3, mode))?,
        name: row.get(4)?,
        prefix: row.get(5)?,
        created_at: Timestamp(row.get(6)?),
        revoked_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        last_used_at: row.get::<_, Option<i64>>(8)?.map(Timestamp),
    })
}

impl Keys for SqliteSettings {
    fn create_key(&self, kind: KeyKind, mode: Mode, workspace: WorkspaceId, name: &str) -> Result<(KeyRecord, String)> {
        let mode = match kind {
            KeyKind::Live => Mode::Live,
            KeyKind::Test => Mode::Test,
            KeyKind::Read => mode,
        };
        let plaintext = secret::make(&format!("hb_{}_", kind.as_str()))?;
        let record = KeyRecord {
            id: Uuid::new_v4(),
            workspace,
            kind,
            mode,
            name: name.to_owned(),
            prefix: plaintext[..PREFIX_CHARS].to_owned(),
            created_at: Timestamp::now(),
            revoked_at: None,
            last_used_at: None,
        };
        self.writing().execute(
            "INSERT INTO api_keys(id, workspace, kind, mode, name, hash, prefix, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                record.id.as_bytes(),
                workspace.0,
                kind.as_str(),
                mode.as_str(),
                name,
                secret::hash(&plaintext),
                record.prefix,
                record.created_at.0
            ],
        )?;
        self.changed();
        Ok((record, plaintext))
    }

    fn find_key(&self, plaintext: &str) -> Result<Option<KeyRecord>> {
        let presented = secret::hash(plaintext);
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS}, hash FROM api_keys WHERE hash = ?1 AND revoked_at IS NULL"))?;
        let found = statement.query_row([&presented], |row| Ok((read(row)?, row.get::<_, Vec<u8>>(9)?))).optional()?;
        // The index finds by the hash of what was presented, which tells an attacker nothing about stored ones; compared again all the same.
        Ok(found.and_then(|(record, stored)| secret::same(&stored, &presented).then_some(record)))
    }

    fn list_keys(&self, workspace: WorkspaceId) -> Result<Vec<KeyRecord>> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM api_keys WHERE workspace = ?1 ORDER BY created_at, id"))?;
        let rows = statement.query_map([workspace.0], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn revoke_key(&self, workspace: WorkspaceId, id_or_prefix: &str) -> Result<Revoked> {
        let wanted_id = Uuid::parse_str(id_or_prefix).ok();
        let wanted: String = id_or_prefix.chars().take(PREFIX_CHARS).collect();
        let mut fitting: Vec<KeyRecord> = self
            .list_keys(workspace)?
            .into_iter()
            .filter(|key| match wanted_id {
                Some(id) => key.id == id,
                None => wanted.starts_with("hb_") && key.prefix.starts_with(&wanted),
            })
            .collect();
        if fitting.len() > 1 {
            // One that is revoked already does not make the name ambiguous.
            let live: Vec<_> = fitting.iter().filter(|key| key.revoked_at.is_none()).cloned().collect();
            if live.len() != 1 {
                return Ok(Revoked::Ambiguous(fitting));
            }
            fitting = live;
        }
        let Some(mut key) = fitting.pop() else { return Ok(Revoked::NotFound) };
        if key.revoked_at.is_none() {
            let now = Timestamp::now();
            self.writing().execute(
                "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                params![key.id.as_bytes(), now.0],
            )?;
            key.revoked_at = Some(now);
            self.changed();
        }
        Ok(Revoked::Done(key))
    }

    fn touch_keys(&self, used: &[(Uuid, Timestamp)]) -> Result<()> {
        let mut connection = self.writing();
        let transaction = super::begin(&mut connection)?;
        for (id, at) in used {
            transaction.execute(
                "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1",
                params![id.as_bytes(), at.0],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }
}
