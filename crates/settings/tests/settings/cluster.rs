//! Several nodes, one truth.

use std::{sync::Arc, time::Duration};

use hiveboard_settings::{
    DEFAULT_WORKSPACE, Ensured, Invitations, KeyKind, Keys, Members, People, Projects, Revoked, Role, SetUp, Settings,
    SettingsError, SqliteSettings, Workspaces,
};
use hiveboard_wire::{Mode, Scope, Timestamp};

use crate::{
    shared_log::{Lost, SharedLog},
    support::{Node, eventually, person},
};

const SCOPE: Scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };
const MINUTE: Duration = Duration::from_secs(60);

fn nodes<const COUNT: usize>() -> (Arc<SharedLog>, [Node; COUNT]) {
    let log = Arc::<SharedLog>::default();
    let nodes = std::array::from_fn(|_| Node::new(&log));
    (log, nodes)
}

fn assert_same(log: &SharedLog, nodes: &[Node]) {
    for node in nodes {
        node.catch_up(log);
    }
    for node in &nodes[1..] {
        assert_eq!(nodes[0].dump(), node.dump());
    }
}

/// What every node does at the same moment.
fn at_once<T: Send, const COUNT: usize>(nodes: &[Node; COUNT], act: impl Fn(&SqliteSettings) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(COUNT);
    let start = |node: &Node| {
        barrier.wait();
        act(&node.settings)
    };
    let start = &start;
    std::thread::scope(|threads| {
        let handles: Vec<_> = nodes.iter().map(|node| threads.spawn(move || start(node))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).collect()
    })
}

fn key(settings: &SqliteSettings) -> (String, String) {
    let (record, plaintext) = settings.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "k").unwrap();
    (record.id.to_string(), plaintext)
}

#[test]
fn a_key_works_and_stops_on_every_node() {
    let (log, [one, two, three]) = nodes();
    let (id, plaintext) = key(&one.settings);
    for other in [&two, &three] {
        eventually(|| other.settings.find_key(&plaintext).unwrap().is_some());
    }
    let mark = three.settings.change_mark().unwrap();
    assert!(matches!(two.settings.revoke_key(DEFAULT_WORKSPACE, &id).unwrap(), Revoked::Done(_)));
    for other in [&one, &three] {
        eventually(|| other.settings.find_key(&plaintext).unwrap().is_none());
    }
    eventually(|| three.settings.change_mark().unwrap() != mark);
    assert_same(&log, &[one, two, three]);
}

#[test]
fn of_nodes_that_want_the_same_one_has_it() {
    let (log, nodes) = nodes::<3>();
    let owners =
        at_once(&nodes, |node| node.set_up_owner(None, DEFAULT_WORKSPACE, &person("ada@example.org")).unwrap());
    assert_eq!(owners.iter().filter(|done| matches!(done, SetUp::Done(_))).count(), 1, "{owners:?}");
    let created = at_once(&nodes, |node| node.ensure_projects(SCOPE, &["same"], 100).unwrap());
    assert_eq!(created.iter().filter(|done| done[0] == Ensured::Created).count(), 1, "{created:?}");
    let (_, token) = nodes[0].settings.invite(DEFAULT_WORKSPACE, "bo@example.org", Role::Viewer, "", MINUTE).unwrap();
    for node in &nodes {
        node.catch_up(&log);
    }
    let accepted = at_once(&nodes, |node| node.accept_invitation(&token, &person("")).unwrap());
    assert_eq!(accepted.iter().flatten().count(), 1, "{accepted:?}");
    assert_eq!(nodes[1].settings.list_members(DEFAULT_WORKSPACE).unwrap().len(), 2);
    let mut numbers: Vec<u32> =
        at_once(&nodes, |node| (0..8).map(|_| node.create_workspace("w").unwrap().id.0).collect::<Vec<_>>()).concat();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..26).collect::<Vec<_>>(), "each has a number of its own");
    assert_same(&log, &nodes);
}

#[test]
fn a_node_that_was_down_has_all_when_it_is_back() {
    let (log, [one, two]) = nodes();
    let Node { dir, settings } = two;
    drop(settings);
    let (_, plaintext) = key(&one.settings);
    one.settings.create_workspace("made meanwhile").unwrap();
    let two = Node::in_dir(dir, &log);
    assert!(two.settings.find_key(&plaintext).unwrap().is_some());
    assert_same(&log, &[one, two]);
}

#[test]
fn without_the_log_nothing_is_changed_and_all_is_read() {
    let (log, [one, two]) = nodes();
    let (id, plaintext) = key(&one.settings);
    two.catch_up(&log);
    log.state().is_away = true;
    let refused = two.settings.revoke_key(DEFAULT_WORKSPACE, &id).unwrap_err();
    assert!(matches!(refused, SettingsError::Unavailable(_)), "{refused}");
    assert!(refused.to_string().contains("right now"), "{refused}");
    for node in [&one, &two] {
        assert!(node.settings.find_key(&plaintext).unwrap().is_some());
        node.settings.change_mark().unwrap();
        assert_eq!(node.settings.list_keys(DEFAULT_WORKSPACE).unwrap().len(), 1);
    }
    eventually(|| two.settings.replica_state().unwrap().problem.is_some());
    log.state().is_away = false;
    two.settings.revoke_key(DEFAULT_WORKSPACE, &id).unwrap();
    eventually(|| two.settings.replica_state().unwrap().problem.is_none());
    assert_same(&log, &[one, two]);
}

#[test]
fn a_change_whose_acknowledgement_is_lost_happens_everywhere_or_nowhere_and_once() {
    let (log, [one, two]) = nodes();
    log.state().next_answer = Some(Lost::Conflict);
    one.settings.create_workspace("sent twice").unwrap();
    assert_eq!(one.settings.workspaces().unwrap().len(), 2, "once");
    log.state().next_answer = Some(Lost::Unavailable);
    let refused = one.settings.create_workspace("unclear").unwrap_err();
    assert!(matches!(refused, SettingsError::Unavailable(_)), "{refused}");
    for node in [&one, &two] {
        eventually(|| node.settings.workspaces().unwrap().len() == 3);
    }
    assert_same(&log, &[one, two]);
}

#[test]
fn reads_and_changes_of_nothing_cost_the_log_nothing() {
    let (log, [one, _two]) = nodes();
    let (id, plaintext) = key(&one.settings);
    let uuid = id.parse().unwrap();
    one.settings.touch_keys(&[(uuid, Timestamp::now())]).unwrap();
    let before = log.state().entries.len();
    one.settings.find_key(&plaintext).unwrap();
    assert_eq!(one.settings.revoke_key(DEFAULT_WORKSPACE, "hb_live_nothing").unwrap(), Revoked::NotFound);
    assert!(!one.settings.rename_workspace(hiveboard_wire::WorkspaceId(99), "x").unwrap());
    one.settings.touch_keys(&[(uuid, Timestamp::now().plus_seconds(30))]).unwrap();
    assert_eq!(log.state().entries.len(), before, "a use half a minute later is not worth a change");
    one.settings.touch_keys(&[(uuid, Timestamp::now().plus_seconds(90))]).unwrap();
    assert_eq!(log.state().entries.len(), before + 1);
}

#[test]
fn after_a_thousand_changes_they_are_a_file_and_nodes_begin_there() {
    let (log, [one, late, two]) = nodes();
    let Node { dir: late, settings } = late;
    drop(settings);
    for round in 0..2 {
        for number in 0..1_000 {
            one.settings.rename_workspace(DEFAULT_WORKSPACE, &format!("name {round} {number}\0'")).unwrap();
        }
        eventually(|| log.state().files.len() == round + 1);
    }
    eventually(|| log.state().trimmed > 1_000);
    let joined = Node::new(&log);
    let late = Node::in_dir(late, &log);
    assert_eq!(late.settings.workspace(DEFAULT_WORKSPACE).unwrap().unwrap().name, "name 1 999\0'");
    late.settings.create_workspace("goes on").unwrap();
    assert_same(&log, &[one, late, two, joined]);
}

#[test]
fn a_cluster_begins_with_the_settings_of_its_first_node() {
    let dir = tempfile::tempdir().unwrap();
    let before = SqliteSettings::open(dir.path()).unwrap();
    let (_, plaintext) = key(&before);
    before.create_project(SCOPE, &before.find_project(SCOPE, "default").unwrap().unwrap()).unwrap();
    before.set_up_owner(None, DEFAULT_WORKSPACE, &person("ada@example.org")).unwrap();
    drop(before);
    let log = Arc::<SharedLog>::default();
    let first = Node::in_dir(dir, &log);
    let second = Node::new(&log);
    assert!(second.settings.find_key(&plaintext).unwrap().is_some());
    assert_same(&log, &[first, second]);
    let own = tempfile::tempdir().unwrap();
    drop(SqliteSettings::open(own.path()).unwrap());
    let refused = SqliteSettings::open_in_cluster(own.path(), Arc::<SharedLog>::clone(&log));
    let said = refused.err().unwrap().to_string();
    assert!(said.contains("move the file away"), "{said}");
    drop(SqliteSettings::open(own.path()).expect("it is as it was"));
}

#[test]
fn a_copy_is_opened_by_its_cluster_alone() {
    let (_log, [node]) = nodes();
    let Node { dir, settings } = node;
    drop(settings);
    let said = SqliteSettings::open(dir.path()).err().unwrap().to_string();
    assert!(said.contains("configuration of the cluster"), "{said}");
    let said = SqliteSettings::open_in_cluster(dir.path(), Arc::new(SharedLog::of_cluster("other"))).err().unwrap();
    assert!(said.to_string().contains("another cluster's settings"), "{said}");
}
