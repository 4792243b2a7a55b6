import { inOrder, type TimedEvent } from "./order";
import { dataOf, figure, kindOf, list, payloadOf, summaryOf, text } from "./payload";
import { retryChains } from "./retries";
import type { ExceptionFacts, HumanFacts, LlmFacts, Outcome, RunModel, Span, SpanKind, TimelineEvent } from "./types";

/**
 * Reads a run's events as a tree of spans. Any subset of a run's events in any order is a run: an end without
 * a start reaches back by its duration, a start without an end stays open (or `unknown` once the run is over),
 * kinds nobody has heard of become notes. Nothing is dropped but heartbeats and plan steps, which have their
 * own places on the board.
 */
export function buildRun(events: readonly TimelineEvent[], nowMs: number): RunModel {
  const timed = inOrder(events);
  const firstMs = timed[0]?.atMs ?? nowMs;
  const root = newSpan("task", "run", "", firstMs);
  const builder = new Builder(root);
  for (const item of timed) builder.take(item);
  return builder.finish(timed, nowMs);
}

function newSpan(kind: SpanKind, id: string, name: string, startMs: number): Span {
  return {
    id,
    kind,
    name,
    startMs,
    endMs: startMs,
    outcome: "open",
    depth: 0,
    parent: null,
    children: [],
    events: [],
    summary: null,
    attempt: null,
    llm: null,
    human: null,
    exception: null,
    backoffMs: null,
  };
}

/** Where an event says it belongs: the action it happened in, before the tree is known. */
interface Placed {
  span: Span;
  actionId: string | null;
}

class Builder {
  private readonly actions = new Map<string, Span>();
  private readonly actionParents = new Map<string, string>();
  private readonly placed: Placed[] = [];
  private readonly waiting: Span[] = [];
  private endedMs: number | null = null;
  private endOutcome: Outcome = "open";

  constructor(private readonly root: Span) {}

  take({ event, atMs }: TimedEvent): void {
    const kind = kindOf(event);
    switch (kind) {
      case "task_started":
        this.root.events.push(event);
        this.root.startMs = Math.min(this.root.startMs, atMs);
        if (this.endedMs !== null && atMs > this.endedMs) this.endedMs = null;
        return;
      case "task_completed":
      case "task_failed":
        this.root.events.push(event);
        this.root.summary = summaryOf(event) ?? this.root.summary;
        this.root.exception = kind === "task_failed" ? exceptionOf(event) : null;
        this.endedMs = atMs;
        this.endOutcome = kind === "task_failed" ? "failed" : "done";
        return;
      case "action_started":
      case "action_completed":
      case "action_failed":
        this.takeAction(event, atMs, kind);
        return;
      case "approval_requested":
      case "approval_received":
        this.takeApproval(event, atMs, kind);
        return;
      case "heartbeat":
      case "agent_registered":
      case "plan_step":
        return;
      default:
        this.takeMoment(event, atMs, kind);
    }
  }

  private takeAction(event: TimelineEvent, atMs: number, type: string): void {
    const id = event.action_id ?? event.event_id;
    const payload = payloadOf(event);
    let span = this.actions.get(id);
    if (span === undefined) {
      const startMs = type === "action_started" ? atMs : atMs - (event.duration_ms ?? 0);
      span = newSpan("action", id, "action", startMs);
      this.actions.set(id, span);
      this.placed.push({ span, actionId: null });
    }
    if (event.parent_action_id && event.parent_action_id !== id) this.actionParents.set(id, event.parent_action_id);
    span.events.push(event);
    span.name = text(payload.action_name) ?? text(payload.function) ?? span.name;
    span.summary = summaryOf(event) ?? span.summary;
    if (type === "action_started") {
      span.startMs = Math.min(span.startMs, atMs);
      return;
    }
    span.endMs = Math.max(atMs, span.startMs);
    span.outcome = type === "action_failed" ? "failed" : "done";
    span.exception = type === "action_failed" ? exceptionOf(event) : null;
  }

  private takeApproval(event: TimelineEvent, atMs: number, type: string): void {
    const data = dataOf(event);
    if (type === "approval_requested") {
      const span = newSpan("approval", event.event_id, "approval", atMs);
      span.events.push(event);
      span.summary = summaryOf(event) ?? text(data.reason);
      span.human = humanOf(text(data.approver) ?? text(data.assigned_to));
      this.waiting.push(span);
      this.placed.push({ span, actionId: event.action_id ?? null });
      return;
    }
    const index = Math.max(
      0,
      this.waiting.findIndex((span) => span.id === event.parent_event_id),
    );
    const asked = this.waiting.splice(index, 1)[0];
    const span = asked ?? newSpan("approval", event.event_id, "approval", atMs);
    if (asked === undefined) this.placed.push({ span, actionId: event.action_id ?? null });
    const decision = text(data.decision) ?? event.status ?? null;
    span.events.push(event);
    span.endMs = Math.max(atMs, span.startMs);
    span.outcome = decision === "rejected" || decision === "denied" ? "failed" : "done";
    span.human = {
      askedOf: span.human?.askedOf ?? null,
      answeredBy: text(data.approved_by) ?? text(data.approver),
      decision,
      answer: summaryOf(event),
    };
  }

  private takeMoment(event: TimelineEvent, atMs: number, kind: string): void {
    const data = dataOf(event);
    const spanKind = MOMENTS[kind] ?? "note";
    const span = newSpan(spanKind, event.event_id, momentName(kind, event), atMs);
    span.events.push(event);
    span.endMs = atMs;
    span.outcome = "done";
    span.summary = summaryOf(event);
    if (spanKind === "llm") {
      const durationMs = figure(data.duration_ms) ?? event.duration_ms ?? 0;
      span.startMs = atMs - Math.max(0, durationMs);
      span.llm = llmOf(event);
      if (event.status === "error" || event.severity === "error") span.outcome = "failed";
    }
    if (spanKind === "escalation") span.human = humanOf(text(data.assigned_to));
    if (spanKind === "retry") {
      const seconds = figure(data.backoff_seconds);
      span.backoffMs = seconds === null ? null : seconds * 1000;
      span.attempt = figure(data.attempt);
      span.endMs = atMs + (span.backoffMs ?? 0);
    }
    this.placed.push({ span, actionId: event.action_id ?? event.parent_action_id ?? null });
  }

  finish(timed: readonly TimedEvent[], nowMs: number): RunModel {
    const { root } = this;
    const lastMs = timed.reduce((latest, item) => Math.max(latest, item.atMs), root.startMs);
    const open = this.endedMs === null;
    root.startMs = this.placed.reduce(
      (first, { span }) => (span.kind === "llm" ? first : Math.min(first, span.startMs)),
      root.startMs,
    );
    root.endMs = this.endedMs ?? Math.max(lastMs, nowMs);
    root.outcome = open ? "open" : this.endOutcome;
    const byEvent = new Map<string, Span>();
    for (const event of root.events) byEvent.set(event.event_id, root);
    for (const { span } of this.placed) {
      for (const event of span.events) byEvent.set(event.event_id, span);
      if (!open) span.endMs = Math.min(span.endMs, Math.max(root.endMs, span.startMs));
      if (span.outcome === "open") {
        span.endMs = root.endMs;
        if (!open) span.outcome = "unknown";
      }
      if (span.kind === "llm" || span.kind === "action") span.startMs = Math.max(span.startMs, root.startMs);
    }
    this.nest();
    const spans = flatten(root);
    numberAttempts([root, ...this.actions.values()]);
    return { root, spans, byEvent, startMs: root.startMs, endMs: root.endMs, open, eventCount: timed.length };
  }

  private nest(): void {
    const { root } = this;
    for (const [id, span] of this.actions) {
      const parentId = this.actionParents.get(id);
      const parent = parentId === undefined ? undefined : this.actions.get(parentId);
      adopt(parent !== undefined && !isWithin(parent, span) ? parent : root, span);
    }
    const innermost = innermostFinder([...this.actions.values()]);
    for (const { span, actionId } of this.placed) {
      if (span.kind === "action") continue;
      const named = actionId === null ? undefined : this.actions.get(actionId);
      // A call that says nothing of where it ran belongs to the action that surrounded it, when only one chain did.
      const atMs = span.kind === "llm" ? span.endMs : span.startMs;
      adopt(named ?? (actionId === null ? innermost(atMs) : null) ?? root, span);
      if (span.kind === "llm" && span.parent)
        span.startMs = Math.max(span.startMs, Math.min(span.parent.startMs, span.endMs));
    }
  }
}

const MOMENTS: Record<string, SpanKind | undefined> = {
  llm_call: "llm",
  plan_created: "plan",
  escalated: "escalation",
  retry_started: "retry",
};

function momentName(kind: string, event: TimelineEvent): string {
  const data = dataOf(event);
  if (kind === "llm_call") return text(data.name) ?? "llm call";
  if (kind === "plan_created") return `plan, ${list(data.steps).length} steps`;
  if (kind === "escalated") return "escalated";
  if (kind === "retry_started") return "retry";
  if (kind === "custom") return text(data.name) ?? text(payloadOf(event).kind) ?? "event";
  return kind.replaceAll("_", " ");
}

function llmOf(event: TimelineEvent): LlmFacts {
  const data = dataOf(event);
  return {
    model: text(data.model) ?? "unknown model",
    tokensIn: figure(data.tokens_in),
    tokensOut: figure(data.tokens_out),
    costUsd: figure(data.cost),
    costSource: text(data.cost_source) ?? (figure(data.cost) === null ? null : "reported"),
    promptPreview: text(data.prompt_preview),
    responsePreview: text(data.response_preview),
  };
}

function humanOf(askedOf: string | null): HumanFacts {
  return { askedOf, answeredBy: null, decision: null, answer: null };
}

function exceptionOf(event: TimelineEvent): ExceptionFacts {
  const payload = payloadOf(event);
  const data = dataOf(event);
  return {
    type: text(payload.exception_type) ?? text(data.exception_type),
    message: text(payload.exception_message) ?? text(data.exception_message) ?? text(payload.error),
  };
}

function adopt(parent: Span, child: Span): void {
  child.parent = parent;
  parent.children.push(child);
}

/** Says of the goes at one thing which was which. */
function numberAttempts(parents: readonly Span[]): void {
  for (const parent of parents) {
    for (const chain of retryChains(parent)) {
      if (chain.first !== null) chain.first.attempt = 1;
      for (const attempt of chain.attempts) (attempt.work ?? attempt.retry).attempt = attempt.number;
    }
  }
}

/** Guards against parents that name each other in a circle. */
function isWithin(candidate: Span, ancestor: Span): boolean {
  for (let span: Span | null = candidate; span !== null; span = span.parent) if (span === ancestor) return true;
  return false;
}

/** Sorts children, sets depths, and returns every span below the root in order of start. Iterative: trees may be deep. */
function flatten(root: Span): Span[] {
  const spans: Span[] = [];
  const queue: Span[] = [root];
  for (let index = 0; index < queue.length; index += 1) {
    const span = queue[index] as Span;
    if (span !== root) spans.push(span);
    span.depth = span.parent === null ? 0 : span.parent.depth + 1;
    span.children.sort((a, b) => a.startMs - b.startMs);
    for (const child of span.children) queue.push(child);
  }
  return spans.sort((a, b) => a.startMs - b.startMs || a.depth - b.depth);
}

/**
 * Finds the innermost action that surrounds a moment, or null when actions ran side by side there and the guess
 * would be a coin's toss. One sweep over the moments in order would do too; a bucket index keeps the call simple.
 */
function innermostFinder(actions: Span[]): (atMs: number) => Span | null {
  const sorted = [...actions].sort((a, b) => a.startMs - b.startMs);
  // The latest end among all actions up to an index: lets the search back stop early.
  const latestEnds: number[] = [];
  for (const action of sorted) latestEnds.push(Math.max(latestEnds.at(-1) ?? Number.NEGATIVE_INFINITY, action.endMs));
  return (atMs) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as Span).startMs <= atMs) low = middle + 1;
      else high = middle;
    }
    let found: Span | null = null;
    for (let index = low - 1; index >= 0 && (latestEnds[index] as number) >= atMs; index -= 1) {
      const action = sorted[index] as Span;
      if (action.endMs < atMs) continue;
      if (found === null || isWithin(action, found)) found = action;
      else if (!isWithin(found, action)) return null;
    }
    return found;
  };
}
