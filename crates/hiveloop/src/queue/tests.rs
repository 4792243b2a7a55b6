use std::collections::HashMap;

use proptest::prelude::*;

use super::store::Entry;
use super::*;
use crate::agent_info::AgentOptions;
use crate::clock::ManualClock;
use crate::config::Config;
use crate::event::{Draft, EventType};

fn limits(max_events: usize, batch_events: usize) -> Limits {
    Limits {
        max_events,
        max_bytes: 64 * 1024 * 1024,
        batch_events,
        body_bytes: 1024 * 1024,
        flush_interval: Duration::from_secs(5),
    }
}

fn agent(name: &str) -> Arc<AgentInfo> {
    Arc::new(AgentInfo::new(name, AgentOptions::default(), &Config::new("hb_test_x")))
}

fn event() -> Box<[u8]> {
    Draft::new(EventType::Heartbeat).finish()
}

fn seqs(batch: &Batch) -> Vec<u64> {
    batch.entries.iter().map(|entry| entry.seq).collect()
}

/// A queue whose clock stands still, so that nothing here waits.
fn queue_with(limits: Limits) -> (Arc<ManualClock>, Queue) {
    let clock = Arc::new(ManualClock::at(1_795_384_717_000_000));
    (clock.clone(), Queue::new(limits, clock))
}

fn take(queue: &Queue, clock: &ManualClock) -> Option<Batch> {
    queue.lock().take_due(clock.monotonic())
}

#[test]
fn a_batch_leaves_when_it_is_full_or_when_its_oldest_event_has_waited() {
    let (clock, queue) = queue_with(limits(100, 3));
    let one = agent("one");
    queue.push(&one, event(), Pushing::default());
    queue.push(&one, event(), Pushing::default());
    assert!(take(&queue, &clock).is_none(), "two of three, and no time has passed");
    queue.push(&one, event(), Pushing::default());
    let batch = take(&queue, &clock).expect("three make a batch");
    assert_eq!(seqs(&batch), [1, 2, 3]);
    queue.settle(&batch, 0);

    queue.push(&one, event(), Pushing::default());
    clock.advance(Duration::from_millis(4_999));
    assert!(take(&queue, &clock).is_none());
    clock.advance(Duration::from_millis(1));
    assert_eq!(seqs(&take(&queue, &clock).expect("five seconds have passed")), [4]);
}

#[test]
fn the_agent_with_the_oldest_event_goes_first() {
    let (clock, queue) = queue_with(limits(100, 10));
    let (one, two) = (agent("one"), agent("two"));
    for who in [&two, &one, &two, &one] {
        queue.push(who, event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    let first = take(&queue, &clock).expect("due");
    assert_eq!((first.agent.agent_id.as_str(), seqs(&first)), ("two", vec![1, 3]));
    let second = take(&queue, &clock).expect("due");
    assert_eq!((second.agent.agent_id.as_str(), seqs(&second)), ("one", vec![2, 4]));
}

#[test]
fn bodies_stay_under_a_mebibyte_and_an_event_alone_always_goes() {
    let (clock, queue) = queue_with(limits(1000, 500));
    let one = agent("one");
    let large = || {
        let mut draft = Draft::new(EventType::Custom);
        draft.fragment(&format!(",\"x\":\"{}\"", "x".repeat(30_000)));
        draft.finish()
    };
    for _ in 0..100 {
        queue.push(&one, large(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    let batch = take(&queue, &clock).expect("due");
    let bytes: usize = batch.entries.iter().map(|entry| entry.event.len() + 1).sum();
    assert!(bytes + one.envelope_bytes() <= 1024 * 1024 && batch.entries.len() > 30);

    let small_bodies = Limits { body_bytes: 100, ..limits(10, 10) };
    let (clock, queue) = queue_with(small_bodies);
    queue.push(&one, large(), Pushing::default());
    clock.advance(Duration::from_secs(5));
    assert_eq!(take(&queue, &clock).expect("due").entries.len(), 1);
}

#[test]
fn the_oldest_events_make_room_in_number_and_in_bytes() {
    let (clock, queue) = queue_with(limits(3, 100));
    let (one, two) = (agent("one"), agent("two"));
    for who in [&one, &two, &one, &two, &one] {
        queue.push(who, event(), Pushing::default());
    }
    assert_eq!((queue.stats().queued, queue.stats().dropped), (3, 2));
    clock.advance(Duration::from_secs(5));
    assert_eq!(seqs(&take(&queue, &clock).expect("due")), [3, 5]);

    let size = event().len();
    let (_, queue) = queue_with(Limits { max_bytes: 2 * size + 1, ..limits(100, 100) });
    for _ in 0..5 {
        queue.push(&one, event(), Pushing::default());
    }
    assert_eq!((queue.stats().queued, queue.stats().dropped), (2, 3));
}

#[test]
fn what_could_not_be_delivered_goes_first_again_after_the_wait() {
    let (clock, queue) = queue_with(limits(100, 2));
    let one = agent("one");
    for _ in 0..3 {
        queue.push(&one, event(), Pushing::default());
    }
    let batch = take(&queue, &clock).expect("full");
    let ids: Vec<Box<[u8]>> = batch.entries.iter().map(|entry| entry.event.clone()).collect();
    queue.put_back(batch, Duration::from_secs(8), Hold::BackOff);
    assert_eq!((queue.stats().queued, queue.stats().retries), (3, 1));
    clock.advance(Duration::from_millis(7_999));
    assert!(take(&queue, &clock).is_none(), "nothing is sent during a wait, though all is due");
    clock.advance(Duration::from_millis(1));
    let again = take(&queue, &clock).expect("the wait is over");
    assert_eq!(again.entries.iter().map(|entry| entry.event.clone()).collect::<Vec<_>>(), ids, "the same ids");
    queue.settle(&again, 0);
    assert_eq!(queue.stats().sent, 2);
}

#[test]
fn a_batch_too_large_is_halved_until_it_passes_and_then_grows_again() {
    let (clock, queue) = queue_with(limits(100, 8));
    let one = agent("one");
    for _ in 0..16 {
        queue.push(&one, event(), Pushing::default());
    }
    let mut sizes = Vec::new();
    while let Some(batch) = take(&queue, &clock) {
        sizes.push(batch.entries.len());
        if batch.entries.len() > 3 {
            queue.put_back_in_halves(batch);
        } else {
            queue.settle(&batch, 0);
        }
        clock.advance(Duration::from_secs(5));
    }
    assert_eq!(queue.stats().sent, 16);
    assert_eq!(sizes[..4], [8, 4, 2, 4]);
}

#[test]
fn an_event_put_back_into_a_full_queue_is_the_oldest_and_goes() {
    let (clock, queue) = queue_with(limits(2, 2));
    let one = agent("one");
    queue.push(&one, event(), Pushing::default());
    queue.push(&one, event(), Pushing::default());
    let batch = take(&queue, &clock).expect("full");
    queue.push(&one, event(), Pushing::default());
    queue.put_back(batch, Duration::ZERO, Hold::BackOff);
    assert_eq!((queue.stats().queued, queue.stats().dropped), (2, 1));
    clock.advance(Duration::from_secs(5));
    assert_eq!(seqs(&take(&queue, &clock).expect("due")), [2, 3]);
}

#[test]
fn a_closed_queue_takes_nothing_and_counts_what_was_left() {
    let (_, queue) = queue_with(limits(10, 10));
    let one = agent("one");
    queue.push(&one, event(), Pushing::default());
    queue.close();
    assert_eq!(queue.push(&one, event(), Pushing::default()), Pushed::Closed);
    assert_eq!((queue.stats().queued, queue.stats().dropped), (0, 1));
    assert!(matches!(queue.next(), Next::Closed));
}

#[test]
fn flushing_an_empty_queue_is_done_at_once() {
    let (_, queue) = queue_with(limits(10, 10));
    assert!(queue.flush(Duration::from_secs(3600), false));
}

#[test]
fn lanes_of_agents_that_come_and_go_are_put_away() {
    let (clock, queue) = queue_with(limits(100_000, 10));
    for index in 0..5_000 {
        queue.push(&agent(&index.to_string()), event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    while let Some(batch) = take(&queue, &clock) {
        queue.settle(&batch, 0);
    }
    assert!(queue.lock().store.lane_count() <= 256);
}

/// A batch as one of several senders would take it.
fn take_and_keep(queue: &Queue, clock: &ManualClock) -> (String, Batch) {
    let batch = take(queue, clock).expect("due");
    (batch.agent.agent_id.clone(), batch)
}

#[test]
fn several_requests_are_under_way_but_one_an_agent() {
    let (clock, queue) = queue_with(limits(100, 2));
    let (one, two) = (agent("one"), agent("two"));
    for who in [&one, &one, &one, &two] {
        queue.push(who, event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    let (first, of_one) = take_and_keep(&queue, &clock);
    let (second, of_two) = take_and_keep(&queue, &clock);
    assert_eq!((first.as_str(), second.as_str()), ("one", "two"));
    assert!(take(&queue, &clock).is_none(), "the third event of one waits for the first two");
    assert_eq!(queue.stats().queued, 4);
    queue.settle(&of_one, 0);
    assert_eq!(seqs(&take(&queue, &clock).expect("due")), [3]);
    queue.settle(&of_two, 0);
    assert_eq!(queue.stats().sent, 3);
}

#[test]
fn a_heartbeat_leaves_before_the_others_are_due() {
    let (clock, queue) = queue_with(limits(100, 10));
    let (one, two) = (agent("one"), agent("two"));
    queue.push(&one, event(), Pushing::default());
    queue.push(&two, event(), Pushing { urgent: true, ..Pushing::default() });
    clock.advance(Duration::from_millis(999));
    assert!(take(&queue, &clock).is_none());
    clock.advance(Duration::from_millis(1));
    assert_eq!(take_and_keep(&queue, &clock).0, "two");
    assert!(take(&queue, &clock).is_none());
}

#[test]
fn a_queue_that_fills_up_is_sent_before_its_time() {
    let (clock, queue) = queue_with(limits(4_000, 100));
    let agents: Vec<_> = (0..100).map(|index| agent(&index.to_string())).collect();
    for number in 0..999 {
        queue.push(&agents[number % 100], event(), Pushing::default());
    }
    assert!(take(&queue, &clock).is_none(), "no batch is whole, and no time has passed");
    queue.push(&agents[0], event(), Pushing::default());
    assert!(take(&queue, &clock).is_some());
}

#[test]
fn in_a_crowded_queue_a_long_lane_goes_beside_those_that_wait_longest() {
    let (clock, queue) = queue_with(limits(4000, 500));
    let quiet: Vec<_> = (0..600).map(|number| agent(&format!("quiet-{number}"))).collect();
    for who in &quiet {
        queue.push(who, event(), Pushing { urgent: true, ..Pushing::default() });
    }
    let busy = agent("busy");
    for _ in 0..800 {
        queue.push(&busy, event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(1));
    // The long one stands behind six hundred others, of which a look goes through some.
    let took: Vec<String> = (0..8).map(|_| take_and_keep(&queue, &clock).0).collect();
    assert!(took.contains(&"busy".to_owned()), "{took:?}");
    assert_eq!(took.iter().filter(|name| name.starts_with("quiet")).count(), 7);
    assert_eq!(took[1], "quiet-1", "what is urgent has its turn");
}

#[test]
fn a_crowded_queue_is_emptied_by_its_long_lanes_and_its_deadline_sends_what_they_passed_over() {
    let (clock, queue) = queue_with(limits(4000, 500));
    let quiet = agent("quiet");
    queue.push(&quiet, event(), Pushing::default());
    clock.advance(Duration::from_secs(1));
    for number in 0..20 {
        let busy = agent(&format!("busy-{number}"));
        for _ in 0..80 {
            queue.push(&busy, event(), Pushing::default());
        }
        queue.push(&agent("calm"), event(), Pushing::default());
    }
    let batches: Vec<(String, usize)> = std::iter::from_fn(|| take(&queue, &clock))
        .map(|batch| (batch.agent.agent_id.clone(), batch.entries.len()))
        .collect();
    assert!(!batches.is_empty() && batches.iter().all(|(name, count)| name.starts_with("busy") && *count == 80));
    assert!(!queue.lock().is_crowded(), "and no more than that");

    for _ in 0..1000 {
        queue.push(&quiet, event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(4));
    let names: Vec<String> =
        std::iter::from_fn(|| take(&queue, &clock)).map(|batch| batch.agent.agent_id.clone()).collect();
    assert!(names.contains(&"quiet".to_owned()), "five seconds are over for it: {names:?}");
}

#[test]
fn after_a_failure_one_request_goes_ahead_alone() {
    let (clock, queue) = queue_with(limits(100, 1));
    for name in ["one", "two", "three"] {
        queue.push(&agent(name), event(), Pushing::default());
    }
    let (_, one) = take_and_keep(&queue, &clock);
    let (_, two) = take_and_keep(&queue, &clock);
    queue.put_back(one, Duration::from_secs(1), Hold::BackOff);
    assert!(queue.has_failed_since(&two), "its failure is the same one");
    queue.put_back(two, Duration::from_secs(60), Hold::BackOff);
    clock.advance(Duration::from_secs(1));
    let (_, probe) = take_and_keep(&queue, &clock);
    assert!(take(&queue, &clock).is_none(), "the others wait for what becomes of the first");
    queue.settle(&probe, 0);
    assert!(take(&queue, &clock).is_some() && take(&queue, &clock).is_some());
}

#[test]
fn senders_are_added_for_a_slow_server_and_go_when_it_is_calm() {
    let (clock, queue) = queue_with(limits(10_000, 100));
    for index in 0..200 {
        queue.push(&agent(&index.to_string()), event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    let mut grown = 0;
    let mut under_way = std::collections::VecDeque::new();
    for _ in 0..200 {
        // Each sender that there is takes one batch; then a tenth of a second passes and all are delivered.
        while under_way.len() < queue.lock().senders
            && let Some(batch) = take(&queue, &clock)
        {
            under_way.push_back(batch);
            grown += usize::from(queue.lock().grow(clock.monotonic()));
        }
        clock.advance(Duration::from_millis(100));
        under_way.drain(..).for_each(|batch| queue.settle(&batch, 0));
    }
    assert_eq!((grown, queue.stats().sent), (15, 200));
    let is_spare = || queue.lock().is_one_too_many(clock.monotonic(), Duration::from_secs(10));
    clock.advance(Duration::from_secs(10));
    assert!(is_spare(), "nothing is to be sent");
}

#[test]
fn a_quick_server_is_served_by_one_sender() {
    let (clock, queue) = queue_with(limits(10_000, 100));
    for index in 0..2_000 {
        queue.push(&agent(&index.to_string()), event(), Pushing::default());
    }
    clock.advance(Duration::from_secs(5));
    while let Some(batch) = take(&queue, &clock) {
        assert!(!queue.lock().grow(clock.monotonic()));
        clock.advance(Duration::from_millis(1));
        queue.settle(&batch, 0);
    }
}

#[test]
fn a_batch_that_comes_back_after_the_end_is_counted_as_dropped() {
    let (clock, queue) = queue_with(limits(100, 1));
    queue.push(&agent("one"), event(), Pushing::default());
    let batch = take(&queue, &clock).expect("full");
    assert_eq!(queue.close(), 1);
    queue.put_back(batch, Duration::from_secs(1), Hold::BackOff);
    let stats = queue.stats();
    assert_eq!((stats.queued, stats.sent, stats.dropped), (0, 0, 1));
}

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    Deliver,
    Fail,
    TooLarge,
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..4usize).prop_map(Step::Push),
        2 => Just(Step::Deliver),
        1 => Just(Step::Fail),
        1 => Just(Step::TooLarge),
        2 => Just(Step::Wait),
    ];
    proptest::collection::vec(step, 0..400)
}

proptest! {
    /// Whatever happens: each event is delivered or dropped once, each agent's in order, and the bound holds.
    #[test]
    fn nothing_is_lost_doubled_or_out_of_order(steps in steps(), max_events in 1..60usize, batch in 1..20usize) {
        let (clock, queue) = queue_with(limits(max_events, batch));
        let agents: Vec<_> = (0..4).map(|index| agent(&index.to_string())).collect();
        let (mut pushed, mut delivered) = (0_u64, HashMap::<u64, Vec<u64>>::new());
        for step in steps {
            match step {
                Step::Push(who) => {
                    queue.push(&agents[who], event(), Pushing::default());
                    pushed += 1;
                }
                Step::Wait => clock.advance(Duration::from_secs(5)),
                Step::Deliver | Step::Fail | Step::TooLarge => {
                    let Some(batch) = take(&queue, &clock) else { continue };
                    match step {
                        Step::Deliver => {
                            let lane = delivered.entry(batch.agent.key).or_default();
                            lane.extend(batch.entries.iter().map(|Entry { seq, .. }| seq));
                            queue.settle(&batch, 0);
                        }
                        Step::Fail => queue.put_back(batch, Duration::from_secs(1), Hold::BackOff),
                        _ => queue.put_back_in_halves(batch),
                    }
                }
            }
            let stats = queue.stats();
            prop_assert!(stats.queued as usize <= max_events);
            prop_assert_eq!(pushed, stats.queued + stats.sent + stats.dropped);
        }
        for lane in delivered.values() {
            prop_assert!(lane.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
