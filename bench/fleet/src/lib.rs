//! A made-up fleet: what its events look like decides what the benchmarks say.
//!
//! Agents of several roles work on runs of about ten events: model calls, actions, plans, approvals, failures, and heartbeats between
//! them. An event is about 715 bytes on the wire. All of it follows from the seed.

mod payload;
mod script;
mod words;

use std::fmt::Write;

use script::{Script, Step};
use words::Words;

pub use words::RARE;

/// Who sends: everything an envelope says.
struct Agent {
    name: String,
    role: &'static Role,
    version: &'static str,
    instance_id: String,
    /// Where its own work has got to.
    clock_micros: i64,
    script: Script,
    task_id: String,
    task_run_id: String,
    action_id: String,
    /// When its last event was told, so that no two are at one time.
    last_micros: i64,
}

/// What an agent is for.
pub(crate) struct Role {
    pub(crate) agent_type: &'static str,
    pub(crate) task_type: &'static str,
    pub(crate) project: &'static str,
    pub(crate) environment: &'static str,
    pub(crate) model: &'static str,
    pub(crate) actions: [&'static str; 4],
}

const ROLES: [Role; 8] = [
    Role {
        agent_type: "sales",
        task_type: "lead_processing",
        project: "sales",
        environment: "production",
        model: "gpt-4o",
        actions: ["score_lead", "fetch_crm", "write_email", "update_crm"],
    },
    Role {
        agent_type: "support",
        task_type: "ticket_triage",
        project: "support",
        environment: "production",
        model: "claude-sonnet-4-20250514",
        actions: ["read_ticket", "search_articles", "draft_reply", "close_ticket"],
    },
    Role {
        agent_type: "research",
        task_type: "market_report",
        project: "insight",
        environment: "production",
        model: "gpt-4.1-mini",
        actions: ["search_web", "read_page", "extract_facts", "write_report"],
    },
    Role {
        agent_type: "coding",
        task_type: "code_review",
        project: "platform",
        environment: "staging",
        model: "claude-opus-4-20250514",
        actions: ["checkout", "run_tests", "read_diff", "comment"],
    },
    Role {
        agent_type: "finance",
        task_type: "invoice_matching",
        project: "finance",
        environment: "production",
        model: "gpt-4o-mini",
        actions: ["read_invoice", "find_order", "match_lines", "book"],
    },
    Role {
        agent_type: "operations",
        task_type: "incident_response",
        project: "platform",
        environment: "production",
        model: "gpt-4o",
        actions: ["read_alert", "query_metrics", "restart_service", "page_human"],
    },
    Role {
        agent_type: "content",
        task_type: "translation",
        project: "website",
        environment: "staging",
        model: "gemini-2.0-flash",
        actions: ["load_text", "translate", "check_terms", "publish"],
    },
    Role {
        agent_type: "data",
        task_type: "pipeline_run",
        project: "warehouse",
        environment: "production",
        model: "in-house-7b",
        actions: ["load_batch", "validate_rows", "join_tables", "write_table"],
    },
];

/// A batch as it travels.
pub struct Batch {
    pub agent: usize,
    pub events: usize,
    pub json: String,
}

/// The fleet at work.
pub struct Fleet {
    random: fastrand::Rng,
    words: Words,
    agents: Vec<Agent>,
    tasks: u64,
}

impl Fleet {
    pub fn new(seed: u64, agents: usize) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let agents = (0..agents)
            .map(|number| {
                let role = &ROLES[number % ROLES.len()];
                Agent {
                    name: format!("{}-{:04}", role.agent_type, number / ROLES.len()),
                    role,
                    version: ["1.4.0", "1.4.1", "2.0.0"][number % 3],
                    instance_id: uuid(&mut random),
                    clock_micros: i64::MIN,
                    script: Script::default(),
                    task_id: String::new(),
                    task_run_id: String::new(),
                    action_id: String::new(),
                    last_micros: i64::MIN,
                }
            })
            .collect();
        Self { random, words: Words::new(), agents, tasks: seed % 1_000_000 * 1_000_000_000 }
    }

    pub fn agent_count(&self) -> usize {
        self.agents.len()
    }

    /// The next `count` events of an agent, none of them later than `now_micros`. `to_the_end` adds what ends its run.
    pub fn batch(&mut self, agent: usize, count: usize, now_micros: i64, to_the_end: bool) -> Batch {
        let mut json = String::with_capacity(count * 760 + 400);
        let one = &mut self.agents[agent];
        // Work that took so long: about a second an event.
        one.clock_micros = one.clock_micros.max(now_micros - (count as i64 + 8) * 1_500_000);
        let _infallible = write!(
            json,
            r#"{{"envelope":{{"agent_id":"{}","agent_type":"{}","agent_version":"{}","framework":"custom","runtime":"python 3.11.9","sdk_version":"hiveloop-0.1.0","instance_id":"{}","environment":"{}","group":"{}"}},"events":["#,
            one.name,
            one.role.agent_type,
            one.version,
            one.instance_id,
            one.role.environment,
            ["default", "night-shift"][agent % 2],
        );
        let mut made = 0;
        while made < count || (to_the_end && self.agents[agent].script.is_running()) {
            if made > 0 {
                json.push(',');
            }
            self.event(agent, now_micros, &mut json);
            made += 1;
        }
        json.push_str("]}");
        Batch { agent, events: made, json }
    }

    fn event(&mut self, agent: usize, now_micros: i64, json: &mut String) {
        let Self { random, words, agents, tasks } = self;
        let agent = &mut agents[agent];
        let step = match agent.script.next() {
            Some(step) => step,
            None => agent.script.begin(random),
        };
        if step == Step::TaskStarted {
            *tasks += 1;
            agent.task_id = format!("{}-{:06}", agent.role.task_type, *tasks);
            agent.task_run_id = uuid(random);
        }
        if step == Step::ActionStarted {
            agent.action_id = uuid(random);
        }
        let took_micros = step.duration_micros(random);
        agent.clock_micros = (agent.clock_micros + took_micros).min(now_micros);
        agent.last_micros = agent.clock_micros.max(agent.last_micros + 1);
        let moment = jiff::Timestamp::from_microsecond(agent.last_micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let event_type = step.event_type();
        let _infallible =
            write!(json, r#"{{"event_id":"{}","timestamp":"{moment:.6}","event_type":"{event_type}""#, uuid(random));
        if !step.is_outside_of_runs() {
            let (project, task_type) = (agent.role.project, agent.role.task_type);
            let _infallible = write!(
                json,
                r#","project_id":"{project}","task_id":"{}","task_type":"{task_type}","task_run_id":"{}""#,
                agent.task_id, agent.task_run_id
            );
        }
        if step.is_action() {
            let _infallible = write!(json, r#","action_id":"{}""#, agent.action_id);
        }
        if let Some((status, millis)) = step.outcome(took_micros) {
            let _infallible = write!(json, r#","status":"{status}","duration_ms":{millis:.3}"#);
        }
        payload::write(step, agent.role, random, words, took_micros, json);
        json.push('}');
    }
}

fn uuid(random: &mut fastrand::Rng) -> String {
    uuid::Builder::from_random_bytes(random.u128(..).to_le_bytes()).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_the_size_the_figures_are_told_for() {
        let mut fleet = Fleet::new(7, 40);
        let (mut bytes, mut events) = (0, 0);
        for round in 0..400 {
            let batch = fleet.batch(round % 40, 100, 1_790_000_000_000_000 + round as i64 * 1_000_000, false);
            bytes += batch.json.len();
            events += batch.events;
        }
        let each = bytes as f64 / f64::from(events as u32);
        assert!((700.0..730.0).contains(&each), "{each:.1} bytes an event");
    }

    #[test]
    fn a_seed_tells_everything() {
        let made = |seed| Fleet::new(seed, 3).batch(1, 50, 1_790_000_000_000_000, true).json;
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}
