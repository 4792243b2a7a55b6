//! People, their passwords and the links that let them in, in `settings.db`.

use std::time::Duration;

use hiveboard_wire::{Timestamp, WorkspaceId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::{SqliteSettings, members, sessions, writing::Writing};
use crate::{
    DEFAULT_WORKSPACE, NewPerson, PasswordHash, People, PersonRecord, Result, Role, SESSION_IDLE, SessionOrigin,
    SessionRecord, SetUp, Settings as _, secret,
};

/// Addresses are told apart as the field does: not by case.
pub(super) fn folded(email: &str) -> String {
    email.trim().to_lowercase()
}

pub(super) fn after(now: Timestamp, passed: Duration) -> Timestamp {
    now.plus_micros(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX))
}

const COLUMNS: &str = "id, email, name, password";

fn read(row: &Row<'_>) -> rusqlite::Result<PersonRecord> {
    Ok(PersonRecord {
        id: Uuid::from_bytes(row.get(0)?),
        email: row.get(1)?,
        name: row.get(2)?,
        password: PasswordHash(row.get(3)?),
    })
}

/// Makes a person where nobody has the address; answers who has it now.
pub(super) fn insert(writing: &Writing<'_>, person: &NewPerson<'_>) -> Result<Uuid> {
    let email = folded(person.email);
    writing.execute(
        "INSERT OR IGNORE INTO people(id, email, name, password, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![Uuid::new_v4().as_bytes(), email, person.name, person.password.0, Timestamp::now().0],
    )?;
    let id: [u8; 16] = writing.query_row("SELECT id FROM people WHERE email = ?1", [email], |row| row.get(0))?;
    Ok(Uuid::from_bytes(id))
}

/// Uses up a login token.
fn redeem(writing: &Writing<'_>, plaintext: &str) -> Result<bool> {
    let used = writing.execute(
        "UPDATE login_tokens SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2",
        params![secret::hash(plaintext), Timestamp::now().0],
    )?;
    Ok(used == 1)
}

fn has_owner(connection: &Connection) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT EXISTS(SELECT 1 FROM members WHERE role = 'owner')")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

impl People for SqliteSettings {
    fn create_login_token(&self, time_to_live: Duration) -> Result<String> {
        let plaintext = secret::make("")?;
        self.write(|writing| {
            writing.execute(
                "INSERT INTO login_tokens(hash, workspace, expires_at) VALUES (?1, ?2, ?3)",
                params![secret::hash(&plaintext), DEFAULT_WORKSPACE.0, after(Timestamp::now(), time_to_live).0],
            )
        })?;
        Ok(plaintext)
    }

    fn redeem_login_token(&self, plaintext: &str) -> Result<Option<String>> {
        let session = self.write(|writing| {
            if has_owner(writing)? || !redeem(writing, plaintext)? {
                return Ok(None);
            }
            sessions::insert(writing, None, DEFAULT_WORKSPACE, SessionOrigin::default(), SESSION_IDLE).map(Some)
        })?;
        if session.is_some() {
            self.changed();
        }
        Ok(session)
    }

    fn has_owner(&self) -> Result<bool> {
        has_owner(&self.reading())
    }

    fn set_up_owner(&self, login_token: Option<&str>, workspace: WorkspaceId, owner: &NewPerson<'_>) -> Result<SetUp> {
        let done = self.write(|writing| {
            if has_owner(writing)? {
                return Ok(SetUp::HasOwner);
            }
            if let Some(token) = login_token
                && !redeem(writing, token)?
            {
                return Ok(SetUp::BadLink);
            }
            let id = insert(writing, owner)?;
            // Whoever has the address already, by an invitation that came first, is the owner with the password that was set now.
            writing.execute(
                "UPDATE people SET name = ?2, password = ?3 WHERE id = ?1",
                params![id.as_bytes(), owner.name, owner.password.0],
            )?;
            writing.execute(
                "DELETE FROM members WHERE workspace = ?1 AND person = ?2",
                params![workspace.0, id.as_bytes()],
            )?;
            members::insert(writing, workspace, id, Role::Owner)?;
            writing.execute("DELETE FROM sessions WHERE person IS NULL", &[])?;
            Ok(SetUp::Done(id))
        })?;
        if matches!(done, SetUp::Done(_)) {
            self.changed();
        }
        Ok(done)
    }

    fn find_person(&self, id: Uuid) -> Result<Option<PersonRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE id = ?1"))?;
        Ok(statement.query_row([id.as_bytes()], read).optional()?)
    }

    fn find_person_by_email(&self, email: &str) -> Result<Option<PersonRecord>> {
        let connection = self.reading();
        let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE email = ?1"))?;
        Ok(statement.query_row([folded(email)], read).optional()?)
    }

    fn set_password(&self, person: Uuid, password: &PasswordHash, except: Option<u128>) -> Result<bool> {
        let kept = match except {
            Some(id) => sessions::hash_of(&self.reading(), id)?,
            None => None,
        };
        let changed = self.write(|writing| {
            let changed = writing
                .execute("UPDATE people SET password = ?2 WHERE id = ?1", params![person.as_bytes(), password.0])?;
            writing.execute(
                "DELETE FROM sessions WHERE person = ?1 AND hash IS NOT ?2",
                params![person.as_bytes(), kept],
            )?;
            Ok(changed)
        })?;
        self.changed();
        Ok(changed == 1)
    }

    fn create_password_reset(&self, person: Uuid, time_to_live: Duration) -> Result<String> {
        let plaintext = secret::make("")?;
        self.write(|writing| {
            writing.execute(
                "INSERT INTO password_resets(hash, person, expires_at) VALUES (?1, ?2, ?3)",
                params![secret::hash(&plaintext), person.as_bytes(), after(Timestamp::now(), time_to_live).0],
            )
        })?;
        Ok(plaintext)
    }

    fn redeem_password_reset(&self, plaintext: &str, password: &PasswordHash) -> Result<Option<Uuid>> {
        let person = self.write(|writing| {
            let person: Option<[u8; 16]> = writing.returning(
                "DELETE FROM password_resets WHERE hash = ?1 AND expires_at > ?2 RETURNING person",
                params![secret::hash(plaintext), Timestamp::now().0],
                |row| row.get(0),
            )?;
            if let Some(person) = person {
                writing.execute("UPDATE people SET password = ?2 WHERE id = ?1", params![person, password.0])?;
                writing.execute("DELETE FROM sessions WHERE person = ?1", params![person])?;
                // Other links for the same person have done their work.
                writing.execute("DELETE FROM password_resets WHERE person = ?1", params![person])?;
            }
            Ok(person.map(Uuid::from_bytes))
        })?;
        if person.is_some() {
            self.changed();
        }
        Ok(person)
    }

    fn create_session(
        &self,
        person: Uuid,
        workspace: WorkspaceId,
        origin: SessionOrigin<'_>,
        idle: Duration,
    ) -> Result<String> {
        let plaintext = self.write(|writing| sessions::insert(writing, Some(person), workspace, origin, idle))?;
        self.changed();
        Ok(plaintext)
    }

    fn find_session(&self, plaintext: &str) -> Result<Option<SessionRecord>> {
        sessions::find(&self.reading(), plaintext)
    }

    fn touch_session(&self, plaintext: &str) -> Result<()> {
        self.write(|writing| sessions::touch(writing, plaintext, self.is_shared()))
    }

    fn move_session(&self, plaintext: &str, workspace: WorkspaceId) -> Result<bool> {
        let sql = "UPDATE sessions SET workspace = ?2 WHERE hash = ?1";
        let moved = self.write(|writing| writing.execute(sql, params![secret::hash(plaintext), workspace.0]))?;
        self.changed();
        Ok(moved == 1)
    }

    fn list_sessions(&self) -> Result<Vec<SessionRecord>> {
        sessions::list(&self.reading())
    }

    fn has_sessions(&self) -> Result<bool> {
        let query = "SELECT EXISTS(SELECT 1 FROM sessions WHERE expires_at > ?1)";
        Ok(self.reading().query_row(query, [Timestamp::now().0], |row| row.get(0))?)
    }

    fn end_session(&self, plaintext: &str) -> Result<bool> {
        let sql = "DELETE FROM sessions WHERE hash = ?1";
        let ended = self.write(|writing| writing.execute(sql, params![secret::hash(plaintext)]))?;
        self.changed();
        Ok(ended == 1)
    }

    fn end_session_by_id(&self, id: u128) -> Result<bool> {
        let Some(hash) = sessions::hash_of(&self.reading(), id)? else { return Ok(false) };
        let ended = self.write(|writing| writing.execute("DELETE FROM sessions WHERE hash = ?1", params![hash]))?;
        self.changed();
        Ok(ended == 1)
    }
}
