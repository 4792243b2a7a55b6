use super::*;
use crate::agent_info::AgentOptions;
use crate::callbacks::{HeartbeatReport, HeartbeatSource};
use crate::config::Config;

struct Silent;

impl HeartbeatSource for Silent {
    fn report(&self) -> HeartbeatReport {
        HeartbeatReport::default()
    }
}

fn agent(interval_seconds: f64, with_callback: bool) -> Arc<AgentInfo> {
    let options = AgentOptions {
        heartbeat_interval: Some(Duration::from_secs_f64(interval_seconds)),
        heartbeat_source: with_callback.then(|| Arc::new(Silent) as Arc<dyn HeartbeatSource>),
        ..AgentOptions::default()
    };
    Arc::new(AgentInfo::new("agent", options, &Config::new("hb_test_x")))
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

/// Lets the clock run in small steps; gives when each tick came.
fn run(schedule: &mut Schedule, from: f64, to: f64) -> Vec<(f64, Tick)> {
    let steps = ((to - from) * 10.0).round() as u64;
    (0..=steps)
        .map(|step| from + step as f64 / 10.0)
        .flat_map(|now| schedule.tick(seconds(now)).into_iter().map(move |tick| (now, tick)))
        .collect()
}

#[test]
fn the_first_beat_comes_soon_and_the_others_at_their_interval() {
    let mut schedule = Schedule::default();
    schedule.start(&agent(30.0, false), Duration::ZERO);
    let beats: Vec<f64> = run(&mut schedule, 0.0, 100.0).into_iter().map(|(now, _)| now).collect();
    assert_eq!(beats, [1.0, 31.0, 61.0, 91.0]);
}

#[test]
fn intervals_may_be_fractions_of_a_second() {
    let mut schedule = Schedule::default();
    schedule.start(&agent(0.5, false), Duration::ZERO);
    assert_eq!(run(&mut schedule, 0.0, 2.0).len(), 4);
}

#[test]
fn an_agent_beats_once_however_often_it_is_started_and_not_after_it_is_stopped() {
    let mut schedule = Schedule::default();
    let agent = agent(1.0, false);
    assert!(schedule.start(&agent, Duration::ZERO));
    assert!(!schedule.start(&agent, Duration::ZERO));
    assert_eq!(run(&mut schedule, 0.0, 3.0).len(), 3);
    schedule.stop(agent.key);
    assert!(run(&mut schedule, 3.1, 10.0).is_empty());
    assert_eq!(schedule.next_due(), None);
}

#[test]
fn a_callback_in_time_gives_its_value_to_the_heartbeat() {
    let mut schedule = Schedule::default();
    let agent = agent(10.0, true);
    schedule.start(&agent, Duration::ZERO);
    let ticks = run(&mut schedule, 0.0, 1.0);
    let [(_, Tick::Ask { ticket, .. })] = ticks[..] else { panic!("the callback is asked") };
    assert!(schedule.returned(agent.key, ticket).is_some(), "its heartbeat is to be sent");
    assert!(schedule.returned(agent.key, ticket).is_none(), "once");
    assert!(run(&mut schedule, 1.1, 10.0).is_empty());
}

#[test]
fn a_callback_that_blocks_costs_its_value_and_is_not_asked_again_until_it_returns() {
    let mut schedule = Schedule::default();
    let agent = agent(10.0, true);
    schedule.start(&agent, Duration::ZERO);
    let ticks = run(&mut schedule, 0.0, 60.0);
    let Tick::Ask { ticket, .. } = ticks[0].1 else { panic!("the callback is asked first") };
    let bare: Vec<f64> = ticks[1..]
        .iter()
        .map(|(now, tick)| match tick {
            Tick::Bare(_) => *now,
            Tick::Ask { .. } => panic!("it was asked again while it had not returned"),
        })
        .collect();
    assert_eq!(bare, [6.0, 11.0, 21.0, 31.0, 41.0, 51.0]);
    assert!(schedule.returned(agent.key, ticket).is_none(), "its heartbeat has gone out long ago");
    let later = run(&mut schedule, 60.1, 61.0);
    assert!(matches!(later[..], [(_, Tick::Ask { .. })]), "now it is asked again");
}

#[test]
fn short_intervals_do_not_wait_five_seconds_for_a_callback() {
    let mut schedule = Schedule::default();
    schedule.start(&agent(2.0, true), Duration::ZERO);
    let times: Vec<f64> = run(&mut schedule, 0.0, 5.0).into_iter().map(|(now, _)| now).collect();
    assert_eq!(times, [1.0, 3.0, 3.0, 5.0]);
}

#[test]
fn beats_missed_while_the_machine_slept_are_not_made_up_for() {
    let mut schedule = Schedule::default();
    schedule.start(&agent(1.0, false), Duration::ZERO);
    assert_eq!(schedule.tick(seconds(3600.0)).len(), 1);
    assert_eq!(schedule.tick(seconds(3600.1)).len(), 0);
}

#[test]
fn a_thousand_agents_beat_from_one_schedule() {
    let mut schedule = Schedule::default();
    for _ in 0..1000 {
        schedule.start(&agent(30.0, false), Duration::ZERO);
    }
    assert_eq!(run(&mut schedule, 0.0, 60.0).len(), 2000);
}

#[test]
fn agents_made_at_once_do_not_beat_at_once() {
    let mut schedule = Schedule::default();
    for _ in 0..1000 {
        schedule.start(&agent(30.0, false), Duration::ZERO);
    }
    let most = (0..=600).map(|step| schedule.tick(seconds(f64::from(step) / 10.0)).len()).max();
    assert!(most <= Some(11), "{most:?} in a tenth of a second");
}

#[test]
fn more_agents_than_fit_into_an_interval_do_not_beat_at_its_end() {
    let mut schedule = Schedule::default();
    for _ in 0..3000 {
        schedule.start(&agent(30.0, false), Duration::ZERO);
    }
    let most = (0..=900).map(|step| schedule.tick(seconds(f64::from(step) / 10.0)).len()).max();
    assert!(most <= Some(20), "{most:?} in a tenth of a second");
}

#[test]
fn the_newest_callback_is_asked() {
    let mut schedule = Schedule::default();
    let agent = agent(10.0, true);
    schedule.start(&agent, Duration::ZERO);
    let newest: Arc<dyn HeartbeatSource> = Arc::new(Silent);
    assert!(schedule.replace_source(agent.key, newest.clone()).is_some(), "the old one is given back");
    let ticks = run(&mut schedule, 0.0, 1.0);
    let Tick::Ask { source, .. } = &ticks[0].1 else { panic!("the callback is asked") };
    assert!(Arc::ptr_eq(source, &newest));
}
