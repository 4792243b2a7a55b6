//! Time that did not pass, starts, and rules that mean something else: what is open then, and what is not.

use hiveboard_alerts::{
    Condition, Evaluator, OpenAlert,
    TransitionKind::{Fired, Resolved},
    facts::{AgentFacts, Arrival},
};
use hiveboard_derive::view::{AgentStatus, TaskStatus};

use super::{agent, agent_a, at, draft, evaluator, labels, next_seq, of, pass, rule, run, told};

#[test]
fn a_clock_that_is_set_makes_nobody_silent_and_nobody_heard_of() {
    for by in [7_200, -7_200] {
        let mut rules = of(Condition::HeartbeatLost { seconds: 60 });
        let begin = 10_000;
        rules.agent(agent("a", AgentStatus::Idle, begin), at(begin));
        assert_eq!(told(&pass(&mut rules, begin + 1, begin + 50)), []);
        let set = begin + 50 + by;
        rules.clock_jumped(at(begin + 50), at(set));
        assert_eq!(told(&pass(&mut rules, set + 1, set + 59)), [], "nobody could be heard meanwhile: it counts anew");
        assert_eq!(told(&pass(&mut rules, set + 60, set + 70)), [(Fired, set + 60, agent_a())]);
        let again = set + 70 + by;
        rules.clock_jumped(at(set + 70), at(again));
        assert_eq!(told(&pass(&mut rules, again, again + 100)), [], "what is silent stays so, and fires once");
        rules.agent(agent("a", AgentStatus::Idle, again + 101), at(again + 101));
        assert_eq!(told(&rules.take()), [(Resolved, again + 101, agent_a())]);
    }
}

#[test]
fn what_holds_for_a_while_has_held_as_long_as_before_when_the_clock_is_set() {
    let mut patient = draft(Condition::HeartbeatLost { seconds: 60 });
    patient.for_seconds = 30;
    let mut rules = evaluator(vec![rule(patient)], 0);
    rules.agent(agent("a", AgentStatus::Idle, 0), at(0));
    assert_eq!(told(&pass(&mut rules, 1, 80)), []);
    rules.clock_jumped(at(80), at(7_280));
    assert_eq!(told(&pass(&mut rules, 7_281, 7_300)), [(Fired, 7_290, agent_a())], "20 s before, 10 s after");
}

#[test]
fn what_was_open_stays_open_over_a_restart_and_closes_with_its_rule() {
    let rules = || vec![rule(draft(Condition::AgentStuck {}))];
    let mut before = evaluator(rules(), 0);
    before.agent(agent("a", AgentStatus::Stuck, 0), at(400));
    let open = OpenAlert { alert: before.take().remove(0).alert };
    let mut after = evaluator(rules(), 500);
    after.restore(vec![open.clone()], at(500));
    after.agent(agent("a", AgentStatus::Stuck, 0), at(500));
    after.look_everywhere(at(500));
    assert_eq!(told(&after.take()), [], "it neither fires again nor is it forgotten");
    after.set_rules(rules(), at(501));
    after.look_everywhere(at(501));
    assert_eq!(told(&after.take()), []);
    after.set_rules(Vec::new(), at(502));
    let closed = after.take();
    assert_eq!(told(&closed), [(Resolved, 502, agent_a())]);
    assert_eq!(closed[0].channels, ["c"], "who was told that it fires is told that nobody watches it any more");
    assert!(closed[0].alert.resolution.as_ref().unwrap().contains("rule was deleted"));
    let mut gone = evaluator(Vec::new(), 600);
    gone.restore(vec![open.clone()], at(600));
    assert_eq!(told(&gone.take()), [(Resolved, 600, agent_a())]);
    let mut unseen = evaluator(rules(), 700);
    unseen.restore(vec![open], at(700));
    unseen.look_everywhere(at(700));
    assert_eq!(told(&unseen.take()), [(Resolved, 700, agent_a())], "the agent is not there any more");
}

/// What a server finds that starts at 500: everybody was granted time, and nothing came. With the agent as it is then.
fn granted(condition: &Condition) -> (Evaluator, AgentFacts) {
    let rules = || vec![rule(draft(condition.clone()))];
    let mut before = evaluator(rules(), 0);
    let (mut facts, mut stalled) = (agent("a", AgentStatus::Processing, 0), run(TaskStatus::Processing, 0, None, 0));
    before.agent(facts.clone(), at(0));
    before.run(stalled.clone(), at(0));
    before.advance(at(400));
    facts.status = AgentStatus::Stuck;
    before.agent(facts.clone(), at(400));
    let fired = before.take();
    assert_eq!((fired.len(), fired[0].kind), (1, Fired), "{condition:?}");
    let mut after = Evaluator::new(|| "another".to_owned());
    after.set_rules(rules(), at(500));
    after.restore(vec![OpenAlert { alert: fired[0].alert.clone() }], at(500));
    (facts.status, facts.last_sign, stalled.last_sign) = (AgentStatus::Processing, at(500), at(500));
    after.agent(facts.clone(), at(500));
    after.run(stalled, at(500));
    after.look_everywhere(at(500));
    (after, facts)
}

#[test]
fn time_that_was_granted_ends_no_alert_and_an_event_does() {
    for condition in
        [Condition::AgentStuck {}, Condition::HeartbeatLost { seconds: 60 }, Condition::TaskStalled { seconds: 60 }]
    {
        let (mut still, facts) = granted(&condition);
        assert_eq!(told(&pass(&mut still, 500, 700)), [], "{condition:?}");
        still.agent(AgentFacts { status: AgentStatus::Stuck, ..facts }, at(801));
        assert_eq!(told(&pass(&mut still, 801, 1_000)), [], "{condition:?}: it is told of once");

        let (mut back, _) = granted(&condition);
        assert!(back.is_silent("a") || matches!(condition, Condition::TaskStalled { .. }));
        let arrival = Arrival { labels: labels("a"), at: at(510), seq: next_seq(), run: Some(("t", "r")) };
        back.arrived(&arrival, at(510));
        back.agent(agent("a", AgentStatus::Processing, 510), at(510));
        assert_eq!(told(&back.take()).iter().map(|one| one.0).collect::<Vec<_>>(), [Resolved], "{condition:?}");
        assert!(!back.is_silent("a"));
    }
}

#[test]
fn what_can_be_silent_no_more_ends_without_an_event_and_so_does_what_the_rule_means_no_more() {
    let (mut gone, facts) = granted(&Condition::AgentStuck {});
    gone.agent(AgentFacts { status: AgentStatus::Idle, stuck_seq: None, ..facts }, at(520));
    assert_eq!(told(&gone.take()), [(Resolved, 520, agent_a())]);

    let (mut other, _) = granted(&Condition::HeartbeatLost { seconds: 60 });
    let mut patient = rule(draft(Condition::HeartbeatLost { seconds: 3_600 }));
    patient.rule_id = rule(draft(Condition::HeartbeatLost { seconds: 60 })).rule_id;
    other.set_rules(vec![patient], at(530));
    other.look_everywhere(at(530));
    assert_eq!(told(&other.take()), [(Resolved, 530, agent_a())]);
}
