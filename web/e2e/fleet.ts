import { ticket48213 } from "../src/components/timeline/fixtures/ticket48213";
import { Agent, type SentEvent } from "./agent";
import type { Server } from "./server";

/** A worker of the fleet: what it is called, what its tasks are called, how long one takes, and how many of a hundred fail. */
interface Worker {
  name: string;
  type: string;
  version: string;
  project: string;
  task: string;
  seconds: number;
  failing: number;
  model: string;
  actions: readonly string[];
}

const worker = (
  name: string,
  type: string,
  version: string,
  project: string,
  task: string,
  seconds: number,
  failing: number,
  model: string,
  actions: string,
): Worker => ({ name, type, version, project, task, seconds, failing, model, actions: actions.split(" ") });

const WORKERS: readonly Worker[] = [
  worker(
    "support-triage",
    "support",
    "1.8.2",
    "support-desk",
    "ticket",
    42,
    9,
    "claude-sonnet-4-20250514",
    "load_ticket gather_context reply",
  ),
  worker(
    "support-triage-eu",
    "support",
    "1.8.2",
    "support-desk",
    "ticket-eu",
    38,
    4,
    "claude-sonnet-4-20250514",
    "load_ticket gather_context reply",
  ),
  worker(
    "lead-qualifier",
    "sales",
    "2.4.1",
    "sales-pipeline",
    "lead",
    21,
    5,
    "gpt-4o-mini",
    "score_lead enrich_lead route_lead",
  ),
  worker(
    "invoice-clerk",
    "finance",
    "2.0.0",
    "accounts",
    "invoice",
    33,
    3,
    "gpt-4o",
    "read_invoice match_order book_payment",
  ),
  worker(
    "content-writer",
    "marketing",
    "1.1.4",
    "website",
    "article",
    160,
    2,
    "claude-opus-4-20250514",
    "research draft revise",
  ),
  worker(
    "release-manager",
    "engineering",
    "2.2.0",
    "web-shop",
    "release",
    210,
    6,
    "claude-sonnet-4-20250514",
    "build run_suite roll_out",
  ),
  worker(
    "coding-assistant",
    "engineering",
    "0.9.0",
    "web-shop",
    "pr",
    95,
    8,
    "claude-opus-4-20250514",
    "read_code write_and_test open_pull_request",
  ),
  worker("data-pipeline", "etl", "5.0.3", "warehouse", "batch", 64, 4, "gpt-4o-mini", "extract validate_rows load"),
  worker("crm-sync", "sync", "1.0.9", "sales-pipeline", "sync", 12, 1, "gpt-4o-mini", "collect_contacts push_contacts"),
  worker("web-crawler", "crawler", "1.0.2", "research", "crawl", 75, 3, "gpt-4o-mini", "fetch_pages extract_text"),
  worker(
    "research-analyst",
    "research",
    "1.7.0",
    "research",
    "report",
    140,
    5,
    "claude-sonnet-4-20250514",
    "find_sources read_sources write_report",
  ),
  worker("fraud-watch", "risk", "4.4.0", "payments", "payment", 4, 1, "claude-haiku-4-5-20251001", "check_rules judge"),
  worker("knowledge-curator", "support", "1.3.2", "support-desk", "review", 55, 2, "gpt-4o", "find_gaps write_article"),
  worker(
    "coordinator",
    "orchestrator",
    "1.2.0",
    "sales-pipeline",
    "onboard",
    180,
    3,
    "gpt-4o",
    "plan delegate collect",
  ),
];

const HOURS = 2;
/** Tasks an hour and worker; a slow one has fewer. */
const MOST_TASKS_AN_HOUR = 24;

/** The same numbers in every run. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, and without, 1. */
  next(): number {
    this.#state = (this.#state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return this.#state / 4_294_967_296;
  }
}

/**
 * A fleet of fourteen with two hours behind it, the same in every run but for the hour of the day: what pictures are taken of.
 *
 * @returns the key of the failed ticket's owner, whose story most pictures tell
 */
export async function seedFleet(server: Server): Promise<void> {
  const now_ms = Date.now();
  const agents = new Map(
    WORKERS.map(({ name, type, version }) => [
      name,
      new Agent(server.url, server.liveKey, name, {
        agent_type: type,
        agent_version: version,
        stuck_threshold: 86_400,
      }),
    ]),
  );
  for (const [index, each] of WORKERS.entries()) {
    const agent = agents.get(each.name) as Agent;
    await agent.register();
    const past = history(each, new Dice(index + 1), now_ms);
    for (let from = 0; from < past.length; from += 400) await agent.send(...past.slice(from, from + 400));
  }
  const of = (name: string) => agents.get(name) as Agent;
  await failedTicket(of("support-triage"), now_ms);
  await pipeline(of);
  await presence(of, now_ms);
}

function history(each: Worker, dice: Dice, now_ms: number): SentEvent[] {
  const events: SentEvent[] = [];
  const perHour = Math.max(3, Math.min(MOST_TASKS_AN_HOUR, Math.floor(1_800 / each.seconds)));
  const count = perHour * HOURS;
  for (let index = 0; index < count; index += 1) {
    const at = now_ms - HOURS * 3_600_000 + ((index + 0.2 + dice.next() * 0.5) * HOURS * 3_600_000) / count;
    const length_ms = each.seconds * 1_000 * (0.6 + dice.next() * 0.8);
    if (at + length_ms > now_ms - 240_000) continue;
    events.push(...task(each, `${each.task}-${4_000 + index}`, at, length_ms, dice.next() * 100 < each.failing, dice));
  }
  return events;
}

function task(each: Worker, id: string, at: number, length_ms: number, fails: boolean, dice: Dice): SentEvent[] {
  const part = { task_id: id, task_run_id: "run-1", task_type: each.task, project_id: each.project };
  const stamp = (share: number) => ({ timestamp: new Date(at + share * length_ms).toISOString() });
  const events: SentEvent[] = [{ event_type: "task_started", ...part, ...stamp(0) }];
  const share = 0.9 / each.actions.length;
  for (const [index, name] of each.actions.entries()) {
    const from = 0.02 + index * share;
    const failed = fails && index === each.actions.length - 1;
    const wrong = failed ? { exception_type: "TimeoutError", exception_message: "no answer within 10 s" } : {};
    const action = { action_id: `${id}-${index}`, ...part };
    events.push({ event_type: "action_started", payload: { action_name: name }, ...action, ...stamp(from) });
    const tokens_in = Math.round(900 + dice.next() * 6_000);
    const data = {
      name: `${name}_decision`,
      model: each.model,
      tokens_in,
      tokens_out: Math.round(tokens_in * 0.08),
      duration_ms: Math.round(length_ms * share * 0.5),
    };
    if (index === 0)
      events.push({
        event_type: "custom",
        payload: { kind: "llm_call", summary: name, data },
        ...part,
        ...stamp(from + share * 0.7),
      });
    events.push({
      event_type: failed ? "action_failed" : "action_completed",
      payload: { action_name: name, ...wrong },
      ...action,
      ...stamp(from + share * 0.9),
    });
  }
  const wrong = { payload: { exception_type: "TimeoutError", exception_message: "no answer within 10 s" } };
  events.push({
    event_type: fails ? "task_failed" : "task_completed",
    duration_ms: Math.round(length_ms),
    ...part,
    ...stamp(1),
    ...(fails ? wrong : {}),
  });
  return events;
}

/** The ticket of the design, as if it had ended a minute ago. */
async function failedTicket(agent: Agent, now_ms: number): Promise<void> {
  const ended_ms = Date.parse(ticket48213.at(-1)?.timestamp ?? "");
  await agent.send(
    ...ticket48213.map(
      (event): SentEvent => ({
        event_type: event.event_type,
        task_id: "ticket-48213",
        task_run_id: "run-3",
        task_type: "ticket_triage",
        project_id: "support-desk",
        timestamp: new Date(Date.parse(event.timestamp) - ended_ms + now_ms - 60_000).toISOString(),
        ...(event.action_id === null ? {} : { action_id: event.action_id }),
        ...(event.parent_action_id === null ? {} : { parent_action_id: event.parent_action_id }),
        ...(event.duration_ms === null ? {} : { duration_ms: event.duration_ms }),
        ...(event.payload === null ? {} : { payload: event.payload as Record<string, unknown> }),
      }),
    ),
  );
}

async function pipeline(of: (name: string) => Agent): Promise<void> {
  const report = (name: string, kind: string, data: Record<string, unknown>, summary = kind) =>
    of(name).send({ event_type: "custom", payload: { kind, summary, data } });
  await report(
    "crm-sync",
    "issue",
    { issue_id: "i1", severity: "critical", category: "credentials", action: "reported", occurrence_count: 11 },
    "CRM refuses our token (401): contacts of the northern region are not synchronised",
  );
  await report(
    "data-pipeline",
    "issue",
    { issue_id: "i2", severity: "medium", category: "data", action: "reported" },
    "Duplicate keys in page_views",
  );
  const items = (names: readonly string[]) =>
    names.map((summary, index) => ({
      id: `q${index}`,
      priority: index === 0 ? "high" : "normal",
      source: "mailbox",
      summary,
      queued_at: new Date(Date.now() - 90_000 * (index + 1)).toISOString(),
    }));
  await report("invoice-clerk", "queue_snapshot", {
    depth: 7,
    oldest_age_seconds: 420,
    items: items([
      "Invoice of Acme Robotics over $43,120",
      "Invoice of Kestrel Aviation over $2,990",
      "Invoice of Lumen Optics over $870",
    ]),
  });
  await report("support-triage", "queue_snapshot", {
    depth: 3,
    oldest_age_seconds: 95,
    items: items(["Cannot find the invoice download", "Password reset mail does not arrive"]),
  });
  await report(
    "support-triage",
    "todo",
    { todo_id: "t1", action: "created", priority: "high" },
    "Check back on ticket-48213 tomorrow",
  );
  await report(
    "knowledge-curator",
    "todo",
    { todo_id: "t2", action: "created", priority: "normal" },
    "Review “Rate limits” after the change of plans",
  );
  await report("data-pipeline", "scheduled", {
    items: [
      {
        id: "s1",
        name: "Warehouse compaction of the last quarter",
        next_run: new Date(Date.now() - 320_000).toISOString(),
        interval: "1h",
        enabled: true,
      },
      {
        id: "s2",
        name: "Orders batch",
        next_run: new Date(Date.now() + 900_000).toISOString(),
        interval: "15m",
        enabled: true,
      },
    ],
  });
}

/** What each is doing now: three at work, two waiting for people, the rest idle. */
async function presence(of: (name: string) => Agent, now_ms: number): Promise<void> {
  const begun = (seconds: number) => ({ timestamp: new Date(now_ms - seconds * 1_000).toISOString() });
  const say = (name: string, task_id: string, type: string, seconds: number, summary: string) =>
    of(name).send(
      {
        event_type: "task_started",
        task_id,
        task_run_id: "run-1",
        task_type: type,
        project_id: "web-shop",
        ...begun(seconds),
      },
      { event_type: "heartbeat", payload: { kind: "heartbeat_status", summary, data: {} } },
    );
  await say("coding-assistant", "pr-7748", "pull_request", 74, "Fix the retry of webhooks");
  await say("research-analyst", "report-cedar-sons", "report", 190, "Reading 14 sources");
  await say("fraud-watch", "payment-9120", "payment_check", 2, "9,204 payments judged today");
  await say("content-writer", "article-3219", "article", 320, "waits for the editor");
  await of("content-writer").send({
    event_type: "approval_requested",
    task_id: "article-3219",
    task_run_id: "run-1",
    payload: { summary: "Publish “What our March release changes”?", data: { approver: "editor" } },
    ...begun(140),
  });
  for (const { name } of WORKERS.filter((each) => !["content-writer"].includes(each.name))) await of(name).heartbeat();
}
