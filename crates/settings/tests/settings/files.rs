//! What an earlier version's file becomes, and a file that two processes use.

use hiveboard_settings::{
    DEFAULT_WORKSPACE, KeyKind, KeyScopes, Keys, People, Projects, Role, Settings, SqliteSettings,
};
use hiveboard_wire::{Mode, Scope, Timestamp};

#[test]
fn a_file_of_the_first_version_keeps_its_keys_and_lets_its_sessions_in() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("settings.db");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/v0.1.0.db"), &file).unwrap();
    let session = "S".repeat(32);
    {
        use sha2::Digest;
        let hash: [u8; 32] = sha2::Sha256::digest(session.as_bytes()).into();
        let old = rusqlite::Connection::open(&file).unwrap();
        let version: u32 = old.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
        let until = Timestamp::now().plus_seconds(3_600).0;
        let insert = "INSERT INTO sessions(hash, workspace, created_at, expires_at) VALUES (?1, 1, 1, ?2)";
        old.execute(insert, rusqlite::params![hash, until]).unwrap();
    }
    let settings = SqliteSettings::open(dir.path()).unwrap();
    // The key stands in the committed file; it opens nothing else.
    let key = settings.find_key("hb_live_jHUzl7Iqmdgnc5Lw0mhNAVXil5mxQSBQ").unwrap().unwrap();
    assert_eq!((key.kind, key.scopes, key.expires_at), (KeyKind::Live, KeyScopes::default(), None));
    assert_eq!(settings.list_keys(DEFAULT_WORKSPACE).unwrap().len(), 2);
    let scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
    assert!(settings.list_projects(scope).unwrap().len() >= 2);
    let found = settings.find_session(&session).unwrap().unwrap();
    assert_eq!((found.person, found.role), (None, Role::Owner), "whoever was in stays in");
    assert!(!settings.has_owner().unwrap());
    settings.touch_session(&session).unwrap();
    let touched = settings.find_session(&session).unwrap().unwrap();
    assert!(touched.expires_at > Timestamp::now().plus_seconds(29 * 86_400), "idle counts from the last use");
    drop(settings);
    assert_eq!(SqliteSettings::open(dir.path()).unwrap().list_keys(DEFAULT_WORKSPACE).unwrap().len(), 2);
}

#[test]
fn a_change_by_another_process_is_noticed() {
    let (dir, settings) = crate::support::alone();
    let beside = SqliteSettings::open(dir.path()).unwrap();
    let (record, plaintext) = beside.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "").unwrap();
    assert!(settings.find_key(&plaintext).unwrap().is_some(), "works at once");
    let before = settings.change_mark().unwrap();
    assert_eq!(settings.change_mark().unwrap(), before);
    beside.revoke_key(DEFAULT_WORKSPACE, &record.prefix).unwrap();
    assert_ne!(settings.change_mark().unwrap(), before);
    let before = settings.change_mark().unwrap();
    settings.ensure_projects(Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live }, &["own"], 10).unwrap();
    assert_ne!(settings.change_mark().unwrap(), before, "own changes count as well");
}
