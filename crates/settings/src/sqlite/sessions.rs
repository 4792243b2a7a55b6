//! Rows of sessions in `settings.db`.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::{members, people, writing::Writing};
use crate::{Result, Role, SESSION_IDLE, SessionOrigin, SessionRecord, secret};

/// What a browser calls itself is cut here.
const USER_AGENT_CHARS: usize = 200;

/// Sessions that let somebody in: of members, and those without a person while the board has no owner.
const OPEN: &str =
    "SELECT s.hash, s.workspace, s.person, m.role, s.created_at, coalesce(s.last_seen_at, s.created_at), s.expires_at,
        s.address, s.user_agent
     FROM sessions s LEFT JOIN members m ON m.person = s.person AND m.workspace = s.workspace
     WHERE s.expires_at > ?1
        AND (m.role IS NOT NULL OR (s.person IS NULL AND NOT EXISTS(SELECT 1 FROM members WHERE role = 'owner')))";

fn read(row: &Row<'_>) -> rusqlite::Result<(Vec<u8>, SessionRecord)> {
    let hash: Vec<u8> = row.get(0)?;
    let person = row.get::<_, Option<[u8; 16]>>(2)?.map(Uuid::from_bytes);
    let record = SessionRecord {
        id: id_of(&hash),
        workspace: WorkspaceId(row.get(1)?),
        person,
        // Whoever opened the board by its link owns it.
        role: if person.is_none() { Role::Owner } else { members::role(3, row)? },
        created_at: Timestamp(row.get(4)?),
        last_seen_at: Timestamp(row.get(5)?),
        expires_at: Timestamp(row.get(6)?),
        address: row.get(7)?,
        user_agent: row.get(8)?,
    };
    Ok((hash, record))
}

/// Hashed once more: the hash itself would do, but it need not lie about in rate limiters and lists.
fn id_of(hash: &[u8]) -> u128 {
    let id = secret::hash(&format!("session {hash:02x?}"));
    u128::from_le_bytes(id[..16].try_into().expect("a hash has 32 bytes"))
}

pub(super) fn insert(
    writing: &Writing<'_>,
    person: Option<Uuid>,
    workspace: WorkspaceId,
    origin: SessionOrigin<'_>,
    idle: Duration,
) -> Result<String> {
    let plaintext = secret::make("")?;
    let now = Timestamp::now();
    writing.execute(
        "INSERT INTO sessions(hash, workspace, person, created_at, last_seen_at, expires_at, address, user_agent)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)",
        params![
            secret::hash(&plaintext),
            workspace.0,
            person.as_ref().map(Uuid::as_bytes),
            now.0,
            people::after(now, idle).0,
            origin.address.map(|address| address.to_canonical().to_string()),
            origin.user_agent.map(|text| text.chars().take(USER_AGENT_CHARS).collect::<String>())
        ],
    )?;
    Ok(plaintext)
}

pub(super) fn find(connection: &Connection, plaintext: &str) -> Result<Option<SessionRecord>> {
    let presented = secret::hash(plaintext);
    let mut statement = connection.prepare_cached(&format!("{OPEN} AND s.hash = ?2"))?;
    let mut rows = statement.query_map(params![Timestamp::now().0, presented], read)?;
    let Some(found) = rows.next() else { return Ok(None) };
    let (stored, record) = found?;
    // The index finds by the hash of what was presented, which tells nothing about stored ones; compared again all the same.
    Ok(secret::same(&stored, &presented).then_some(record))
}

pub(super) fn list(connection: &Connection) -> Result<Vec<SessionRecord>> {
    let mut statement = connection.prepare_cached(&format!("{OPEN} ORDER BY 6 DESC, s.hash"))?;
    let rows = statement.query_map([Timestamp::now().0], |row| Ok(read(row)?.1))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The stored hash of a session.
pub(super) fn hash_of(connection: &Connection, id: u128) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT hash FROM sessions")?;
    let hashes = statement.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(hashes.into_iter().find(|hash| id_of(hash) == id))
}

/// In a cluster, every use that is written down goes to all nodes: `coarsely`, one a minute.
pub(super) fn touch(writing: &Writing<'_>, plaintext: &str, coarsely: bool) -> Result<()> {
    let now = Timestamp::now();
    let coarsely = if coarsely { " AND coalesce(last_seen_at, 0) <= ?2 - 60000000" } else { "" };
    writing.execute(
        &format!("UPDATE sessions SET last_seen_at = ?2, expires_at = ?3 WHERE hash = ?1{coarsely}"),
        params![secret::hash(plaintext), now.0, people::after(now, SESSION_IDLE).0],
    )?;
    Ok(())
}
