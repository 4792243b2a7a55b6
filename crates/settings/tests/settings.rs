//! Keys, projects, and who may enter the board.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Duration;

use hiveboard_settings::{
    DEFAULT_WORKSPACE, Ensured, KeyKind, Keys, People, ProjectChange, ProjectRecord, Projects, Revoked, Settings,
    SqliteSettings, Workspaces,
};
use hiveboard_wire::{Mode, Scope};

const SCOPES: [Scope; 2] = [
    Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live },
    Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Test },
];

fn settings() -> (tempfile::TempDir, SqliteSettings) {
    let dir = tempfile::tempdir().unwrap();
    let settings = SqliteSettings::open(dir.path()).unwrap();
    (dir, settings)
}

#[test]
fn a_key_works_until_revoked_and_its_plaintext_is_nowhere_on_disk() {
    let (dir, settings) = settings();
    let (record, plaintext) = settings.create_key(KeyKind::Read, Mode::Test, DEFAULT_WORKSPACE, "for reports").unwrap();
    assert!(plaintext.starts_with("hb_read_") && plaintext.len() == 40 && plaintext.starts_with(&record.prefix));
    assert_eq!(settings.find_key(&plaintext).unwrap().as_ref(), Some(&record));
    assert_eq!(settings.find_key(&plaintext[..39]).unwrap(), None);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(20).any(|window| window == &plaintext.as_bytes()[..20]));
    }
    let Revoked::Done(revoked) = settings.revoke_key(DEFAULT_WORKSPACE, &record.prefix).unwrap() else {
        panic!("not revoked")
    };
    assert!(revoked.id == record.id && revoked.revoked_at.is_some());
    assert_eq!(settings.find_key(&plaintext).unwrap(), None);
    assert_eq!(settings.list_keys(DEFAULT_WORKSPACE).unwrap(), [revoked]);
}

#[test]
fn live_and_test_keys_bring_their_mode_and_ambiguous_prefixes_are_said() {
    let (_dir, settings) = settings();
    let (live, _) = settings.create_key(KeyKind::Live, Mode::Test, DEFAULT_WORKSPACE, "").unwrap();
    let (test, _) = settings.create_key(KeyKind::Test, Mode::Live, DEFAULT_WORKSPACE, "").unwrap();
    assert_eq!((live.mode, test.mode), (Mode::Live, Mode::Test));
    assert!(
        matches!(settings.revoke_key(DEFAULT_WORKSPACE, "hb_").unwrap(), Revoked::Ambiguous(keys) if keys.len() == 2)
    );
    assert_eq!(settings.revoke_key(DEFAULT_WORKSPACE, "").unwrap(), Revoked::NotFound);
    assert!(matches!(settings.revoke_key(DEFAULT_WORKSPACE, &live.id.to_string()).unwrap(), Revoked::Done(_)));
    assert!(
        matches!(settings.revoke_key(DEFAULT_WORKSPACE, "hb_test_").unwrap(), Revoked::Done(key) if key.id == test.id)
    );
}

#[test]
fn a_change_by_another_process_is_noticed() {
    let (dir, settings) = settings();
    let beside = SqliteSettings::open(dir.path()).unwrap();
    let (record, plaintext) = beside.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "").unwrap();
    assert!(settings.find_key(&plaintext).unwrap().is_some(), "works at once");
    let before = settings.change_mark().unwrap();
    assert_eq!(settings.change_mark().unwrap(), before);
    beside.revoke_key(DEFAULT_WORKSPACE, &record.prefix).unwrap();
    assert_ne!(settings.change_mark().unwrap(), before);
    let before = settings.change_mark().unwrap();
    settings.ensure_projects(SCOPES[0], &["own"], 10).unwrap();
    assert_ne!(settings.change_mark().unwrap(), before, "own changes count as well");
}

#[test]
fn a_login_token_opens_one_session_once() {
    let (_dir, settings) = settings();
    let token = settings.create_login_token(Duration::from_secs(60)).unwrap();
    let expired = settings.create_login_token(Duration::ZERO).unwrap();
    assert_eq!(settings.redeem_login_token(&expired).unwrap(), None);
    assert_eq!(settings.redeem_login_token("nonsense").unwrap(), None);
    let sessions: Vec<_> = std::thread::scope(|threads| {
        let tries: Vec<_> = (0..4).map(|_| threads.spawn(|| settings.redeem_login_token(&token).unwrap())).collect();
        tries.into_iter().filter_map(|one| one.join().unwrap()).collect()
    });
    let [session] = sessions.as_slice() else { panic!("{} sessions from one token", sessions.len()) };
    assert_eq!(settings.find_session(session).unwrap().unwrap().workspace, DEFAULT_WORKSPACE);
    assert_eq!(settings.find_session(&token).unwrap(), None);
    assert!(settings.end_session(session).unwrap());
    assert_eq!(settings.find_session(session).unwrap(), None);
}

#[test]
fn projects_belong_to_a_scope_and_default_is_always_there() {
    let (dir, settings) = settings();
    let twice = settings.ensure_projects(SCOPES[0], &["Größe", "Größe"], 10).unwrap();
    assert_eq!(twice, [Ensured::Created, Ensured::Exists("Größe".to_owned())], "once only");
    assert_eq!(settings.ensure_projects(SCOPES[0], &["one too many"], 2).unwrap(), [Ensured::Refused]);
    let ids = |scope| {
        settings.list_projects(scope).unwrap().into_iter().map(|project| project.project_id).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(SCOPES[0]), ids(SCOPES[1])),
        (vec!["Größe".to_owned(), "default".to_owned()], vec!["default".to_owned()])
    );
    let named =
        ProjectRecord { name: "All sizes".to_owned(), ..settings.find_project(SCOPES[0], "default").unwrap().unwrap() };
    settings.create_project(SCOPES[0], &ProjectRecord { project_id: "all-sizes".to_owned(), ..named }).unwrap();
    assert_eq!(
        settings.ensure_projects(SCOPES[0], &["All sizes"], 10).unwrap(),
        [Ensured::Exists("all-sizes".to_owned())],
        "a name for display leads to its project"
    );
    let change = ProjectChange {
        description: Some("All sizes".to_owned()),
        is_archived: Some(true),
        ..ProjectChange::default()
    };
    let changed = settings.change_project(SCOPES[0], "Größe", &change).unwrap().unwrap();
    assert!(
        changed.is_archived
            && changed.auto_created
            && changed.name == "Größe"
            && changed.description.as_deref() == Some("All sizes")
    );
    assert_eq!(settings.change_project(SCOPES[1], "Größe", &change).unwrap(), None);
    assert!(settings.set_auto_create_projects(DEFAULT_WORKSPACE, false).unwrap());
    drop(settings);
    let again = SqliteSettings::open(dir.path()).unwrap();
    assert!(!again.workspace(DEFAULT_WORKSPACE).unwrap().unwrap().auto_create_projects);
    assert_eq!(again.find_project(SCOPES[0], "Größe").unwrap(), Some(changed));
}
