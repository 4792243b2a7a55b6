import { randomUUID } from "node:crypto";

export interface SentEvent {
  event_type: string;
  task_id?: string;
  task_type?: string;
  project_id?: string;
  correlation_id?: string;
  task_run_id?: string;
  action_id?: string;
  parent_action_id?: string;
  severity?: string;
  duration_ms?: number;
  payload?: Record<string, unknown>;
  timestamp?: string;
}

export interface AgentLabels {
  agent_type?: string;
  agent_version?: string;
  environment?: string;
  group?: string;
  framework?: string;
  stuck_threshold?: number;
}

/** An agent that reports over plain HTTP, as the wire format has it. Every call waits for the acknowledgement. */
export class Agent {
  readonly #instance = randomUUID();
  readonly #url: string;
  readonly #key: string;
  readonly #labels: AgentLabels;
  #reported = false;
  readonly id: string;

  constructor(url: string, key: string, id: string, labels: AgentLabels = {}) {
    this.#url = url;
    this.#key = key;
    this.id = id;
    this.#labels = labels;
  }

  async send(...events: SentEvent[]): Promise<void> {
    this.#reported = true;
    const { stuck_threshold: _threshold, ...labels } = this.#labels;
    const answer = await fetch(`${this.#url}/v1/ingest`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#key}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        envelope: { agent_id: this.id, agent_type: "general", instance_id: this.#instance, ...labels },
        events: events.map((event) => ({
          event_id: randomUUID(),
          timestamp: new Date().toISOString(),
          ...event,
        })),
      }),
    });
    const receipt = (await answer.json()) as { accepted?: number; rejected?: number };
    if (answer.status !== 200 || receipt.rejected !== 0)
      throw new Error(`ingest answered ${answer.status}: ${JSON.stringify(receipt)}`);
  }

  register(): Promise<void> {
    const { agent_type = "general", agent_version, stuck_threshold = 300, framework = "custom" } = this.#labels;
    return this.send({
      event_type: "agent_registered",
      payload: {
        kind: "agent_registered",
        summary: `${this.id} registered`,
        data: { type: agent_type, version: agent_version, framework, stuck_threshold },
      },
    });
  }

  /** Leaves, so that its silence and its failures need nobody; nothing if it never came. */
  async leave(): Promise<void> {
    if (this.#reported) await this.send({ event_type: "custom", payload: { kind: "goodbye", data: {} } });
  }

  heartbeat(summary?: string): Promise<void> {
    return this.send({
      event_type: "heartbeat",
      ...(summary === undefined ? {} : { payload: { kind: "heartbeat_status", summary, data: {} } }),
    });
  }

  startTask(task: string, type = "check"): Promise<void> {
    return this.send({
      event_type: "task_started",
      task_id: task,
      task_run_id: "run-1",
      task_type: type,
      project_id: "web-e2e",
    });
  }

  completeTask(task: string): Promise<void> {
    return this.send({
      event_type: "task_completed",
      task_id: task,
      task_run_id: "run-1",
      project_id: "web-e2e",
      duration_ms: 1_250,
    });
  }

  failTask(task: string, message: string): Promise<void> {
    return this.send({
      event_type: "task_failed",
      task_id: task,
      task_run_id: "run-1",
      project_id: "web-e2e",
      duration_ms: 900,
      payload: { exception_type: "CheckError", exception_message: message },
    });
  }

  llmCall(task: string, name: string, model = "claude-sonnet-4-20250514"): Promise<void> {
    return this.send({
      event_type: "custom",
      task_id: task,
      task_run_id: "run-1",
      project_id: "web-e2e",
      payload: {
        kind: "llm_call",
        summary: `${name} → ${model}`,
        data: { name, model, tokens_in: 12_000, tokens_out: 300, cost: 0.0405, duration_ms: 820 },
      },
    });
  }
}
