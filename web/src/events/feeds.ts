import type { EventType, HiveEvent, PayloadKind } from "~/api/types";
import { KINDS, kindOf } from "./kinds";

/** The chips of the Activity Stream. */
export const FEEDS = ["all", "task", "action", "error", "llm", "pipeline", "human"] as const;
export type Feed = (typeof FEEDS)[number];

export function toFeed(text: string | undefined): Feed {
  return FEEDS.find((feed) => feed === text) ?? "all";
}

/** Whether a live event belongs to a feed. */
export function inFeed(event: HiveEvent, feed: Feed): boolean {
  if (feed === "all") return true;
  if (feed === "error") return event.severity === "error" || event.event_type.endsWith("_failed");
  return KINDS[kindOf(event)].family === feed;
}

interface FeedParameters {
  event_type?: readonly EventType[];
  payload_kind?: readonly PayloadKind[];
  severity?: readonly string[];
}

/** What the server is asked for a feed's past; `inFeed` then decides, so this may give a little more but never less. */
export const FEED_PARAMETERS: Record<Feed, readonly FeedParameters[]> = {
  all: [{}],
  task: [
    { event_type: ["task_started", "task_completed", "task_failed"] },
    { payload_kind: ["plan_created", "plan_step"] },
  ],
  action: [{ event_type: ["action_started", "action_completed", "action_failed", "retry_started"] }],
  error: [{ severity: ["error"] }],
  llm: [{ payload_kind: ["llm_call"] }],
  pipeline: [{ payload_kind: ["queue_snapshot", "todo", "scheduled", "issue"] }],
  human: [{ event_type: ["escalated", "approval_requested", "approval_received"] }],
};
