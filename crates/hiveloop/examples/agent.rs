//! A Rust agent: heartbeats with the state of its queue, a task with actions, a plan and a model call.
//!
//! ```sh
//! HIVELOOP_API_KEY=hb_live_… cargo run -p hiveloop --example agent
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hiveloop::{
    Agent, AgentOptions, Client, Config, Failure, HeartbeatReport, HeartbeatSource, JsonWriter, LlmCall, PlanStep,
    QueueSnapshot, TaskOptions, Value,
};

/// What waits to be done, reported with every heartbeat.
struct Inbox {
    waiting: AtomicUsize,
}

impl HeartbeatSource for Inbox {
    fn report(&self) -> HeartbeatReport {
        let depth = i64::try_from(self.waiting.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        let snapshot = QueueSnapshot {
            depth: Some(Value::Integer(depth)),
            oldest_age_seconds: None,
            items: None,
            processing: None,
        };
        let mut out = JsonWriter::new();
        snapshot.write(&mut out);
        HeartbeatReport { queue_snapshot: Some(out.into_bytes()), ..HeartbeatReport::default() }
    }
}

/// Fails for one lead in three, as work does.
fn score(lead: usize) -> Result<u32, String> {
    if lead % 3 == 2 { Err(format!("lead {lead} has no company")) } else { Ok(40 + u32::try_from(lead).unwrap_or(0)) }
}

fn qualify(agent: &Agent, lead: usize) {
    let options = TaskOptions {
        project: Some("sales".into()),
        task_type: Some("lead_processing".into()),
        ..TaskOptions::default()
    };
    let task = agent.task(&format!("lead-{lead}"), options);
    task.plan(Some(Value::Text("Qualify the lead")), &[Value::Text("Score it"), Value::Text("Route it")], None);
    let action = task.action("score_lead");
    task.llm_call(&LlmCall::new("scoring", "claude-sonnet-4-20250514").tokens_in(1500).tokens_out(200).cost(0.003));
    match score(lead) {
        Ok(points) => {
            action.set_payload(&serde_json::json!({"score": points}));
            action.complete();
            let (total_steps, revision) = task.plan_in_force().unwrap_or_default();
            task.plan_step(&PlanStep {
                step_index: Some(Value::Integer(0)),
                total_steps: Some(Value::Integer(total_steps)),
                action: Some(Value::Text("completed")),
                summary: Some(Value::Text("Scored")),
                turns: None,
                tokens: None,
                plan_revision: Some(Value::Integer(revision)),
            });
            task.complete();
        }
        Err(reason) => {
            let failure = Failure { exception_type: "ScoreError", exception_message: &reason };
            action.fail(failure);
            task.fail(failure);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = std::env::var("HIVELOOP_API_KEY").map_err(|_| "set HIVELOOP_API_KEY to a key of your board")?;
    let mut config = Config::new(key);
    config.endpoint = std::env::var("HIVELOOP_ENDPOINT").unwrap_or_else(|_| "http://localhost:8000".into());
    let client = Client::new(config)?;

    let inbox = Arc::new(Inbox { waiting: AtomicUsize::new(9) });
    let options = AgentOptions {
        agent_type: "sales".into(),
        version: Some("1.0.0".into()),
        framework: "rust".into(),
        heartbeat_source: Some(inbox.clone()),
        ..AgentOptions::default()
    };
    let agent = client.agent("rust-qualifier", options);
    for lead in 0..9 {
        qualify(&agent, lead);
        inbox.waiting.fetch_sub(1, Ordering::Relaxed);
    }
    let sent = client.shutdown(Duration::from_secs(10));
    println!("{} events sent, everything delivered: {sent}", client.stats().sent);
    Ok(())
}
