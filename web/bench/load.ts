import { randomUUID } from "node:crypto";
import type { SentEvent } from "../e2e/agent";

/** Requests under way at once while a fleet is set up. */
const SIDE_BY_SIDE = 8;
/** A batch of the steady load: one agent's, so long. */
const BATCH_EVENTS = 10;

/** Many agents that report over plain HTTP, as fast as asked and no faster. */
export class Load {
  readonly #url: string;
  readonly #key: string;
  readonly #instance = randomUUID();
  sent = 0;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /** Registers so many agents. Some wait, some failed, most are at work: a fleet as one sees it. */
  async fleet(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => index);
    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, async () => {
        for (let index = names.pop(); index !== undefined; index = names.pop()) {
          const task = { task_id: `first-${index}`, task_run_id: "run-1", task_type: "order", project_id: "shop" };
          const last: SentEvent[] =
            index % 50 === 0
              ? [{ event_type: "task_failed", ...task, payload: { exception_type: "Timeout" } }]
              : index % 50 === 1
                ? [{ event_type: "approval_requested", ...task, payload: { summary: "refund of $40" } }]
                : index % 2 === 0
                  ? [{ event_type: "task_completed", ...task }]
                  : [];
          await this.#send(index, [
            { event_type: "agent_registered", payload: { data: { type: "worker", stuck_threshold: 86_400 } } },
            { event_type: "heartbeat" },
            { event_type: "task_started", ...task },
            ...last,
          ]);
        }
      }),
    );
  }

  /** Keeps up a rate until told to stop; gives how many events were acknowledged. */
  async steady(eventsPerSecond: number, agents: number, until: () => boolean): Promise<number> {
    const began_ms = Date.now();
    let acknowledged = 0;
    const waiting = new Set<Promise<void>>();
    for (let batch = 0; !until(); batch += 1) {
      const due_ms = began_ms + (batch * BATCH_EVENTS * 1_000) / eventsPerSecond;
      if (due_ms > Date.now()) await new Promise((resolve) => setTimeout(resolve, due_ms - Date.now()));
      const index = (batch * 7) % agents;
      const sending = this.#send(index, work(batch)).then(() => {
        acknowledged += BATCH_EVENTS;
        waiting.delete(sending);
      });
      waiting.add(sending);
      if (waiting.size >= SIDE_BY_SIDE * 4) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    return acknowledged;
  }

  /** One run of so many events: actions one after the other. */
  async longRun(task: string, events: number): Promise<void> {
    const at = Date.now() - events * 500;
    const part = { task_id: task, task_run_id: "run-1", task_type: "backfill", project_id: "shop" };
    const stamp = (index: number) => ({ timestamp: new Date(at + index * 400).toISOString() });
    const all: SentEvent[] = [{ event_type: "task_started", ...part, ...stamp(0) }];
    for (let index = 1; all.length < events - 1; index += 1) {
      // A turn of more steps than are folded: each of them is drawn.
      const payload = { action_name: `step_${index % 13}` };
      all.push({ event_type: "action_started", action_id: `s${index}`, payload, ...part, ...stamp(index * 2) });
      all.push({ event_type: "action_completed", action_id: `s${index}`, payload, ...part, ...stamp(index * 2 + 1) });
    }
    all.push({ event_type: "task_completed", ...part, ...stamp(events) });
    for (let from = 0; from < all.length; from += 500) await this.#send(0, all.slice(from, from + 500));
  }

  async #send(agent: number, events: SentEvent[]): Promise<void> {
    const answer = await fetch(`${this.#url}/v1/ingest`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.#key}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        envelope: {
          agent_id: `worker-${String(agent).padStart(5, "0")}`,
          agent_type: "worker",
          instance_id: this.#instance,
        },
        events: events.map((event) => ({ event_id: randomUUID(), timestamp: new Date().toISOString(), ...event })),
      }),
    });
    const receipt = (await answer.json()) as { rejected?: number };
    if (answer.status !== 200 || receipt.rejected !== 0)
      throw new Error(`ingest answered ${answer.status}: ${JSON.stringify(receipt)}`);
    this.sent += events.length;
  }
}

/** Ten events of a small task: begun, a model asked, three actions, a heartbeat, done. */
function work(batch: number): SentEvent[] {
  const part = { task_id: `job-${batch}`, task_run_id: "run-1", task_type: "order", project_id: "shop" };
  const action = (name: string): SentEvent[] => [
    { event_type: "action_started", action_id: `${name}-${batch}`, payload: { action_name: name }, ...part },
    { event_type: "action_completed", action_id: `${name}-${batch}`, payload: { action_name: name }, ...part },
  ];
  const call = { name: "decide", model: "gpt-4o-mini", tokens_in: 900, tokens_out: 60, cost: 0.0002, duration_ms: 300 };
  return [
    { event_type: "task_started", ...part },
    ...action("load_order"),
    { event_type: "custom", payload: { kind: "llm_call", summary: "decide", data: call }, ...part },
    ...action("check_stock"),
    ...action("book"),
    { event_type: "heartbeat" },
    batch % 20 === 0
      ? { event_type: "task_failed", payload: { exception_type: "Timeout" }, ...part }
      : { event_type: "task_completed", ...part },
  ];
}
