import type { AgentPipeline, Issue, Queue, Todo } from "~/api/types";
import { asExactText, asNumber, asRecord, asText } from "~/events/payload";

/** A part of a pipeline with the agent that it belongs to. */
export type Of<T> = T & { agent_id: string };

const SEVERITIES = ["critical", "high", "medium", "low"];

/** 1 (low) to 4 (critical); what agents call it otherwise counts as medium. */
export function severityLevel(severity: string): number {
  const index = SEVERITIES.indexOf(severity);
  return index < 0 ? 2 : SEVERITIES.length - index;
}

/** 1 (low) to 3 (high) of priorities in words, as agents write them; null where there is none. */
export function priorityLevel(priority: string | null): number | null {
  if (priority === null) return null;
  const word = priority.toLowerCase();
  if (["urgent", "critical", "high", "p0", "p1"].includes(word)) return 3;
  return ["low", "p3", "p4"].includes(word) ? 1 : 2;
}

/** Open issues first, the gravest first, then the latest. */
export function issueRows(pipelines: readonly AgentPipeline[]): Of<Issue>[] {
  return pipelines
    .flatMap((pipeline) => pipeline.issues.items.map((issue) => ({ ...issue, agent_id: pipeline.agent_id })))
    .sort(
      (a, b) =>
        Number(b.status === "open") - Number(a.status === "open") ||
        severityLevel(b.severity) - severityLevel(a.severity) ||
        b.last_seen.localeCompare(a.last_seen),
    );
}

/** One thing that waits, as far as the agent told. */
export interface QueueItem {
  id: string | null;
  priority: string | null;
  source: string | null;
  summary: string | null;
  queued_at: string | null;
}

/** Items are as the agent sent them: what does not fit reads as absent. */
function queueItem(raw: unknown): QueueItem {
  const item = asRecord(raw);
  return {
    id: asExactText(item.id) ?? asNumber(item.id)?.toString() ?? null,
    priority: asText(item.priority),
    source: asText(item.source),
    summary: asText(item.summary),
    queued_at: asText(item.queued_at),
  };
}

export interface QueueOf extends Omit<Queue, "items"> {
  agent_id: string;
  items: QueueItem[];
}

/** Queues with something in them, the longest first. */
export function queueRows(pipelines: readonly AgentPipeline[]): QueueOf[] {
  return pipelines
    .flatMap(({ agent_id, queue }) =>
      queue === null ? [] : [{ ...queue, agent_id, items: queue.items.map(queueItem) }],
    )
    .sort((a, b) => b.depth - a.depth || a.agent_id.localeCompare(b.agent_id));
}

const CLOSED = new Set(["completed", "dismissed"]);

export function isOpenTodo(todo: Pick<Todo, "action">): boolean {
  return !CLOSED.has(todo.action);
}

/** Open to-dos first, those that are due first before the others. */
export function todoRows(pipelines: readonly AgentPipeline[]): Of<Todo>[] {
  return pipelines
    .flatMap((pipeline) => pipeline.todos.items.map((todo) => ({ ...todo, agent_id: pipeline.agent_id })))
    .sort(
      (a, b) =>
        Number(isOpenTodo(b)) - Number(isOpenTodo(a)) ||
        (a.due_by ?? "9").localeCompare(b.due_by ?? "9") ||
        b.updated_at.localeCompare(a.updated_at),
    );
}

export interface ScheduledOf {
  agent_id: string;
  reported_at: string;
  id: string | null;
  name: string | null;
  next_run: string | null;
  interval: string | null;
  enabled: boolean | null;
  last_status: string | null;
}

/** The next runs, soonest first: what is overdue stands at the top by itself. */
export function scheduleRows(pipelines: readonly AgentPipeline[]): ScheduledOf[] {
  return pipelines
    .flatMap(({ agent_id, scheduled }) =>
      (scheduled?.items ?? []).map((raw) => {
        const item = asRecord(raw);
        return {
          agent_id,
          reported_at: scheduled?.reported_at ?? "",
          id: asExactText(item.id),
          name: asText(item.name),
          next_run: asText(item.next_run),
          interval: asText(item.interval),
          enabled: typeof item.enabled === "boolean" ? item.enabled : null,
          last_status: asText(item.last_status),
        };
      }),
    )
    .sort((a, b) => (a.next_run ?? "9").localeCompare(b.next_run ?? "9"));
}
