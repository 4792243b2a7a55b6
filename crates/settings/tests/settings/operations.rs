// What people do with settings: keys, projects, people, roles, invitations, resets. Read into two modules of main.rs, which say what `settings` opens.

use hiveboard_settings::{
    AuditEntry, AuditFilter, Ensured, KeyScope, KeyScopes, MemberChange, Merged, NewKey, PasswordHash, ProjectChange,
    ProjectRecord, Revoked, Rotated, SESSION_IDLE, SessionOrigin,
};

const MINUTE: Duration = Duration::from_secs(60);
const SCOPES: [Scope; 2] = [
    Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live },
    Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Test },
];

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
    for (asked, meant) in [
        ("Gro\u{308}ße", "Größe"),
        ("ALL SIZES", "all-sizes"),
        (" all Sizes ", "all-sizes"),
        ("All\u{a0}sizes", ""),
        ("größe", ""),
    ] {
        let found = settings.find_project_named(SCOPES[0], asked).unwrap().map(|project| project.project_id);
        assert_eq!(found.as_deref().unwrap_or_default(), meant, "{asked:?}");
    }
    assert_eq!(
        settings.find_projects_named(SCOPES[0], &["ALL SIZES", "unheard of", "Größe"]).unwrap(),
        [Some("all-sizes".to_owned()), None, Some("Größe".to_owned())]
    );
    assert_eq!(
        settings.ensure_projects(SCOPES[0], &["Gro\u{308}ße", "cafe\u{301}", "café"], 10).unwrap(),
        [Ensured::Exists("Größe".to_owned()), Ensured::Created, Ensured::Exists("cafe\u{301}".to_owned())],
        "an accent by itself makes no other project"
    );
    settings.change_project(SCOPES[0], "all-sizes", &ProjectChange { name: Some("ÜBERSICHT".to_owned()), ..ProjectChange::default() }).unwrap();
    assert!(settings.find_project_named(SCOPES[0], "Übersicht").unwrap().is_some(), "whatever its letters' case");
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
    let again = settings.reopened(dir.path());
    assert!(!again.workspace(DEFAULT_WORKSPACE).unwrap().unwrap().auto_create_projects);
    assert_eq!(again.find_project(SCOPES[0], "Größe").unwrap(), Some(changed));
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
