import { formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import type { Beat } from "../model/beats";

/** Tokens in and out as the story writes them, or null when neither was reported. */
export function tokensOf(beat: Beat): string | null {
  const llm = beat.span.llm;
  if (llm === null || (llm.tokensIn === null && llm.tokensOut === null)) return null;
  return `${formatTokens(llm.tokensIn)} → ${formatTokens(llm.tokensOut)}`;
}

/** What a node is, for those who hear it rather than see it (and on hover). */
export function describeBeat(beat: Beat): string {
  const { span } = beat;
  const took = beat.workEndMs > beat.atMs ? `, ${formatDuration(beat.workEndMs - beat.atMs)}` : "";
  switch (beat.shape) {
    case "start":
      return "Task started";
    case "running":
      return "Still running";
    case "ended-failed":
      return `Task failed${span.exception?.type ? `: ${span.exception.type}` : ""}`;
    case "ended-done":
      return "Task completed";
    case "llm":
      return `LLM call ${span.name}, ${span.llm?.model ?? "unknown model"}${took}${beat.failed ? ", failed" : ""}`;
    case "asked":
      return `Approval asked${span.human?.askedOf ? ` of ${span.human.askedOf}` : ""}${span.summary ? `: ${span.summary}` : ""}${took}`;
    case "answered":
      return `${beat.failed ? "Rejected" : "Approved"}${span.human?.answeredBy ? ` by ${span.human.answeredBy}` : ""}`;
    case "escalated":
      return `Escalated${span.human?.askedOf ? ` to ${span.human.askedOf}` : ""}${span.summary ? `: ${span.summary}` : ""}`;
    case "plan":
      return `Plan: ${span.summary ?? span.name}`;
    case "note":
      return `${span.name}${span.summary ? `: ${span.summary}` : ""}`;
    case "action": {
      const failure = span.exception?.type ?? span.exception?.message;
      const nested = beat.stem.length + beat.stemHidden;
      return `Action ${beat.name}${took}${beat.failed ? `, failed${failure ? `: ${failure}` : ""}` : ""}${nested > 0 ? `, ${nested} nested` : ""}${span.outcome === "open" ? ", running" : ""}`;
    }
  }
}
