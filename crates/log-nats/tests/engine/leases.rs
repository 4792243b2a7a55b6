//! One owner a partition, whoever dies.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use hiveboard_log_nats::{Duties, Duty, Lease, Leases, Log, LogError, NatsOptions, Node};

use crate::server::Server;

const SECOND: Duration = Duration::from_secs(1);

fn node(id: &str) -> Node {
    Node { id: id.to_owned(), address: format!("{id}:1"), can_own: true }
}

/// A node that does its duties.
struct Member {
    leases: Leases,
    duties: Duties,
    held: BTreeMap<u16, Lease>,
    lost: Vec<u16>,
}

impl Member {
    async fn join(log: &Log, id: &str) -> Self {
        let (leases, duties) = Leases::join(log, node(id)).await.expect("it joins");
        Self { leases, duties, held: BTreeMap::new(), lost: Vec::new() }
    }

    /// Does what there is to do for a while.
    async fn work(&mut self, long: Duration) {
        let until = tokio::time::Instant::now() + long;
        while let Ok(Some(duty)) = tokio::time::timeout_at(until, self.duties.next()).await {
            match duty {
                Duty::Serve(lease) => {
                    assert!(lease.is_held());
                    self.held.insert(lease.partition(), lease);
                }
                Duty::GiveUp(partition) => self.held.remove(&partition).expect("it is held").release().await,
                Duty::Lost(partition) => {
                    let lease = self.held.remove(&partition).expect("it was held");
                    assert!(!lease.is_held());
                    self.lost.push(partition);
                }
            }
        }
    }
}

/// Lets all work until it holds, and answers how long that took.
async fn until(most: Duration, members: &mut [&mut Member], holds: impl Fn(&[usize]) -> bool) -> Duration {
    let started = Instant::now();
    loop {
        for member in members.iter_mut() {
            member.work(Duration::from_millis(50)).await;
        }
        let counts: Vec<usize> = members.iter().map(|member| member.held.len()).collect();
        if holds(&counts) {
            return started.elapsed();
        }
        assert!(started.elapsed() < most, "{counts:?} after {most:?}");
    }
}

fn is_even(counts: &[usize]) -> bool {
    counts.iter().sum::<usize>() == 8 && counts.iter().max().zip(counts.iter().min()).is_some_and(|(a, b)| a - b <= 1)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn nodes_share_the_partitions_evenly_as_they_come_and_go() {
    let server = Server::start();
    let log = server.log().await;
    let mut one = Member::join(&log, "one").await;
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    let before: BTreeMap<u16, u64> = one.held.iter().map(|(partition, lease)| (*partition, lease.epoch())).collect();
    let mut two = Member::join(&log, "two").await;
    let mut three = Member::join(&log, "three").await;
    until(20 * SECOND, &mut [&mut one, &mut two, &mut three], is_even).await;
    for member in [&two, &three] {
        for (partition, lease) in &member.held {
            assert!(lease.epoch() > before[partition], "an epoch is greater than that of every owner before");
            let seen = one.leases.owner_of(*partition).expect("all see the owner");
            assert_eq!((seen.node.as_str(), seen.epoch), (member.leases.node().id.as_str(), lease.epoch()));
            assert_eq!(seen.address, member.leases.node().address);
        }
    }
    assert_eq!(one.leases.nodes().len(), 3);
    assert_eq!(one.leases.owners().len(), 8);

    // A graceful stop: nobody waits for anything to run out.
    let Member { leases, held, .. } = two;
    for lease in held.into_values() {
        lease.release().await;
    }
    leases.leave().await;
    let took = until(20 * SECOND, &mut [&mut one, &mut three], is_even).await;
    assert!(took < 5 * SECOND, "{took:?}");
    assert_eq!(one.leases.nodes().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn another_node_takes_over_within_ten_seconds_of_a_death() {
    let server = Server::start();
    let log = server.log().await;
    let doomed_log = server.log().await;
    let mut one = Member::join(&log, "one").await;
    // On a runtime of its own, which ends as a process does: nothing is released.
    let (told, tell) = std::sync::mpsc::sync_channel(1_000);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.spawn(async move {
        let mut doomed = Member::join(&doomed_log, "doomed").await;
        loop {
            doomed.work(Duration::from_millis(50)).await;
            let _nobody_listens = told.try_send(doomed.held.keys().copied().collect::<Vec<_>>());
        }
    });
    until(20 * SECOND, &mut [&mut one], |counts| {
        counts == [4] && tell.try_iter().last().is_some_and(|held| held.len() == 4)
    })
    .await;
    let owners = one.leases.owners();
    runtime.shutdown_background();
    let died = Instant::now();
    until(10 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    println!("taken over {:?} after the death", died.elapsed());
    for (partition, lease) in &one.held {
        let before = &owners[partition];
        assert!(before.node == "one" || lease.epoch() > before.epoch);
    }
    assert_eq!(one.leases.nodes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn an_owner_without_nats_lets_go_before_another_could_take_over() {
    let server = Server::start();
    let log = server.log().await;
    let mut one = Member::join(&log, "one").await;
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    server.freeze();
    let frozen = Instant::now();
    {
        let lease = one.held.values().next().expect("one of eight");
        lease.lost().await;
        assert!(!lease.is_held());
    }
    let let_go = frozen.elapsed();
    assert!((2 * SECOND..5 * SECOND).contains(&let_go), "{let_go:?}");
    until(2 * SECOND, &mut [&mut one], |counts| counts == [0]).await;
    assert_eq!(one.lost.len(), 8);
    server.thaw();
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn leases_and_epochs_outlive_a_crash_of_nats() {
    let mut server = Server::start();
    let log = server.log().await;
    let mut one = Member::join(&log, "one").await;
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    let newest = one.held.values().map(Lease::epoch).max().expect("eight");
    server.kill();
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.run();
    one.work(6 * SECOND).await;
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    for partition in &one.lost {
        assert!(one.held[partition].epoch() > newest, "epochs never begin anew");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs engines: make test-scale"]
async fn a_node_that_takes_nothing_sees_all_and_ids_are_told_apart() {
    let server = Server::start();
    let log = server.log().await;
    let mut one = Member::join(&log, "one").await;
    let (front, mut duties) = Leases::join(&log, Node { can_own: false, ..node("front") }).await.expect("it joins");
    until(20 * SECOND, &mut [&mut one], |counts| counts == [8]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(front.owners().len(), 8);
    assert!(tokio::time::timeout(SECOND, duties.next()).await.is_err(), "it has nothing to do");

    let twin = Node { address: "elsewhere:1".to_owned(), ..node("one") };
    let refused = Leases::join(&log, twin).await.err().expect("it lives");
    assert!(matches!(&refused, LogError::Unusable(said) if said.contains("an id of its own")), "{refused}");
    let refused = Leases::join(&log, node("a node")).await.err().expect("no id");
    assert!(matches!(refused, LogError::Unusable(_)), "{refused}");
    let other = NatsOptions { prefix: "other".to_owned(), ..server.options() };
    let other = Log::connect(&other).await.expect("it connects");
    let (elsewhere, _duties) = Leases::join(&other, node("one")).await.expect("another cluster on the same NATS");
    assert_eq!(elsewhere.node().id, "one");
}
