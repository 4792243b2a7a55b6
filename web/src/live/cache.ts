import type { QueryClient } from "@tanstack/react-query";
import type { AgentCard } from "~/api/queries";
import type { DataMode, Page, Task } from "~/api/types";
import { type LiveBatch, runKey } from "./connection";
import { readAllAnew, readAnew, readsUnderWay } from "./read-anew";

/**
 * Carries live batches into the query cache. What a frame says outright (a state, a heartbeat, a run's figures) is written
 * at once; what must be counted (ribbons, charts, costs, lists that gained a row) is read anew, but each noun at most once
 * in its interval: under 500 events a second the server sees a few reads a second from a board, not 500.
 */
const REFRESH_INTERVAL_MS = {
  agents: 3_000,
  tasks: 1_500,
  metrics: 3_000,
  cost: 5_000,
  calls: 5_000,
  pipeline: 3_000,
  states: 2_000,
  "agent-states": 2_000,
  errors: 5_000,
} as const;
type Noun = keyof typeof REFRESH_INTERVAL_MS;

/** Agents are many and their list is long: its interval grows with it, to 20 s at 1,000. */
const AGENTS_REFRESH_MS_PER_AGENT = 20;

/** An agent that nobody knew is not kept waiting for that: it is read for this long after the last reading. */
const UNKNOWN_AGENT_MS = 300;

const PIPELINE_KINDS = new Set(["queue_snapshot", "todo", "scheduled", "issue"]);

export class LiveCache {
  readonly #client: QueryClient;
  readonly #mode: DataMode;
  /** Reads to come, and when. */
  readonly #timers = new Map<Noun, { due_ms: number; timer: ReturnType<typeof setTimeout> }>();
  readonly #refreshedAt = new Map<Noun, number>();
  /** What was told of agents while their list was being read. */
  #meanwhile: Pick<LiveBatch, "statuses" | "heartbeats"> | null = null;
  #stopped = false;

  constructor(client: QueryClient, mode: DataMode) {
    this.#client = client;
    this.#mode = mode;
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /**
   * The stream has begun: what changed between the first read of the agents and the subscription was told to nobody.
   *
   * @param since_ms when it began, local epoch milliseconds
   */
  joined(since_ms: number): void {
    const agents = this.#client.getQueryState(["agents", this.#mode]);
    if (agents === undefined) return;
    if (agents.fetchStatus === "fetching" || (agents.dataUpdatedAt > 0 && agents.dataUpdatedAt < since_ms))
      this.#refresh("agents");
  }

  apply(batch: LiveBatch): void {
    if (batch.incomplete) {
      void readAllAnew(this.#client, { predicate: (query) => query.queryKey[1] === this.#mode });
      return;
    }
    this.#applyAgents(batch);
    this.#applyTasks(batch);
    this.#refreshWhatCounts(batch);
  }

  #applyAgents({ statuses, heartbeats, events }: LiveBatch): void {
    if (statuses.size === 0 && heartbeats.size === 0 && events.length === 0) return;
    const known = this.#writeAgents({ statuses, heartbeats });
    this.#keepMeanwhile({ statuses, heartbeats });
    const told = [...statuses.keys(), ...heartbeats.keys(), ...events.map((event) => event.agent_id)];
    const unknownAgent = told.some((id) => !known.has(id));
    if (statuses.size > 0) {
      this.#refresh("states");
      this.#refresh("agent-states");
    }
    if (unknownAgent || statuses.size > 0 || events.length > 0)
      this.#refresh("agents", unknownAgent ? UNKNOWN_AGENT_MS : undefined);
  }

  /** Writes what frames say into the list of agents, unless it knows better; gives the ids of those in it. */
  #writeAgents({ statuses, heartbeats }: Pick<LiveBatch, "statuses" | "heartbeats">): Set<string> {
    const now_ms = Date.now();
    const known = new Set<string>();
    this.#client.setQueriesData<AgentCard[]>({ queryKey: ["agents", this.#mode] }, (agents) => {
      if (agents === undefined) return agents;
      let changed = false;
      const next = agents.map((agent) => {
        known.add(agent.agent_id);
        const frame = statuses.get(agent.agent_id);
        const since_ms = frame === undefined ? 0 : Date.parse(frame.timestamp) || now_ms;
        const status = frame !== undefined && since_ms >= agent.status_since_ms ? frame : undefined;
        const heartbeat = heartbeats.get(agent.agent_id);
        if (status === undefined && heartbeat === undefined) return agent;
        changed = true;
        return {
          ...agent,
          ...(status !== undefined && {
            derived_status: status.new_status,
            is_stuck: status.new_status === "stuck",
            ...(status.current_task_id !== undefined && {
              current_task_id: status.current_task_id,
              current_task_run_id: status.current_task_run_id ?? null,
            }),
            status_since_ms: since_ms,
          }),
          ...(heartbeat !== undefined && {
            heartbeat_at_ms: now_ms,
            ...(heartbeat.heartbeat_summary !== undefined && { heartbeat_summary: heartbeat.heartbeat_summary }),
          }),
        };
      });
      return changed ? next : agents;
    });
    return known;
  }

  /** A list that is being read may be older than what is told meanwhile: once it is there, that is written into it again. */
  #keepMeanwhile({ statuses, heartbeats }: Pick<LiveBatch, "statuses" | "heartbeats">): void {
    const reading = readsUnderWay(this.#client, { queryKey: ["agents", this.#mode] });
    if (reading.length === 0) return;
    if (this.#meanwhile !== null) {
      for (const [id, status] of statuses) this.#meanwhile.statuses.set(id, status);
      for (const [id, heartbeat] of heartbeats) this.#meanwhile.heartbeats.set(id, heartbeat);
      return;
    }
    this.#meanwhile = { statuses: new Map(statuses), heartbeats: new Map(heartbeats) };
    void Promise.allSettled(reading).then(() => {
      const told = this.#meanwhile;
      this.#meanwhile = null;
      if (told !== null && !this.#stopped) this.#writeAgents(told);
    });
  }

  #applyTasks({ tasks, events }: LiveBatch): void {
    if (tasks.size > 0) {
      this.#client.setQueriesData<Page<Task>>({ queryKey: ["tasks", this.#mode] }, (page) => {
        if (page === undefined || !page.data.some((task) => tasks.has(runKey(task)))) return page;
        return { ...page, data: page.data.map((task) => ({ ...task, ...tasks.get(runKey(task)) })) };
      });
    }
    if (tasks.size > 0 || events.some((event) => event.event_type.startsWith("task_"))) this.#refresh("tasks");
  }

  #refreshWhatCounts({ events }: LiveBatch): void {
    if (events.length === 0) return;
    this.#refresh("metrics");
    if (events.some((event) => event.event_type.endsWith("_failed"))) this.#refresh("errors");
    if (events.some((event) => event.render_hint === "llm_call")) {
      this.#refresh("cost");
      this.#refresh("calls");
    }
    if (events.some((event) => PIPELINE_KINDS.has(event.render_hint ?? ""))) this.#refresh("pipeline");
  }

  /** Reads a noun anew, now if its interval has passed, else when it has. */
  #refresh(noun: Noun, soonest_ms = this.#interval(noun)): void {
    const due_ms = Math.max(Date.now(), (this.#refreshedAt.get(noun) ?? 0) + soonest_ms);
    const waiting = this.#timers.get(noun);
    if (waiting !== undefined && waiting.due_ms <= due_ms) return;
    clearTimeout(waiting?.timer);
    const timer = setTimeout(() => void this.#readNow(noun, soonest_ms), due_ms - Date.now());
    this.#timers.set(noun, { due_ms, timer });
  }

  async #readNow(noun: Noun, soonest_ms: number): Promise<void> {
    this.#timers.delete(noun);
    this.#refreshedAt.set(noun, Date.now());
    const wasBusy = await readAnew(this.#client, { queryKey: [noun, this.#mode] });
    if (wasBusy && !this.#stopped) this.#refresh(noun, soonest_ms);
  }

  #interval(noun: Noun): number {
    if (noun !== "agents") return REFRESH_INTERVAL_MS[noun];
    const count = this.#client.getQueryData<AgentCard[]>(["agents", this.#mode])?.length ?? 0;
    return Math.max(REFRESH_INTERVAL_MS.agents, count * AGENTS_REFRESH_MS_PER_AGENT);
  }
}
