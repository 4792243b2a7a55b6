import type { HiveEvent } from "~/api/types";
import { asNumber, asText, dataOf, summaryOf } from "~/events/payload";
import type { Entry } from "./entries";

/** What the plain voice shows as one: the newest of a task's entries, with those that came right before it. */
export interface Block {
  key: string;
  entry: Entry;
  /** Newest first. */
  earlier: readonly Entry[];
}

/** A queue's depth is told again when it has moved by this share, and by so many. */
const TOLD_SHARE = 0.5;
const TOLD_ITEMS = 3;
/** After a silence of this length a task's entries are told anew. */
const BLOCK_GAP_MS = 30_000;

/**
 * Leaves out what says nothing new: a queue that stands as it stood, an approval that is asked for again, an issue or a schedule
 * told once more as it was.
 *
 * @param entries newest first
 */
export function changesOnly(entries: readonly Entry[]): Entry[] {
  const known = new Map<string, number | string>();
  const told: Entry[] = [];
  for (const entry of entries.toReversed()) if (entry.kind !== "event" || isNews(entry.event, known)) told.push(entry);
  return told.reverse();
}

function isNews(event: HiveEvent, known: Map<string, number | string>): boolean {
  const { agent_id, task_id, task_run_id, event_type, render_hint } = event;
  if (render_hint === "queue_snapshot") {
    const key = `queue ${agent_id}`;
    const depth = asNumber(dataOf(event).depth) ?? 0;
    const before = Number(known.get(key) ?? 0);
    const moved = Math.abs(depth - before);
    const isSame = (depth === 0) === (before === 0) && (moved < TOLD_ITEMS || moved < before * TOLD_SHARE);
    if (!isSame) known.set(key, depth);
    return !isSame;
  }
  if (event_type === "approval_requested" || event_type === "approval_received") {
    const key = `approval ${agent_id} ${task_id} ${task_run_id}`;
    const question = event_type === "approval_requested" ? (summaryOf(event) ?? "asked") : "";
    const isSame = question !== "" && known.get(key) === question;
    known.set(key, question);
    return !isSame;
  }
  if (render_hint === "issue" || render_hint === "scheduled" || render_hint === "todo") {
    const { issue_id, todo_id, action, items } = dataOf(event);
    const key = `${render_hint} ${agent_id} ${asText(issue_id) ?? asText(todo_id) ?? ""}`;
    const state = `${asText(action)} ${summaryOf(event)} ${Array.isArray(items) ? items.length : ""}`;
    const isSame = known.get(key) === state;
    known.set(key, state);
    return !isSame;
  }
  return true;
}

/** Puts a task's entries together where they came close upon each other. */
export function byTask(entries: readonly Entry[]): Block[] {
  const blocks: (Block & { earlier: Entry[]; untilMs: number })[] = [];
  const open = new Map<string, (typeof blocks)[number]>();
  for (const entry of entries) {
    const run = runOf(entry);
    const atMs = entry.kind === "event" ? Date.parse(entry.event.timestamp) : entry.arrived_ms;
    const block = run === null ? undefined : open.get(run);
    if (block !== undefined && block.untilMs - atMs <= BLOCK_GAP_MS) {
      block.earlier.push(entry);
      block.untilMs = atMs;
      continue;
    }
    // Known by its newest entry: a block that grows is drawn anew at the top, and nothing in it is seen to move.
    const begun = { key: entry.key, entry, earlier: [], untilMs: atMs };
    blocks.push(begun);
    if (run !== null) open.set(run, begun);
  }
  return blocks;
}

/** Every entry by itself. */
export function alone(entries: readonly Entry[]): Block[] {
  return entries.map((entry) => ({ key: entry.key, entry, earlier: [] }));
}

function runOf(entry: Entry): string | null {
  if (entry.kind !== "event" || entry.event.task_id === null) return null;
  return `${entry.event.agent_id} ${entry.event.task_id} ${entry.event.task_run_id}`;
}
