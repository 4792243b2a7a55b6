//! People, roles, invitations and resets; and what an earlier version's file becomes.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Duration;

use hiveboard_settings::{
    AuditEntry, AuditFilter, AuditLog, DEFAULT_WORKSPACE, Invitations, KeyKind, KeyScope, KeyScopes, Keys,
    MemberChange, Members, Merged, NewKey, NewPerson, PasswordHash, People, Projects, Role, Rotated, SESSION_IDLE,
    SessionOrigin, SetUp, SqliteSettings, Workspaces,
};
use hiveboard_wire::{Mode, Scope, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);

fn settings() -> (tempfile::TempDir, SqliteSettings) {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings::open(dir.path()).unwrap();
    (dir, settings)
}

fn person(email: &str) -> NewPerson<'_> {
    NewPerson { email, name: "Ada", password: PasswordHash("hash".to_owned()) }
}

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
fn the_first_owner_ends_sessions_without_a_person_and_is_the_only_first_one() {
    let (_dir, settings) = settings();
    let token = settings.create_login_token(MINUTE).unwrap();
    let session = settings.redeem_login_token(&token).unwrap().unwrap();
    let second = settings.create_login_token(MINUTE).unwrap();
    assert_eq!(settings.set_up_owner(Some("no such"), DEFAULT_WORKSPACE, &person("a@b")).unwrap(), SetUp::BadLink);
    assert_eq!(settings.set_up_owner(Some(&token), DEFAULT_WORKSPACE, &person("a@b")).unwrap(), SetUp::BadLink);
    let SetUp::Done(id) = settings.set_up_owner(Some(&second), DEFAULT_WORKSPACE, &person("A@B")).unwrap() else {
        panic!("not set up")
    };
    assert_eq!(settings.memberships(id).unwrap(), [(DEFAULT_WORKSPACE, Role::Owner)]);
    assert_eq!(settings.find_session(&session).unwrap(), None);
    let third = settings.create_login_token(MINUTE).unwrap();
    assert_eq!(settings.redeem_login_token(&third).unwrap(), None, "links open nothing any more");
    assert_eq!(settings.set_up_owner(Some(&third), DEFAULT_WORKSPACE, &person("c@d")).unwrap(), SetUp::HasOwner);
    assert_eq!(settings.find_person_by_email(" a@B ").unwrap().unwrap().id, id);
}

#[test]
fn invitations_work_once_for_a_while_and_are_gone_with_a_newer_one() {
    let (_dir, settings) = settings();
    let invite = |email: &str, lives| settings.invite(DEFAULT_WORKSPACE, email, Role::Member, "Bo", lives).unwrap();
    let (_, older) = invite("Ada@example.org", MINUTE);
    let (record, token) = invite("ada@example.org", MINUTE);
    let (_, expired) = invite("late@example.org", Duration::ZERO);
    assert_eq!(settings.list_invitations(DEFAULT_WORKSPACE).unwrap(), std::slice::from_ref(&record));
    for over in [&older, &expired, &String::from("nonsense")] {
        assert_eq!(settings.find_invitation(over).unwrap(), None);
        assert_eq!(settings.accept_invitation(over, &person("")).unwrap(), None);
    }
    let accepted: Vec<_> = std::thread::scope(|threads| {
        let tries: Vec<_> =
            (0..4).map(|_| threads.spawn(|| settings.accept_invitation(&token, &person("")).unwrap())).collect();
        tries.into_iter().filter_map(|one| one.join().unwrap()).collect()
    });
    let [id] = accepted.as_slice() else { panic!("{} people by one invitation", accepted.len()) };
    assert_eq!(settings.memberships(*id).unwrap(), [(DEFAULT_WORKSPACE, Role::Member)]);
    assert_eq!(settings.find_person(*id).unwrap().unwrap().email, "ada@example.org");
    assert_eq!(settings.revoke_invitation(DEFAULT_WORKSPACE, record.id).unwrap(), None);
}

#[test]
fn one_owner_stays_and_who_is_nowhere_a_member_is_forgotten() {
    let (_dir, settings) = settings();
    let join = |email: &str, role| {
        let (_, token) = settings.invite(DEFAULT_WORKSPACE, email, role, "", MINUTE).unwrap();
        settings.accept_invitation(&token, &person("")).unwrap().unwrap()
    };
    let (ada, bo) = (join("ada@example.org", Role::Owner), join("bo@example.org", Role::Viewer));
    let session = settings.create_session(bo, DEFAULT_WORKSPACE, SessionOrigin::default(), SESSION_IDLE).unwrap();
    assert_eq!(settings.find_session(&session).unwrap().unwrap().role, Role::Viewer);
    assert_eq!(settings.set_role(DEFAULT_WORKSPACE, ada, Role::Admin).unwrap(), MemberChange::LastOwner);
    assert_eq!(settings.remove_member(DEFAULT_WORKSPACE, ada).unwrap(), MemberChange::LastOwner);
    assert!(matches!(settings.set_role(DEFAULT_WORKSPACE, bo, Role::Owner).unwrap(), MemberChange::Done(_)));
    assert_eq!(settings.find_session(&session).unwrap().unwrap().role, Role::Owner, "roles hold at once");
    let other = settings.create_workspace("other").unwrap().id;
    settings.add_member(other, ada, Role::Viewer).unwrap();
    for (workspace, there) in [(DEFAULT_WORKSPACE, true), (other, false)] {
        assert!(matches!(
            settings.remove_member(workspace, ada).unwrap(),
            MemberChange::LastOwner | MemberChange::Done(_)
        ));
        assert_eq!(settings.find_person(ada).unwrap().is_some(), there);
    }
    assert_eq!(settings.remove_member(other, ada).unwrap(), MemberChange::NotFound);
}

#[test]
fn a_reset_sets_the_password_once_and_ends_all_sessions() {
    let (_dir, settings) = settings();
    let SetUp::Done(id) = settings.set_up_owner(None, DEFAULT_WORKSPACE, &person("a@b")).unwrap() else { panic!() };
    let open = || settings.create_session(id, DEFAULT_WORKSPACE, SessionOrigin::default(), SESSION_IDLE).unwrap();
    let (first, second) = (open(), open());
    let own = settings.find_session(&first).unwrap().unwrap().id;
    assert!(settings.set_password(id, &PasswordHash("second".to_owned()), Some(own)).unwrap());
    assert!(settings.find_session(&first).unwrap().is_some() && settings.find_session(&second).unwrap().is_none());
    let token = settings.create_password_reset(id, MINUTE).unwrap();
    let unused = settings.create_password_reset(id, MINUTE).unwrap();
    let late = settings.create_password_reset(id, Duration::ZERO).unwrap();
    let third = PasswordHash("third".to_owned());
    assert_eq!(settings.redeem_password_reset(&late, &third).unwrap(), None);
    assert_eq!(settings.redeem_password_reset(&token, &third).unwrap(), Some(id));
    assert_eq!(settings.redeem_password_reset(&token, &third).unwrap(), None);
    assert_eq!(settings.redeem_password_reset(&unused, &third).unwrap(), None, "others go with it");
    assert_eq!(settings.find_person(id).unwrap().unwrap().password, third);
    assert_eq!(settings.list_sessions().unwrap(), []);
}

#[test]
fn keys_end_by_themselves_and_are_followed_by_others_like_them() {
    let (_dir, settings) = settings();
    let make = |expires_at| {
        let scopes = KeyScopes::of([KeyScope::Ingest]);
        let (kind, mode, workspace, name) = (KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "k");
        settings.make_key(NewKey { kind, mode, workspace, name, scopes, expires_at }).unwrap()
    };
    let (_, over) = make(Some(Timestamp::now()));
    assert_eq!(settings.find_key(&over).unwrap(), None);
    let (record, plaintext) = make(Some(Timestamp::now().plus_seconds(3_600)));
    let day = Duration::from_secs(86_400);
    let Rotated::Done { old, new, plaintext: next } =
        settings.rotate_key(DEFAULT_WORKSPACE, &record.id.to_string(), day).unwrap()
    else {
        panic!("not rotated")
    };
    assert_eq!(old.expires_at, record.expires_at, "the end that it had comes first");
    assert_eq!((old.replaced_by, new.scopes, new.name.as_str()), (Some(new.id), record.scopes, "k"));
    assert!(new.expires_at > old.expires_at, "as long again");
    assert!(settings.find_key(&plaintext).unwrap().is_some() && settings.find_key(&next).unwrap().is_some(), "both");
    let now = settings.rotate_key(DEFAULT_WORKSPACE, &new.id.to_string(), Duration::ZERO).unwrap();
    assert!(matches!(now, Rotated::Done { .. }) && settings.find_key(&next).unwrap().is_none());
    let again = settings.rotate_key(DEFAULT_WORKSPACE, &new.id.to_string(), day).unwrap();
    assert!(matches!(again, Rotated::Over(_)));
}

#[test]
fn slugs_of_merged_projects_lead_to_what_they_became() {
    let (_dir, settings) = settings();
    let scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
    settings.ensure_projects(scope, &["a", "b", "c"], 10).unwrap();
    assert!(matches!(settings.merge_project(scope, "a", "b").unwrap(), Merged::Done { .. }));
    assert!(matches!(settings.merge_project(scope, "b", "c").unwrap(), Merged::Done { .. }));
    let pair = |alias: &str| (alias.to_owned(), "c".to_owned());
    assert_eq!(settings.project_aliases(scope).unwrap(), [pair("a"), pair("b")], "never an alias of an alias");
    assert_eq!(settings.find_project_named(scope, "a").unwrap().unwrap().project_id, "c");
    for (from, into, refusal) in [
        ("c", "c", Merged::Refused),
        ("default", "c", Merged::Refused),
        ("a", "c", Merged::NoSource),
        ("c", "a", Merged::NoTarget),
    ] {
        assert_eq!(settings.merge_project(scope, from, into).unwrap(), refusal, "{from} {into}");
    }
    let other = Scope { mode: Mode::Test, ..scope };
    assert_eq!(settings.project_aliases(other).unwrap(), []);
}

#[test]
fn the_audit_log_is_read_by_workspace_and_forgotten_after_its_time() {
    let (_dir, settings) = settings();
    let other = settings.create_workspace("other").unwrap().id;
    for (workspace, action) in [(DEFAULT_WORKSPACE, "a"), (other, "b"), (DEFAULT_WORKSPACE, "c")] {
        let entry = AuditEntry { action: action.to_owned(), actor_name: "Ada".to_owned(), ..AuditEntry::default() };
        settings.write_audit(workspace, &entry).unwrap();
    }
    let actions = |workspace, filter: &AuditFilter, before, limit| -> Vec<String> {
        let records = settings.read_audit(workspace, filter, before, limit).unwrap();
        records.into_iter().map(|record| record.entry.action).collect()
    };
    let all = AuditFilter::default();
    assert_eq!(actions(DEFAULT_WORKSPACE, &all, None, 10), ["c", "a"]);
    assert_eq!(actions(other, &all, None, 10), ["b"]);
    assert_eq!(
        actions(DEFAULT_WORKSPACE, &AuditFilter { action: Some("a".to_owned()), ..all.clone() }, None, 10),
        ["a"]
    );
    let newest = settings.read_audit(DEFAULT_WORKSPACE, &all, None, 1).unwrap();
    assert_eq!(actions(DEFAULT_WORKSPACE, &all, Some(newest[0].id), 10), ["a"]);
    settings.forget_before(Timestamp::now().plus_seconds(-60)).unwrap();
    assert_eq!(actions(DEFAULT_WORKSPACE, &all, None, 10), ["c", "a"], "younger ones stay");
    settings.forget_before(Timestamp::now().plus_seconds(60)).unwrap();
    assert_eq!(actions(DEFAULT_WORKSPACE, &all, None, 10), [] as [&str; 0]);
}
