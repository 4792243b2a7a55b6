import type { TimelineEvent } from "./types";

/** Agents write payloads: everything in them is read with doubt, and what does not fit counts as absent. */
export type Json = Record<string, unknown>;

const NOTHING: Json = Object.freeze({});

export function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : NOTHING;
}

export function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

export function figure(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function payloadOf(event: TimelineEvent): Json {
  return record(event.payload);
}

/** The well-known payload's `data`, else the payload itself (older clients wrote flat payloads). */
export function dataOf(event: TimelineEvent): Json {
  const payload = payloadOf(event);
  return typeof payload.data === "object" && payload.data !== null ? record(payload.data) : payload;
}

/** The well-known kind of a custom event, else its event type. */
export function kindOf(event: TimelineEvent): string {
  if (event.event_type !== "custom") return event.event_type;
  return event.render_hint ?? text(payloadOf(event).kind) ?? "custom";
}

export function summaryOf(event: TimelineEvent): string | null {
  return text(payloadOf(event).summary);
}

/** Milliseconds since the epoch of an RFC 3339 timestamp, microseconds as a fraction; NaN when unreadable. */
export function timeOf(timestamp: string): number {
  const wholeMs = Date.parse(timestamp);
  const fraction = /\.(\d{4,})/.exec(timestamp)?.[1];
  if (fraction === undefined) return wholeMs;
  return wholeMs + Number(`0.${fraction.slice(3, 6)}`);
}
