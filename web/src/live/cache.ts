import type { QueryClient } from "@tanstack/react-query";
import type { AgentCard } from "~/api/queries";
import type { DataMode, Page, Task } from "~/api/types";
import { type LiveBatch, runKey } from "./connection";

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
} as const;
type Noun = keyof typeof REFRESH_INTERVAL_MS;

/** Agents are many and their list is long: its interval grows with it, to 20 s at 1,000. */
const AGENTS_REFRESH_MS_PER_AGENT = 20;

const PIPELINE_KINDS = new Set(["queue_snapshot", "todo", "scheduled", "issue"]);

export class LiveCache {
  readonly #client: QueryClient;
  readonly #mode: DataMode;
  readonly #timers = new Map<Noun, ReturnType<typeof setTimeout>>();
  readonly #refreshedAt = new Map<Noun, number>();

  constructor(client: QueryClient, mode: DataMode) {
    this.#client = client;
    this.#mode = mode;
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  apply(batch: LiveBatch): void {
    if (batch.incomplete) {
      void this.#client.invalidateQueries({ predicate: (query) => query.queryKey[1] === this.#mode });
      return;
    }
    this.#applyAgents(batch);
    this.#applyTasks(batch);
    this.#refreshWhatCounts(batch);
  }

  #applyAgents({ statuses, heartbeats, events }: LiveBatch): void {
    if (statuses.size === 0 && heartbeats.size === 0 && events.length === 0) return;
    // Any event is a sign of life; the agents it came from are known to be here this moment.
    const now_ms = Date.now();
    let unknownAgent = false;
    const known = new Set<string>();
    this.#client.setQueriesData<AgentCard[]>({ queryKey: ["agents", this.#mode] }, (agents) => {
      if (agents === undefined) return agents;
      let changed = false;
      const next = agents.map((agent) => {
        known.add(agent.agent_id);
        const status = statuses.get(agent.agent_id);
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
            status_since_ms: Date.parse(status.timestamp) || now_ms,
          }),
          ...(heartbeat !== undefined && {
            heartbeat_at_ms: now_ms,
            ...(heartbeat.heartbeat_summary !== undefined && { heartbeat_summary: heartbeat.heartbeat_summary }),
          }),
        };
      });
      return changed ? next : agents;
    });
    for (const id of [...statuses.keys(), ...heartbeats.keys()]) unknownAgent ||= !known.has(id);
    if (unknownAgent || statuses.size > 0 || events.length > 0) this.#refresh("agents", unknownAgent ? 300 : undefined);
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
    if (events.some((event) => event.render_hint === "llm_call")) {
      this.#refresh("cost");
      this.#refresh("calls");
    }
    if (events.some((event) => PIPELINE_KINDS.has(event.render_hint ?? ""))) this.#refresh("pipeline");
  }

  /** Reads a noun anew, now if its interval has passed, else when it has. */
  #refresh(noun: Noun, soonest_ms?: number): void {
    if (this.#timers.has(noun)) return;
    const interval_ms = soonest_ms ?? this.#interval(noun);
    const wait_ms = Math.max(0, (this.#refreshedAt.get(noun) ?? 0) + interval_ms - Date.now());
    const timer = setTimeout(() => {
      this.#timers.delete(noun);
      this.#refreshedAt.set(noun, Date.now());
      void this.#client.invalidateQueries(
        // What could not be read yet has its own way of trying again; a live event is no reason to begin that anew.
        { queryKey: [noun, this.#mode], predicate: (query) => query.state.data !== undefined },
        { cancelRefetch: false },
      );
    }, wait_ms);
    this.#timers.set(noun, timer);
  }

  #interval(noun: Noun): number {
    if (noun !== "agents") return REFRESH_INTERVAL_MS[noun];
    const count = this.#client.getQueryData<AgentCard[]>(["agents", this.#mode])?.length ?? 0;
    return Math.max(REFRESH_INTERVAL_MS.agents, count * AGENTS_REFRESH_MS_PER_AGENT);
  }
}
