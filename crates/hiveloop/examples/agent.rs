//! A Rust agent: heartbeats with the state of its queue, tasks with actions, a plan and calls of a model.
//!
//! ```sh
//! HIVELOOP_API_KEY=hb_live_… HIVELOOP_ENDPOINT=http://localhost:8000 cargo run -p hiveloop --example agent
//! ```

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hiveloop::{
    Agent, AgentOptions, Client, Config, HeartbeatReport, HeartbeatSource, Issue, LlmCall, PlanStep, QueueSnapshot,
    Task, TaskOptions,
};

/// What waits to be done, reported with every heartbeat.
struct Inbox {
    waiting: AtomicU32,
}

impl HeartbeatSource for Inbox {
    fn report(&self) -> HeartbeatReport {
        HeartbeatReport::default().queue(&QueueSnapshot::new(self.waiting.load(Ordering::Relaxed)))
    }
}

/// A lead that cannot be scored.
#[derive(Debug, thiserror::Error)]
#[error("lead {0} has no company")]
struct ScoreError(u32);

/// Stands for a call of a model; fails for one lead in three, as work does.
fn score(task: &Task, lead: u32) -> Result<u32, ScoreError> {
    let action = task.action("score_lead");
    task.llm_call(&LlmCall::new("scoring", "claude-sonnet-4-20250514").tokens_in(1500).tokens_out(200).cost(0.003));
    if lead % 3 == 2 {
        let error = ScoreError(lead);
        action.fail_with(&error);
        return Err(error);
    }
    action.set_payload(&serde_json::json!({"score": 40 + lead}));
    action.complete();
    Ok(40 + lead)
}

/// One lead from beginning to end.
fn qualify(agent: &Agent, lead: u32) {
    let options = TaskOptions { project: Some("sales".into()), ..TaskOptions::default() };
    let task = agent.task(&format!("lead-{lead}"), options);
    task.plan(Some("Qualify the lead"), &["Score it", "Route it"], None);
    match score(&task, lead) {
        Ok(points) => {
            task.plan_step(&PlanStep::new(0, "completed").summary(&format!("Scored {points}")));
            task.plan_step(&PlanStep::new(1, "completed").summary("Routed to sales"));
            task.complete();
        }
        Err(error) => {
            task.plan_step(&PlanStep::new(0, "failed").summary(&error.to_string()));
            agent.issue(&Issue::reported("Leads without a company").severity("low").issue_id("no-company"));
            task.fail_with(&error);
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let key = std::env::var("HIVELOOP_API_KEY").map_err(|_| "set HIVELOOP_API_KEY to a key of your board")?;
    let mut config = Config::new(key);
    config.endpoint = std::env::var("HIVELOOP_ENDPOINT").unwrap_or_else(|_| "http://localhost:8000".into());
    let client = Client::new(config)?;

    let inbox = Arc::new(Inbox { waiting: AtomicU32::new(9) });
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
    let delivered = client.shutdown(Duration::from_secs(10));
    println!("{} events sent, everything delivered: {delivered}", client.stats().sent);
    Ok(())
}
