import type { SpanView, Timeline } from "~/api/types";
import { legible, legibleText } from "~/format/legible";
import { timeOf } from "./payload";
import type { Outcome, RunModel, Span, SpanKind, TimelineEvent } from "./types";

const KINDS: Record<SpanView["kind"], SpanKind> = {
  task: "task",
  action: "action",
  llm_call: "llm",
  approval: "approval",
  escalation: "escalation",
  retry: "retry",
  plan: "plan",
  note: "note",
};

/** The part of a timeline that the model is made from. */
export type TimelineParts = Pick<Timeline, "events" | "spans" | "error_chains">;

/**
 * A run as the views read it, from the server's spans: what the server says stands; what is open grows until `nowMs`. The
 * tree, its order and every outcome are the server's.
 */
export function readRun(timeline: TimelineParts, nowMs: number): RunModel {
  const events = new Map<string, TimelineEvent>(timeline.events.map((event) => [event.event_id, event]));
  const views = timeline.spans;
  const rootView = views.find((view) => view.parent_id === null);
  const rootOpen = rootView === undefined || rootView.outcome === "open";
  const endMs = runEnd(views, rootView, rootOpen, nowMs);
  const byId = new Map<string, Span>();
  const byEvent = new Map<string, Span>();
  for (const view of views) {
    const span = readSpan(view, events, endMs);
    byId.set(span.id, span);
    for (const id of view.event_ids) byEvent.set(id, span);
  }
  const root = byId.get(rootView?.span_id ?? "") ?? emptyRoot(nowMs);
  for (const view of views) {
    const span = byId.get(view.span_id);
    if (span === undefined || span === root) continue;
    const parent = byId.get(view.parent_id ?? "") ?? root;
    span.parent = parent;
    parent.children.push(span);
  }
  const spans = inOrder(root);
  return {
    root,
    spans,
    byId,
    byEvent,
    chains: timeline.error_chains,
    startMs: root.startMs,
    endMs: root.endMs,
    open: rootOpen,
    eventCount: timeline.events.length,
  };
}

function runEnd(views: readonly SpanView[], root: SpanView | undefined, open: boolean, nowMs: number): number {
  if (root === undefined) return nowMs;
  if (!open && root.ended_at !== null) return timeOf(root.ended_at);
  let lastMs = timeOf(root.started_at);
  for (const view of views) lastMs = Math.max(lastMs, timeOf(view.ended_at ?? view.started_at));
  return open ? Math.max(lastMs, nowMs) : lastMs;
}

function readSpan(view: SpanView, events: ReadonlyMap<string, TimelineEvent>, runEndMs: number): Span {
  const startMs = timeOf(view.started_at);
  const ownEndMs = view.ended_at === null ? runEndMs : timeOf(view.ended_at);
  return {
    id: view.span_id,
    kind: KINDS[view.kind],
    name: legible(view.name),
    startMs,
    endMs: Math.max(startMs, view.kind === "task" ? runEndMs : Math.min(ownEndMs, Math.max(runEndMs, startMs))),
    outcome: view.outcome satisfies Outcome,
    depth: view.depth,
    parent: null,
    children: [],
    eventIds: view.event_ids,
    events: view.event_ids.flatMap((id) => events.get(id) ?? []),
    summary: shown(view.summary),
    attempt: view.attempt,
    llm:
      view.llm === null
        ? null
        : {
            model: legible(view.llm.model ?? "unknown model"),
            tokensIn: view.llm.tokens_in,
            tokensOut: view.llm.tokens_out,
            costUsd: view.llm.cost,
            costSource: view.llm.cost_source,
            promptPreview: view.llm.prompt_preview,
            responsePreview: view.llm.response_preview,
            malformed: view.llm.malformed,
          },
    human:
      view.human === null
        ? null
        : {
            askedOf: shown(view.human.asked_of),
            answeredBy: shown(view.human.answered_by),
            decision: shown(view.human.decision),
            answer: shown(view.human.answer),
          },
    exception:
      view.exception === null
        ? null
        : {
            type: shown(view.exception.exception_type),
            message: shown(view.exception.exception_message),
            errorId: view.exception.error_id,
          },
    backoffMs: view.backoff_ms,
  };
}

/** What people and models wrote, as it can be read. */
function shown(text: string | null): string | null {
  return text === null ? null : legibleText(text);
}

/** A run of which no event is known yet. */
function emptyRoot(nowMs: number): Span {
  return {
    id: "run",
    kind: "task",
    name: "",
    startMs: nowMs,
    endMs: nowMs,
    outcome: "open",
    depth: 0,
    parent: null,
    children: [],
    eventIds: [],
    events: [],
    summary: null,
    attempt: null,
    llm: null,
    human: null,
    exception: null,
    backoffMs: null,
  };
}

/** Siblings by start, then by id, as the server orders them; every span below the root in order of start. Iterative: trees may be deep. */
function inOrder(root: Span): Span[] {
  const spans: Span[] = [];
  const queue: Span[] = [root];
  for (let index = 0; index < queue.length; index += 1) {
    const span = queue[index] as Span;
    if (span !== root) spans.push(span);
    span.children.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
    for (const child of span.children) queue.push(child);
  }
  return spans.sort((a, b) => a.startMs - b.startMs || a.depth - b.depth);
}
