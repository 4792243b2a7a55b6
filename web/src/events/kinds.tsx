import { createContext, type ReactNode, useContext } from "react";
import type { EventType, HiveEvent, PayloadKind } from "~/api/types";
import type { Tone } from "~/appearance/status";
import type { IconName } from "~/components/ui/Icon";
import { counted, formatOrdinal, formatTokens } from "~/format/count";
import { formatAge, formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import {
  actionNameOf,
  asAmount,
  asDollars,
  asList,
  asName,
  asNumber,
  asText,
  dataOf,
  failureOf,
  summaryOf,
} from "./payload";

/** What an event is, to a reader: its type, or for `custom` and status heartbeats the well-known kind of its payload. */
export type EventKind = EventType | PayloadKind;

/** The chips of the Activity Stream. `other` is what belongs to none of them and shows under "all" alone. */
export type Family = "task" | "action" | "llm" | "pipeline" | "human" | "other";

export interface KindLook {
  icon: IconName;
  /** The colour, where it does not depend on the event. */
  tone: Tone | ((event: HiveEvent) => Tone);
  /** The kind in words, for labels and filters. */
  label: string;
  family: Family;
  /** One plain sentence, the agent first. */
  sentence: (event: HiveEvent) => ReactNode;
  /** The figures of the event in one line, as the event itself says them. */
  detail: (event: HiveEvent) => string | null;
}

/** Whether sentences name the agent; under the name of one they need not. */
export const NamesAgent = createContext(true);

function Who({ event }: { event: HiveEvent }) {
  return useContext(NamesAgent) ? <b>{legible(event.agent_id)}</b> : null;
}

/** What an agent sends when it ends: nobody expects a heartbeat of it any more. */
const GOODBYE = "goodbye";

/** `: reason`, or nothing. */
function because(text: string | null): string {
  return text === null ? "" : `: ${text}`;
}

function task(event: HiveEvent): string {
  return event.task_id === null ? "its work" : legible(event.task_id);
}

function took(event: HiveEvent): string {
  return event.duration_ms === null ? "" : ` in ${formatDuration(event.duration_ms)}`;
}

function joined(...parts: (string | null | undefined | false)[]): string | null {
  const text = parts.filter((part): part is string => typeof part === "string" && part !== "").join(", ");
  return text === "" ? null : text;
}

function failureLine(event: HiveEvent): string | null {
  const { type, message } = failureOf(event);
  return joined(type, message) ?? summaryOf(event);
}

/** Clients write `Step 2 started: …` before what the agent said; the sentence says that already. */
function stepSummary(event: HiveEvent): string | null {
  return summaryOf(event)?.replace(/^Step \d+ \w+:\s*/, "") ?? null;
}

function stepWords(event: HiveEvent): { number: string; state: string } {
  const data = dataOf(event);
  const index = asNumber(data.step_index);
  const total = asNumber(data.total_steps);
  const number = index === null ? "a step" : `step ${index + 1}${total === null ? "" : ` of ${total}`}`;
  return { number, state: asText(data.action) ?? "completed" };
}

const STEP_VERBS: Record<string, string> = {
  started: "began",
  completed: "finished",
  failed: "failed at",
  skipped: "skipped",
};

/** Every kind. A kind that the wire gains and this table lacks does not compile. */
export const KINDS: Record<EventKind, KindLook> = {
  agent_registered: {
    icon: "plus",
    tone: "action",
    label: "Agent registered",
    family: "other",
    sentence: (event) => (
      <>
        <Who event={event} /> came to work{because(asName(dataOf(event).version))}
      </>
    ),
    detail: (event) =>
      joined(asName(dataOf(event).type), asName(dataOf(event).version), asName(dataOf(event).framework)),
  },
  heartbeat: {
    icon: "pulse",
    tone: "success",
    label: "Heartbeat",
    family: "other",
    sentence: (event) => (
      <>
        <Who event={event} /> is alive{because(summaryOf(event))}
      </>
    ),
    detail: summaryOf,
  },
  heartbeat_status: {
    icon: "pulse",
    tone: "success",
    label: "Heartbeat with status",
    family: "other",
    sentence: (event) => (
      <>
        <Who event={event} /> says{because(summaryOf(event) ?? "all well")}
      </>
    ),
    detail: summaryOf,
  },
  task_started: {
    icon: "play",
    tone: "processing",
    label: "Task started",
    family: "task",
    sentence: (event) => (
      <>
        <Who event={event} /> started <em>{task(event)}</em>
      </>
    ),
    detail: (event) => joined(event.task_type, event.project_id),
  },
  task_completed: {
    icon: "done",
    tone: "success",
    label: "Task completed",
    family: "task",
    sentence: (event) => (
      <>
        <Who event={event} /> finished <em>{task(event)}</em>
        {took(event)}
      </>
    ),
    detail: (event) => joined(event.duration_ms === null ? null : formatDuration(event.duration_ms), summaryOf(event)),
  },
  task_failed: {
    icon: "fail",
    tone: "error",
    label: "Task failed",
    family: "task",
    sentence: (event) => (
      <>
        <Who event={event} /> failed <em>{task(event)}</em>
        {because(failureOf(event).message ?? failureOf(event).type ?? summaryOf(event))}
      </>
    ),
    detail: failureLine,
  },
  action_started: {
    icon: "cell",
    tone: "action",
    label: "Action started",
    family: "action",
    sentence: (event) => (
      <>
        <Who event={event} /> started <em>{actionNameOf(event)}</em>
      </>
    ),
    detail: actionNameOf,
  },
  action_completed: {
    icon: "cell",
    tone: "action",
    label: "Action completed",
    family: "action",
    sentence: (event) => (
      <>
        <Who event={event} /> finished <em>{actionNameOf(event)}</em>
        {took(event)}
      </>
    ),
    detail: (event) =>
      joined(actionNameOf(event), event.duration_ms === null ? null : formatDuration(event.duration_ms)),
  },
  action_failed: {
    icon: "x",
    tone: "error",
    label: "Action failed",
    family: "action",
    sentence: (event) => (
      <>
        <Who event={event} /> failed at <em>{actionNameOf(event)}</em>
        {because(failureOf(event).message ?? failureOf(event).type)}
      </>
    ),
    detail: (event) => joined(actionNameOf(event), failureLine(event)),
  },
  retry_started: {
    icon: "retry",
    tone: "waiting",
    label: "Retry",
    family: "action",
    sentence: (event) => {
      const { attempt, backoff_seconds } = dataOf(event);
      const wait = asNumber(backoff_seconds);
      const number = asNumber(attempt);
      return (
        <>
          <Who event={event} /> tries again{wait === null || wait === 0 ? "" : ` in ${formatDuration(wait * 1_000)}`}
          {because(summaryOf(event))}
          {number === null ? "" : ` (${formatOrdinal(number)} try)`}
        </>
      );
    },
    detail: (event) => {
      const { attempt, backoff_seconds } = dataOf(event);
      const wait = asNumber(backoff_seconds);
      return joined(
        asNumber(attempt) !== null && `attempt ${asNumber(attempt)}`,
        wait !== null && `back-off ${formatDuration(wait * 1_000)}`,
        summaryOf(event),
      );
    },
  },
  escalated: {
    icon: "esc",
    tone: "waiting",
    label: "Escalated",
    family: "human",
    sentence: (event) => {
      const { assigned_to, reason } = dataOf(event);
      return (
        <>
          <Who event={event} /> handed <em>{task(event)}</em>
          {asName(assigned_to) === null ? " on" : ` to ${asName(assigned_to)}`}
          {because(summaryOf(event) ?? asText(reason))}
        </>
      );
    },
    detail: (event) => {
      const assigned = asName(dataOf(event).assigned_to);
      return joined(summaryOf(event) ?? asText(dataOf(event).reason), assigned !== null && `→ ${assigned}`);
    },
  },
  approval_requested: {
    icon: "ask",
    tone: "waiting",
    label: "Approval requested",
    family: "human",
    sentence: (event) => {
      const approver = asName(dataOf(event).approver);
      return (
        <>
          <Who event={event} /> asked {approver === null ? "" : `${approver} `}for approval
          {because(summaryOf(event))}
        </>
      );
    },
    detail: (event) => {
      const approver = asName(dataOf(event).approver);
      return joined(summaryOf(event), approver !== null && `→ ${approver}`);
    },
  },
  approval_received: {
    icon: "okd",
    tone: (event) => (asText(dataOf(event).decision) === "rejected" ? "error" : "success"),
    label: "Approval received",
    family: "human",
    sentence: (event) => {
      const { approved_by, decision } = dataOf(event);
      const verb = asText(decision) === "rejected" ? "rejected" : (asText(decision) ?? "approved");
      return (
        <>
          <b>{asName(approved_by) ?? "Somebody"}</b> {verb} <em>{task(event)}</em>
          {because(summaryOf(event))}
        </>
      );
    },
    detail: (event) => {
      const { approved_by, decision } = dataOf(event);
      const by = asName(approved_by);
      return joined(`${asText(decision) ?? "approved"}${by === null ? "" : ` by ${by}`}`, summaryOf(event));
    },
  },
  custom: {
    icon: "box",
    tone: (event) => (event.severity === "error" ? "error" : event.severity === "warn" ? "waiting" : "action"),
    label: "Custom event",
    family: "other",
    sentence: (event) => (
      <>
        <Who event={event} />{" "}
        {event.payload?.kind === GOODBYE
          ? "said goodbye"
          : `noted${because(summaryOf(event) ?? asText(event.payload?.kind))}`}
      </>
    ),
    detail: (event) => joined(asText(event.payload?.kind), summaryOf(event)),
  },
  llm_call: {
    icon: "spark",
    tone: "llm",
    label: "LLM call",
    family: "llm",
    sentence: (event) => {
      const { model, name, duration_ms, cost } = dataOf(event);
      const facts = joined(
        asAmount(duration_ms) !== null && formatDuration(asAmount(duration_ms)),
        asDollars(cost) !== null && formatMoney(asDollars(cost)),
      );
      return (
        <>
          <Who event={event} /> asked {asName(model) ?? "a model"}
          {asName(name) !== null && (
            <>
              {": "}
              <em>{asName(name)}</em>
            </>
          )}
          {facts === null ? "" : ` (${facts})`}
        </>
      );
    },
    detail: (event) => {
      const { name, model, tokens_in, tokens_out, cost } = dataOf(event);
      const tokens =
        asAmount(tokens_in) === null && asAmount(tokens_out) === null
          ? null
          : `${formatTokens(asAmount(tokens_in))}→${formatTokens(asAmount(tokens_out))}`;
      return [asName(name), asName(model), tokens, asDollars(cost) !== null && formatMoney(asDollars(cost))]
        .filter(Boolean)
        .join(" ");
    },
  },
  plan_created: {
    icon: "plan",
    tone: "action",
    label: "Plan",
    family: "task",
    sentence: (event) => {
      const { steps, revision, goal } = dataOf(event);
      const count = asList(steps).length;
      const revised = (asNumber(revision) ?? 0) > 0;
      return (
        <>
          <Who event={event} /> {revised ? "changed its plan" : "planned"} {revised ? "to " : ""}
          {count} {count === 1 ? "step" : "steps"}
          {because(asText(goal) ?? summaryOf(event))}
        </>
      );
    },
    detail: (event) => {
      const { steps, revision, goal } = dataOf(event);
      const number = asNumber(revision) ?? 0;
      return joined(
        counted(asList(steps).length, "step"),
        number > 0 && `revision ${number}`,
        asText(goal) ?? summaryOf(event),
      );
    },
  },
  plan_step: {
    icon: "plan",
    tone: (event) => (stepWords(event).state === "failed" ? "error" : "action"),
    label: "Plan step",
    family: "task",
    sentence: (event) => {
      const { number, state } = stepWords(event);
      return (
        <>
          <Who event={event} /> {STEP_VERBS[state] ?? state} {number}
          {because(stepSummary(event))}
        </>
      );
    },
    detail: (event) => {
      const { turns, tokens } = dataOf(event);
      const { number, state } = stepWords(event);
      return joined(
        `${number} ${state}`,
        asNumber(turns) !== null && `${asNumber(turns)} turns`,
        asNumber(tokens) !== null && `${formatTokens(asNumber(tokens))} tokens`,
      );
    },
  },
  queue_snapshot: {
    icon: "queue",
    tone: (event) => ((asNumber(dataOf(event).depth) ?? 0) > 5 ? "waiting" : "action"),
    label: "Queue",
    family: "pipeline",
    sentence: (event) => {
      const { depth, oldest_age_seconds } = dataOf(event);
      const count = asNumber(depth) ?? 0;
      const oldest = asNumber(oldest_age_seconds);
      return (
        <>
          <Who event={event} /> has {count === 0 ? "nothing" : counted(count, "item")} waiting
          {count > 0 && oldest !== null && `, the oldest for ${formatAge(oldest * 1_000)}`}
        </>
      );
    },
    detail: (event) => {
      const { depth, oldest_age_seconds } = dataOf(event);
      const oldest = asNumber(oldest_age_seconds);
      return joined(`depth ${asNumber(depth) ?? 0}`, oldest !== null && `oldest ${formatAge(oldest * 1_000)}`);
    },
  },
  todo: {
    icon: "todo",
    tone: (event) => (asText(dataOf(event).action) === "failed" ? "error" : "action"),
    label: "To-do",
    family: "pipeline",
    sentence: (event) => {
      const verbs: Record<string, string> = {
        created: "noted to do",
        completed: "did",
        failed: "failed to do",
        dismissed: "dropped",
        deferred: "put off",
      };
      return (
        <>
          <Who event={event} /> {verbs[asText(dataOf(event).action) ?? "created"] ?? "noted to do"}
          {because(summaryOf(event) ?? asText(dataOf(event).todo_id))}
        </>
      );
    },
    detail: (event) => {
      const { action, priority } = dataOf(event);
      return joined(asText(action), asText(priority), summaryOf(event));
    },
  },
  scheduled: {
    icon: "clock",
    tone: "action",
    label: "Schedule",
    family: "pipeline",
    sentence: (event) => {
      const count = asList(dataOf(event).items).length;
      return (
        <>
          <Who event={event} /> has {count} {count === 1 ? "run" : "runs"} scheduled
        </>
      );
    },
    detail: (event) => joined(counted(asList(dataOf(event).items).length, "item"), summaryOf(event)),
  },
  issue: {
    icon: "flag",
    tone: (event) => {
      const { action, severity } = dataOf(event);
      if (asText(action) === "resolved") return "success";
      return severity === "critical" || severity === "high" ? "error" : "waiting";
    },
    label: "Issue",
    family: "pipeline",
    sentence: (event) => {
      const { action, occurrence_count } = dataOf(event);
      const count = asNumber(occurrence_count) ?? 1;
      const verbs: Record<string, string> = { resolved: "resolved", dismissed: "dismissed" };
      return (
        <>
          <Who event={event} /> {verbs[asText(action) ?? ""] ?? (count > 1 ? "reported again" : "reported")}
          {because(summaryOf(event))}
          {count > 1 ? ` (${formatOrdinal(count)} time)` : ""}
        </>
      );
    },
    detail: (event) => {
      const { issue_id, severity, occurrence_count, action } = dataOf(event);
      const count = asNumber(occurrence_count) ?? 1;
      return joined(asText(action), asText(issue_id), asText(severity), count > 1 && `×${count}`);
    },
  },
};

/** The kind of an event. A kind that a newer server knows and this board does not shows as what it was sent as. */
export function kindOf(event: Pick<HiveEvent, "event_type" | "render_hint">): EventKind {
  const hint = event.render_hint;
  if (hint !== null && hint !== undefined && Object.hasOwn(KINDS, hint)) return hint as EventKind;
  return Object.hasOwn(KINDS, event.event_type) ? event.event_type : "custom";
}

export function lookOf(event: HiveEvent): KindLook {
  return KINDS[kindOf(event)];
}

export function toneOf(event: HiveEvent): Tone {
  const { tone } = lookOf(event);
  return typeof tone === "function" ? tone(event) : tone;
}
