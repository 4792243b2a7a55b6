import type { HiveEvent } from "~/api/types";
import type { AgentStatusFrame } from "~/live/connection";

/** A line of the Activity Stream: an event, or the server's own notice that an agent went silent. */
export type Entry =
  | { kind: "event"; key: string; seq: number; event: HiveEvent; arrived_ms: number }
  | { kind: "silent"; key: string; seq: number; notice: AgentStatusFrame; arrived_ms: number };

/** What was read belongs to the past: it does not light up. */
export function pastEntry(event: HiveEvent): Entry {
  return { kind: "event", key: event.event_id, seq: event.seq, event, arrived_ms: 0 };
}

export function liveEntry(event: HiveEvent, now_ms: number): Entry {
  return { kind: "event", key: event.event_id, seq: event.seq, event, arrived_ms: now_ms };
}

/** A notice has no `seq` of its own; it stands right after the newest event that was known. */
export function silentEntry(notice: AgentStatusFrame, newestSeq: number, now_ms: number): Entry {
  return {
    kind: "silent",
    key: `silent ${notice.agent_id} ${notice.timestamp}`,
    seq: newestSeq + 0.5,
    notice,
    arrived_ms: now_ms,
  };
}

/** Newest first, every entry once, at most `limit` of them. */
export function mergeEntries(live: readonly Entry[], past: readonly Entry[], limit: number): Entry[] {
  const merged = new Map<string, Entry>();
  for (const entry of [...live, ...past]) if (!merged.has(entry.key)) merged.set(entry.key, entry);
  return [...merged.values()].sort((a, b) => b.seq - a.seq).slice(0, limit);
}
