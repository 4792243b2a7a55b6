//! The settings of several nodes by way of NATS.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use hiveboard_log_nats::{NatsOptions, SettingsLog};
use hiveboard_settings::{
    DEFAULT_WORKSPACE, Ensured, KeyKind, Keys, NewPerson, PasswordHash, People, Projects, SetUp, Settings,
    SettingsError, SqliteSettings, Workspaces,
};
use hiveboard_wire::{Mode, Scope};
use tempfile::TempDir;

use crate::server::Server;

const SECOND: Duration = Duration::from_secs(1);
const SCOPE: Scope = Scope { workspace: DEFAULT_WORKSPACE, mode: Mode::Live };

fn open(dir: &Path, options: &NatsOptions) -> SqliteSettings {
    let log = SettingsLog::connect(options).expect("it connects");
    SqliteSettings::open_in_cluster(dir, Arc::new(log)).expect("it opens")
}

fn node(server: &Server) -> (TempDir, SqliteSettings) {
    let dir = tempfile::tempdir().expect("a directory");
    let settings = open(dir.path(), &server.options());
    (dir, settings)
}

fn eventually(most: Duration, holds: impl Fn() -> bool) -> Duration {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < most, "not within {most:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    started.elapsed()
}

fn assert_same(nodes: &[&SqliteSettings]) {
    let last = |settings: &SqliteSettings| settings.replica_state().expect("in a cluster").last;
    eventually(20 * SECOND, || nodes.iter().all(|node| last(node) == last(nodes[0])));
    for node in nodes {
        assert_eq!(node.workspaces().expect("read"), nodes[0].workspaces().expect("read"));
        assert_eq!(node.list_projects(SCOPE).expect("read"), nodes[0].list_projects(SCOPE).expect("read"));
        let keys = |settings: &SqliteSettings| settings.list_keys(DEFAULT_WORKSPACE).expect("read");
        assert_eq!(keys(node), keys(nodes[0]));
    }
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn a_key_stops_on_every_node_within_a_second() {
    let server = Server::start();
    let nodes: Vec<_> = (0..3).map(|_| node(&server)).collect();
    let settings: Vec<&SqliteSettings> = nodes.iter().map(|(_, settings)| settings).collect();
    let mut took = Vec::new();
    for _ in 0..10 {
        let (key, plaintext) = settings[0].create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "k").expect("made");
        let works = |on: &SqliteSettings| on.find_key(&plaintext).expect("read").is_some();
        eventually(20 * SECOND, || settings.iter().all(|on| works(on)));
        let mark = settings[2].change_mark().expect("a mark");
        settings[1].revoke_key(DEFAULT_WORKSPACE, &key.id.to_string()).expect("revoked");
        took.push(eventually(20 * SECOND, || !settings.iter().any(|on| works(on))));
        assert_ne!(settings[2].change_mark().expect("a mark"), mark);
    }
    took.sort_unstable();
    println!("revoked on all nodes within {:?} (median), {:?} (slowest)", took[5], took[9]);
    assert!(took[5] < SECOND, "{took:?}");
    assert_same(&settings);
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn nodes_that_change_at_once_agree() {
    let server = Server::start();
    let nodes: Vec<_> = (0..3).map(|_| node(&server)).collect();
    let settings: Vec<&SqliteSettings> = nodes.iter().map(|(_, settings)| settings).collect();
    let done: Vec<_> = std::thread::scope(|threads| {
        let handles: Vec<_> = settings
            .iter()
            .map(|on| {
                threads.spawn(|| {
                    let ada =
                        NewPerson { email: "ada@example.org", name: "Ada", password: PasswordHash("hash".to_owned()) };
                    let owner = on.set_up_owner(None, DEFAULT_WORKSPACE, &ada).expect("done");
                    let project = on.ensure_projects(SCOPE, &["same"], 100).expect("done");
                    let numbers: Vec<u32> = (0..20).map(|_| on.create_workspace("w").expect("made").id.0).collect();
                    (matches!(owner, SetUp::Done(_)), project[0] == Ensured::Created, numbers)
                })
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().expect("no panic")).collect()
    });
    assert_eq!(done.iter().filter(|(owner, ..)| *owner).count(), 1);
    assert_eq!(done.iter().filter(|(_, created, _)| *created).count(), 1);
    let mut numbers: Vec<u32> = done.into_iter().flat_map(|(_, _, numbers)| numbers).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (2..62).collect::<Vec<_>>());
    assert_same(&settings);
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn while_nats_is_away_changes_are_refused_and_reads_go_on() {
    let mut server = Server::start();
    let (_dir, one) = node(&server);
    let (two_dir, two) = node(&server);
    let (key, plaintext) = one.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "k").expect("made");
    eventually(20 * SECOND, || two.find_key(&plaintext).expect("read").is_some());
    for standing_still in [true, false] {
        if standing_still {
            server.freeze();
        } else {
            server.kill();
        }
        let started = Instant::now();
        std::thread::scope(|threads| {
            let change = threads.spawn(|| one.create_workspace("refused"));
            // Reads do not wait for it.
            std::thread::sleep(Duration::from_millis(200));
            let asked = Instant::now();
            assert!(one.find_key(&plaintext).expect("read").is_some());
            one.change_mark().expect("a mark");
            assert!(asked.elapsed() < SECOND, "{:?}", asked.elapsed());
            let refused = change.join().expect("no panic").expect_err("NATS is away");
            assert!(matches!(&refused, SettingsError::Unavailable(said) if said.contains("NATS")), "{refused}");
        });
        assert!(started.elapsed() < 8 * SECOND, "{:?}", started.elapsed());
        let again = Instant::now();
        one.rename_workspace(DEFAULT_WORKSPACE, "refused").expect_err("still away");
        assert!(again.elapsed() < SECOND * 3 / 2, "those behind are refused sooner: {:?}", again.elapsed());
        if standing_still {
            server.thaw();
        } else {
            server.run();
        }
        eventually(15 * SECOND, || two.set_auto_create_projects(DEFAULT_WORKSPACE, standing_still).is_ok());
        eventually(5 * SECOND, || {
            one.workspace(DEFAULT_WORKSPACE)
                .expect("read")
                .is_some_and(|one| one.auto_create_projects == standing_still)
        });
    }
    drop(two);
    one.revoke_key(DEFAULT_WORKSPACE, &key.id.to_string()).expect("revoked");
    let two = open(two_dir.path(), &server.options());
    assert!(two.find_key(&plaintext).expect("read").is_none(), "a node that was down knows when it is back");
    assert_same(&[&one, &two]);
}

#[test]
#[ignore = "needs engines: make test-scale"]
fn nodes_that_join_late_begin_with_a_file() {
    let server = Server::start();
    let before = tempfile::tempdir().expect("a directory");
    let (_, plaintext) = {
        let alone = SqliteSettings::open(before.path()).expect("it opens");
        alone.create_key(KeyKind::Live, Mode::Live, DEFAULT_WORKSPACE, "from before").expect("made")
    };
    let one = open(before.path(), &server.options());
    let (down_dir, down) = node(&server);
    assert!(down.find_key(&plaintext).expect("read").is_some(), "the cluster began with it");
    drop(down);
    for number in 0..1_100 {
        one.rename_workspace(DEFAULT_WORKSPACE, &format!("name {number}")).expect("renamed");
    }
    // The file is made beside; the log is trimmed after it.
    std::thread::sleep(2 * SECOND);
    assert_eq!(one.replica_state().expect("in a cluster").problem, None);
    let (_dir, late) = node(&server);
    let down = open(down_dir.path(), &server.options());
    for node in [&late, &down] {
        assert!(node.find_key(&plaintext).expect("read").is_some());
        assert_eq!(node.workspace(DEFAULT_WORKSPACE).expect("read").expect("there").name, "name 1099");
    }
    late.create_workspace("goes on").expect("made");
    assert_same(&[&one, &late, &down]);
}
