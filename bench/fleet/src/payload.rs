//! What each step tells in its payload.

use std::fmt::Write;

use fastrand::Rng;

use crate::{
    Role,
    script::{PLAN_STEPS, Step},
    words::Words,
};

/// Appends `,"payload":{…}`.
pub(crate) fn write(step: Step, role: &Role, random: &mut Rng, words: &Words, took_micros: i64, out: &mut String) {
    let action = role.actions[random.usize(..4)];
    out.push_str(r#","payload":{"#);
    let _infallible: std::fmt::Result = match step {
        Step::Heartbeat => well_known(out, "heartbeat_status", "idle", r#""note":""#),
        Step::QueueSnapshot => {
            let (depth, age) = (random.u32(..60), random.u32(..900));
            let items = format!(
                r#""depth":{depth},"oldest_age_seconds":{age},"processing":null,"items":[{{"id":"q-{age}","priority":"normal","source":"inbox","summary":""#
            );
            well_known(out, "queue_snapshot", "waiting", &items)
        }
        Step::TaskStarted => write!(out, r#""trigger":"schedule","input":""#),
        Step::Call => {
            let (tokens_in, tokens_out) = (random.u32(200..8_000), random.u32(20..900));
            let cost = f64::from(tokens_in) * 2.5e-6 + f64::from(tokens_out) * 1e-5;
            let cost = if random.u8(..10) == 0 { String::new() } else { format!(r#""cost":{cost:.6},"#) };
            let millis = took_micros / 1000;
            let data = format!(
                r#""name":"{action}","model":"{}","tokens_in":{tokens_in},"tokens_out":{tokens_out},{cost}"duration_ms":{millis},"response_preview":"done","prompt_preview":""#,
                role.model
            );
            well_known(out, "llm_call", action, &data)
        }
        Step::ActionStarted => {
            write!(out, r#""action_name":"{action}","function":"app.{}.{action}","input":""#, role.agent_type)
        }
        Step::ActionCompleted => {
            write!(out, r#""action_name":"{action}","function":"app.{}.{action}","result":""#, role.agent_type)
        }
        Step::ActionFailed => write!(
            out,
            r#""action_name":"{action}","function":"app.{}.{action}","exception_type":"TimeoutError","exception_message":""#,
            role.agent_type
        ),
        Step::PlanCreated => {
            let steps = (0..PLAN_STEPS).map(|index| format!(r#"{{"index":{index},"description":"{action} {index}"}}"#));
            let data = format!(r#""steps":[{}],"revision":0,"goal":""#, steps.collect::<Vec<_>>().join(","));
            well_known(out, "plan_created", "plan", &data)
        }
        Step::PlanStepStarted(index) | Step::PlanStepCompleted(index) => {
            let told = if matches!(step, Step::PlanStepStarted(_)) { "started" } else { "completed" };
            let data = format!(
                r#""step_index":{index},"total_steps":{PLAN_STEPS},"action":"{told}","turns":2,"tokens":900,"plan_revision":0,"note":""#
            );
            well_known(out, "plan_step", told, &data)
        }
        Step::Retry => write!(out, r#""summary":"again","data":{{"attempt":2,"backoff_seconds":1.5,"reason":""#),
        Step::ApprovalRequested => {
            write!(out, r#""summary":"may this go out?","data":{{"approver":"team-lead","detail":""#)
        }
        Step::ApprovalReceived => {
            write!(out, r#""summary":"approved","data":{{"approved_by":"team-lead","decision":"approved","detail":""#)
        }
        Step::Escalated => write!(out, r#""summary":"too hard","data":{{"assigned_to":"second-level","reason":""#),
        Step::Issue => {
            let number = random.u8(..9);
            let data = format!(
                r#""issue_id":"{action}-{number}","severity":"medium","category":"integration","action":"reported","context":""#
            );
            well_known(out, "issue", "an outside system is slow", &data)
        }
        Step::Todo => {
            let number = random.u32(..);
            let data = format!(r#""todo_id":"todo-{number:x}","action":"created","priority":"high","context":""#);
            well_known(out, "todo", "look at this later", &data)
        }
        Step::TaskCompleted => write!(out, r#""result":""#),
        Step::TaskFailed => write!(out, r#""exception_type":"ValueError","exception_message":""#),
    };
    // Long where events of the field are long, so that the mean is theirs.
    let bytes = match step {
        Step::Call => random.usize(220..470),
        Step::TaskStarted | Step::TaskCompleted | Step::TaskFailed => random.usize(240..500),
        _ => random.usize(160..380),
    };
    words.text(random, bytes, out);
    out.push_str(match step {
        Step::QueueSnapshot => r#"","queued_at":"2026-02-12T15:04:05Z"}]},"tags":["queue"]}"#,
        Step::Heartbeat
        | Step::Call
        | Step::PlanCreated
        | Step::PlanStepStarted(_)
        | Step::PlanStepCompleted(_)
        | Step::Issue
        | Step::Todo => r#""},"tags":["fleet"]}"#,
        Step::Retry | Step::ApprovalRequested | Step::ApprovalReceived | Step::Escalated => r#""}}"#,
        _ => r#""}"#,
    });
}

fn well_known(out: &mut String, kind: &str, summary: &str, data: &str) -> std::fmt::Result {
    write!(out, r#""kind":"{kind}","summary":"{summary}","data":{{{data}"#)
}
