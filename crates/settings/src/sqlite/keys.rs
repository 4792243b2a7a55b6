//! API keys.

use std::time::Duration;

use hiveboard_wire::{Mode, Timestamp, WorkspaceId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::{SqliteSettings, writing::Writing};
use crate::{KeyKind, KeyRecord, KeyScope, KeyScopes, Keys, NewKey, Result, Revoked, Rotated, Settings as _, secret};

const COLUMNS: &str =
    "id, workspace, kind, mode, name, prefix, created_at, revoked_at, last_used_at, scopes, expires_at, replaced_by";
const PREFIX_CHARS: usize = 12;
/// In a cluster, every use that is written down goes to all nodes: one a minute will do.
const COARSELY: &str = " AND coalesce(last_used_at, 0) <= ?2 - 60000000";

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
        scopes: row
            .get::<_, Option<String>>(9)?
            .map_or_else(KeyScopes::default, |text| KeyScopes::of(text.split(',').filter_map(KeyScope::parse))),
        expires_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        replaced_by: row.get::<_, Option<[u8; 16]>>(11)?.map(Uuid::from_bytes),
    })
}

/// Keys that a name may mean.
enum Named {
    One(KeyRecord),
    None,
    Several(Vec<KeyRecord>),
}

fn insert(writing: &Writing<'_>, new: &NewKey<'_>) -> Result<(KeyRecord, String)> {
    let mode = match new.kind {
        KeyKind::Live => Mode::Live,
        KeyKind::Test => Mode::Test,
        KeyKind::Read => new.mode,
    };
    let plaintext = secret::make(&format!("hb_{}_", new.kind.as_str()))?;
    let record = KeyRecord {
        id: Uuid::new_v4(),
        workspace: new.workspace,
        kind: new.kind,
        mode,
        name: new.name.to_owned(),
        prefix: plaintext[..PREFIX_CHARS].to_owned(),
        created_at: Timestamp::now(),
        revoked_at: None,
        last_used_at: None,
        scopes: new.scopes,
        expires_at: new.expires_at,
        replaced_by: None,
    };
    let scopes = record.scopes.iter().map(KeyScope::as_str).collect::<Vec<_>>().join(",");
    writing.execute(
        "INSERT INTO api_keys(id, workspace, kind, mode, name, hash, prefix, created_at, scopes, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            record.id.as_bytes(),
            record.workspace.0,
            record.kind.as_str(),
            mode.as_str(),
            record.name,
            secret::hash(&plaintext),
            record.prefix,
            record.created_at.0,
            scopes,
            record.expires_at.map(|at| at.0)
        ],
    )?;
    Ok((record, plaintext))
}

impl SqliteSettings {
    fn named_key(&self, workspace: WorkspaceId, id_or_prefix: &str) -> Result<Named> {
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
            // One that is over already does not make the name ambiguous.
            let now = Timestamp::now();
            let live: Vec<_> = fitting.iter().filter(|key| key.is_active(now)).cloned().collect();
            if live.len() != 1 {
                return Ok(Named::Several(fitting));
            }
            fitting = live;
        }
        Ok(fitting.pop().map_or(Named::None, Named::One))
    }
}

impl Keys for SqliteSettings {
    fn make_key(&self, new: NewKey<'_>) -> Result<(KeyRecord, String)> {
        let made = self.write(|writing| insert(writing, &new))?;
        self.changed();
        Ok(made)
    }

    fn rotate_key(&self, workspace: WorkspaceId, id_or_prefix: &str, overlap: Duration) -> Result<Rotated> {
        let mut old = match self.named_key(workspace, id_or_prefix)? {
            Named::One(key) => key,
            Named::None => return Ok(Rotated::NotFound),
            Named::Several(keys) => return Ok(Rotated::Ambiguous(keys)),
        };
        let now = Timestamp::now();
        if !old.is_active(now) {
            return Ok(Rotated::Over(old));
        }
        let end = now.plus_micros(i64::try_from(overlap.as_micros()).unwrap_or(i64::MAX));
        let end = old.expires_at.map_or(end, |at| at.min(end));
        // A key that lives for a while is followed by one that lives as long.
        let lives = old.expires_at.map(|at| at.micros() - old.created_at.micros());
        let like_it = NewKey {
            kind: old.kind,
            mode: old.mode,
            workspace,
            name: &old.name,
            scopes: old.scopes,
            expires_at: lives.map(|micros| now.plus_micros(micros)),
        };
        let (new, plaintext) = self.write(|writing| {
            let (new, plaintext) = insert(writing, &like_it)?;
            writing.execute(
                "UPDATE api_keys SET expires_at = ?2, replaced_by = ?3 WHERE id = ?1",
                params![old.id.as_bytes(), end.0, new.id.as_bytes()],
            )?;
            Ok((new, plaintext))
        })?;
        self.changed();
        (old.expires_at, old.replaced_by) = (Some(end), Some(new.id));
        Ok(Rotated::Done { old, new, plaintext })
    }

    fn find_key(&self, plaintext: &str) -> Result<Option<KeyRecord>> {
        let presented = secret::hash(plaintext);
        let connection = self.reading();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS}, hash FROM api_keys WHERE hash = ?1"))?;
        let found = statement.query_row([&presented], |row| Ok((read(row)?, row.get::<_, Vec<u8>>(12)?))).optional()?;
        // The index finds by the hash of what was presented, which tells an attacker nothing about stored ones; compared again all the same.
        let is_it =
            |record: &KeyRecord, stored: &[u8]| record.is_active(Timestamp::now()) && secret::same(stored, &presented);
        Ok(found.and_then(|(record, stored)| is_it(&record, &stored).then_some(record)))
    }

    fn list_keys(&self, workspace: WorkspaceId) -> Result<Vec<KeyRecord>> {
        let connection = self.reading();
        let mut statement = connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM api_keys WHERE workspace = ?1 ORDER BY created_at, id"))?;
        let rows = statement.query_map([workspace.0], read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn revoke_key(&self, workspace: WorkspaceId, id_or_prefix: &str) -> Result<Revoked> {
        let mut key = match self.named_key(workspace, id_or_prefix)? {
            Named::One(key) => key,
            Named::None => return Ok(Revoked::NotFound),
            Named::Several(keys) => return Ok(Revoked::Ambiguous(keys)),
        };
        if key.revoked_at.is_none() {
            let now = Timestamp::now();
            self.write(|writing| {
                writing.execute(
                    "UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL",
                    params![key.id.as_bytes(), now.0],
                )
            })?;
            key.revoked_at = Some(now);
            self.changed();
        }
        Ok(Revoked::Done(key))
    }

    fn touch_keys(&self, used: &[(Uuid, Timestamp)]) -> Result<()> {
        let coarsely = if self.is_shared() { COARSELY } else { "" };
        let sql =
            format!("UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, ?2), ?2) WHERE id = ?1{coarsely}");
        self.write(|writing| {
            for (id, at) in used {
                writing.execute(&sql, params![id.as_bytes(), at.0])?;
            }
            Ok(())
        })
    }
}
