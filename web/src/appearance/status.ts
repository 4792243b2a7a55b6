import type { AgentStatus, TaskStatus } from "~/api/types";

/** The names that `data-status` understands; tokens.css gives each its colours. */
export type Tone = "idle" | "processing" | "success" | "waiting" | "error" | "stuck" | "llm" | "action" | "backoff";

/** Tones that are states of a worker or of a run, and so have a cell of their own. */
export type StatusTone = Extract<Tone, "idle" | "processing" | "success" | "waiting" | "error" | "stuck">;

export interface StatusLook {
  tone: StatusTone;
  word: string;
}

const LOOKS = {
  idle: { tone: "idle", word: "Idle" },
  processing: { tone: "processing", word: "Processing" },
  waiting_approval: { tone: "waiting", word: "Waiting" },
  waiting: { tone: "waiting", word: "Waiting" },
  escalated: { tone: "waiting", word: "Escalated" },
  error: { tone: "error", word: "Error" },
  failed: { tone: "error", word: "Failed" },
  stuck: { tone: "stuck", word: "Stuck" },
  completed: { tone: "success", word: "Completed" },
  cancelled: { tone: "idle", word: "Cancelled" },
} as const satisfies Record<AgentStatus | TaskStatus, StatusLook>;

/** How a status of an agent or a run looks and reads. */
export function statusLook(status: AgentStatus | TaskStatus): StatusLook {
  // A server newer than the board may know a status more; its own word is then the best there is.
  return LOOKS[status] ?? { tone: "idle", word: status };
}

/** The order of attention: what needs a person comes first. */
export const ATTENTION: readonly AgentStatus[] = ["stuck", "error", "waiting_approval", "processing", "idle"];

/** States in which an agent waits for a person, one way or another. */
export function needsAttention(status: AgentStatus): boolean {
  return status === "stuck" || status === "error" || status === "waiting_approval";
}
