import { formatDuration } from "~/format/duration";
import { turnsOf } from "../model/repeats";
import { sumWords } from "../model/row-sum";
import type { Step } from "../model/steps";

/** What a node is, for those who hear it rather than see it (and on hover). */
export function describeStep(step: Step): string {
  const { span } = step;
  const took = step.workEndMs > step.atMs ? `, ${formatDuration(step.workEndMs - step.atMs)}` : "";
  switch (step.shape) {
    case "start":
      return "Task started";
    case "running":
      return step.name === "running" ? "Still running" : `Open: ${step.name}`;
    case "failed":
      return `Task failed${span.exception?.type ? `: ${span.exception.type}` : ""}`;
    case "completed":
      return "Task completed";
    case "llm_call":
      return `LLM call ${span.name}, ${span.llm?.model ?? "unknown model"}${took}${step.failed ? ", failed" : ""}${notUnderstood(step)}`;
    case "approval_asked":
      return `Approval asked${span.human?.askedOf ? ` of ${span.human.askedOf}` : ""}${span.summary ? `: ${span.summary}` : ""}${took}`;
    case "approval_answered":
      return `${step.failed ? "Rejected" : "Approved"}${span.human?.answeredBy ? ` by ${span.human.answeredBy}` : ""}`;
    case "escalated":
      return `Escalated${span.human?.askedOf ? ` to ${span.human.askedOf}` : ""}${span.summary ? `: ${span.summary}` : ""}`;
    case "plan":
      return `Plan: ${span.summary ?? span.name}`;
    case "repeats":
      return step.repeats === null
        ? step.name
        : `The same ${turnsOf(step.repeats.of).toLocaleString("en-US")} times: ${step.name}, ${sumWords(step.repeats.of).join(", ")}`;
    case "note":
      return `${span.name}${span.summary ? `: ${span.summary}` : ""}`;
    case "action": {
      const failure = span.exception?.type ?? span.exception?.message;
      const nested = step.stem.length + step.stemHidden;
      return `Action ${step.name}${took}${step.failed ? `, failed${failure ? `: ${failure}` : ""}` : ""}${nested > 0 ? `, ${nested} nested` : ""}${span.outcome === "open" ? ", running" : ""}`;
    }
  }
}

function notUnderstood(step: Step): string {
  const names = step.span.llm?.malformed ?? [];
  return names.length > 0 ? `, not understood: ${names.join(", ")}` : "";
}
