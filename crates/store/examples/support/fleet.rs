//! A made-up fleet: what its events look like decides what the benchmarks say.

use hiveboard_store::{Batch, Incoming};
use hiveboard_wire::{Body, CallCost, CostSource, Mode, NanoDollars, Scope, Timestamp, WorkspaceId, decode_batch};

pub(crate) const SCOPE: Scope = Scope { workspace: WorkspaceId(1), mode: Mode::Live };
pub(crate) const START_MICROS: i64 = 1_790_000_000_000_000;
const WORDS: &[&str] = &[
    "lead", "score", "customer", "invoice", "summary", "retry", "because", "the", "model", "answer", "found", "no",
    "match", "queue", "deploy", "report", "draft", "email", "review", "contract", "ticket", "refund", "order",
    "status", "update",
];

pub(crate) struct Fleet {
    pub(crate) random: fastrand::Rng,
    agents: usize,
    made: u64,
    events_per_day: u64,
    /// Bytes of the last batch as it travels.
    pub(crate) batch_bytes: usize,
}

impl Fleet {
    pub(crate) fn new(agents: usize, events_per_day: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(7), agents, made: 0, events_per_day, batch_bytes: 0 }
    }

    fn words(&mut self, count: usize) -> String {
        (0..count).map(|_| WORDS[self.random.usize(..WORDS.len())]).collect::<Vec<_>>().join(" ")
    }

    fn uuid(&mut self) -> String {
        let bytes: [u8; 16] = std::array::from_fn(|_| self.random.u8(..));
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn event(&mut self, now: i64, task: u64) -> String {
        let at = Timestamp(now - self.random.i64(0..2_000_000));
        let (event_type, payload) = match self.random.u8(0..20) {
            0..=3 => {
                let (prompt, response) = (self.words(20), self.words(20));
                let (tokens_in, tokens_out) = (self.random.u32(200..8000), self.random.u32(20..900));
                (
                    "custom",
                    format!(
                        r#"{{"kind":"llm_call","summary":"reason -> gpt-4o ({tokens_in} in)","data":{{"name":"reason","model":"gpt-4o","tokens_in":{tokens_in},"tokens_out":{tokens_out},"cost":{},"duration_ms":{},"prompt_preview":"{prompt}","response_preview":"{response}"}}}}"#,
                        f64::from(tokens_in) * 2.5e-6,
                        self.random.u32(300..9000)
                    ),
                )
            }
            4 => (
                "heartbeat",
                format!(r#"{{"kind":"heartbeat_status","summary":"idle","data":{{"note":"{}"}}}}"#, self.words(40)),
            ),
            5 => ("task_completed", format!(r#"{{"result":"{}"}}"#, self.words(50))),
            6 if self.random.u8(..) < 60 => (
                "action_failed",
                format!(
                    r#"{{"action_name":"fetch","function":"crm.fetch","exception_type":"Timeout","exception_message":"{}"}}"#,
                    self.words(40)
                ),
            ),
            7..=12 => (
                "action_completed",
                format!(r#"{{"action_name":"fetch","function":"crm.fetch","detail":"{}"}}"#, self.words(50)),
            ),
            _ => (
                "action_started",
                format!(r#"{{"action_name":"fetch","function":"crm.fetch","args":"{}"}}"#, self.words(50)),
            ),
        };
        format!(
            r#"{{"event_id":"{}","timestamp":"{at}","event_type":"{event_type}","project_id":"sales","task_id":"task-{task}","task_type":"lead","action_id":"{}","duration_ms":{},"payload":{payload}}}"#,
            self.uuid(),
            self.uuid(),
            self.random.u32(1..5000),
        )
    }

    pub(crate) fn batch(&mut self, size: usize) -> Batch {
        let agent = self.random.usize(..self.agents);
        let now = START_MICROS + (i128::from(self.made) * 86_400_000_000 / i128::from(self.events_per_day)) as i64;
        // A task takes some 12 events; an agent works on one after the other.
        let events: Vec<String> = (0..size)
            .map(|place| {
                let task = (self.made + place as u64) / 12 * 1000 + agent as u64;
                self.event(now, task)
            })
            .collect();
        self.made += size as u64;
        let body = format!(
            r#"{{"envelope":{{"agent_id":"agent-{agent}","agent_type":"worker","agent_version":"1.4.{}","framework":"custom","environment":"production"}},"events":[{}]}}"#,
            agent % 3,
            events.join(",")
        );
        self.batch_bytes = body.len();
        let decoded = decode_batch(body.as_bytes(), Timestamp(now)).expect("the batch is well-formed");
        let incoming = decoded.events.into_iter().map(|accepted| {
            let call_cost = match &accepted.body {
                Body::LlmCall(call) => {
                    Some(CallCost { amount: call.cost.unwrap_or(NanoDollars(0)), source: CostSource::Reported })
                }
                _ => None,
            };
            Incoming { event: accepted.event, body: accepted.body, call_cost }
        });
        Batch {
            scope: SCOPE,
            position: None,
            events: incoming.collect(),
            envelope: decoded.envelope,
            received_at: Timestamp(now),
        }
    }
}
