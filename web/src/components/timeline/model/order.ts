import { kindOf, timeOf } from "./payload";
import type { TimelineEvent } from "./types";

const OPENING = /_(started|created|requested|reported)$|^agent_registered$/;
const FAILING = /_failed$/;
const CLOSING = /_(completed|resolved|received)$/;

/** Contract §3: at one instant openings come first, then the rest, then failures, then completions. */
function rank(event: TimelineEvent): number {
  const type = event.event_type;
  if (OPENING.test(type) || kindOf(event) === "plan_created") return 1;
  if (FAILING.test(type)) return 3;
  return CLOSING.test(type) ? 4 : 2;
}

export interface TimedEvent {
  event: TimelineEvent;
  atMs: number;
}

/** Events once each, in the contract's order, whatever order they arrived in. Unreadable times are left out. */
export function inOrder(events: readonly TimelineEvent[]): TimedEvent[] {
  const seen = new Set<string>();
  const timed: TimedEvent[] = [];
  let sorted = true;
  for (const event of events) {
    if (seen.has(event.event_id)) continue;
    seen.add(event.event_id);
    const atMs = timeOf(event.timestamp);
    if (Number.isNaN(atMs)) continue;
    const before = timed.at(-1);
    if (before !== undefined && before.atMs >= atMs) sorted = false;
    timed.push({ event, atMs });
  }
  if (sorted) return timed;
  return timed.sort(
    (a, b) => a.atMs - b.atMs || rank(a.event) - rank(b.event) || (a.event.event_id < b.event.event_id ? -1 : 1),
  );
}
