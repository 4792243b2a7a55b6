import type { ErrorChain } from "~/api/types";

/**
 * The words of the timeline's model. Times are milliseconds since the epoch, with the microseconds of the
 * wire kept as a fraction, because two events of one agent are often less than a millisecond apart.
 */

/** The fields of an event (contract §4) that the timeline reads; the API's event type satisfies it. */
export interface TimelineEvent {
  event_id: string;
  seq?: number | null;
  agent_id?: string;
  task_id?: string | null;
  task_run_id?: string | null;
  action_id?: string | null;
  parent_action_id?: string | null;
  parent_event_id?: string | null;
  event_type: string;
  timestamp: string;
  severity?: string | null;
  status?: string | null;
  duration_ms?: number | null;
  payload?: unknown;
  render_hint?: string | null;
}

export type SpanKind = "task" | "action" | "llm" | "approval" | "escalation" | "retry" | "plan" | "note";

/** How a span ended: `unknown` is a span whose end never arrived although its run is over. */
export type Outcome = "done" | "failed" | "open" | "unknown";

/** A stretch (or a moment) of a run: what the three views draw, select and pin. */
export interface Span {
  /** Stable while the run grows: the action's id, else the id of the event that opened it. */
  id: string;
  kind: SpanKind;
  name: string;
  startMs: number;
  /** For a span that is still open: the end of what is known. */
  endMs: number;
  outcome: Outcome;
  depth: number;
  parent: Span | null;
  /** In order of their start. */
  children: Span[];
  /** The events that made it, in order: all of their ids, and those that have been read. */
  eventIds: readonly string[];
  events: TimelineEvent[];
  /** What the agent said about it, in its own words. */
  summary: string | null;
  /** 1 for the first try of something that was tried again, else null. */
  attempt: number | null;
  llm: LlmFacts | null;
  human: HumanFacts | null;
  exception: ExceptionFacts | null;
  /** For a retry: the pause it announced, else null. */
  backoffMs: number | null;
}

export interface LlmFacts {
  model: string;
  tokensIn: number | null;
  tokensOut: number | null;
  costUsd: number | null;
  costSource: string | null;
  promptPreview: string | null;
  responsePreview: string | null;
  /** Fields that the server did not understand: stored as sent, and counted as absent. */
  malformed: readonly string[];
}

export interface HumanFacts {
  askedOf: string | null;
  answeredBy: string | null;
  decision: string | null;
  answer: string | null;
}

export interface ExceptionFacts {
  type: string | null;
  message: string | null;
  /** The error that it is one failure of. */
  errorId: string | null;
}

/** A run as the views read it. */
export interface RunModel {
  root: Span;
  /** Every span but the root, in order of start. */
  spans: Span[];
  byId: ReadonlyMap<string, Span>;
  /** The span that an event belongs to, by the event's id: how links name a node. */
  byEvent: Map<string, Span>;
  startMs: number;
  endMs: number;
  /** Failures with what led to them. */
  chains: readonly ErrorChain[];
  /** No end has arrived. */
  open: boolean;
  eventCount: number;
}
