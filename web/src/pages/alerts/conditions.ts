import type { RuleDraft } from "~/api/alerts";
import { formatAgeShort, formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";

/** A figure of a condition, as the form asks for it. */
export interface Parameter {
  name: string;
  label: string;
  /** Said after the field. */
  unit: string;
  usual: number | string | null;
  /** For one of a few words. */
  options?: readonly string[];
  optional?: boolean;
}

export interface ConditionLook {
  type: string;
  /** In the list of conditions. */
  word: string;
  parameters: readonly Parameter[];
  /** What the rule watches, as a sentence after "when". */
  sentence: (condition: RuleDraft["condition"]) => string;
}

const number = (condition: RuleDraft["condition"], name: string): number | null => {
  const value = condition[name];
  return typeof value === "number" ? value : null;
};
const long = (condition: RuleDraft["condition"], name: string) => {
  const seconds = number(condition, name);
  if (seconds === null) return "some time";
  // As people set it: 15 min, not 15m 00s.
  const unit = [86_400, 3_600, 60].find((each) => seconds >= each) ?? 1;
  return seconds % unit === 0 ? formatAgeShort(seconds * 1_000) : formatDuration(seconds * 1_000);
};
const seconds = (label: string, usual: number): Parameter => ({ name: "seconds", label, unit: "seconds", usual });
const window = (usual: number): Parameter => ({ name: "window_seconds", label: "within", unit: "seconds", usual });

/** What a rule can watch for: the conditions of the server, in the words of people. */
export const CONDITIONS: readonly ConditionLook[] = [
  { type: "agent_stuck", word: "An agent is stuck", parameters: [], sentence: () => "an agent is stuck" },
  {
    type: "heartbeat_lost",
    word: "No sign of life",
    parameters: [seconds("for", 300)],
    sentence: (condition) => `an agent gives no sign of life for ${long(condition, "seconds")}`,
  },
  {
    type: "no_events",
    word: "Nothing at all happens",
    parameters: [seconds("for", 900)],
    sentence: (condition) => `nothing at all comes in for ${long(condition, "seconds")}`,
  },
  {
    type: "task_failed",
    word: "Tasks fail",
    parameters: [{ name: "count", label: "at least", unit: "failed", usual: 1 }, window(300)],
    sentence: (condition) => {
      const count = number(condition, "count") ?? 1;
      return `${count === 1 ? "a task fails" : `${count} tasks fail`} within ${long(condition, "window_seconds")}`;
    },
  },
  {
    type: "error_rate",
    word: "Failure rate",
    parameters: [
      { name: "percent", label: "above", unit: "%", usual: 20 },
      window(3_600),
      { name: "min_tasks", label: "of at least", unit: "tasks", usual: 5 },
    ],
    sentence: (condition) =>
      `more than ${number(condition, "percent") ?? "?"} % of tasks fail within ${long(condition, "window_seconds")}`,
  },
  {
    type: "duration_exceeded",
    word: "A task takes too long",
    parameters: [seconds("longer than", 600)],
    sentence: (condition) => `a task takes longer than ${long(condition, "seconds")}`,
  },
  {
    type: "task_stalled",
    word: "A task stalls",
    parameters: [seconds("no event for", 600)],
    sentence: (condition) => `an open task says nothing for ${long(condition, "seconds")}`,
  },
  {
    type: "cost_threshold",
    word: "Spending",
    parameters: [
      { name: "usd", label: "above", unit: "US dollars", usual: 10 },
      { name: "period", label: "per", unit: "", usual: "day", options: ["day", "month"] },
      { name: "by", label: "by", unit: "", usual: "workspace", options: ["workspace", "project", "agent"] },
    ],
    sentence: (condition) => {
      const usd = number(condition, "usd");
      const by = condition.by === "agent" || condition.by === "project" ? `one ${condition.by}` : "the workspace";
      const span = typeof condition.period === "string" ? `a ${condition.period}` : long(condition, "window_seconds");
      return `${by} spends more than ${usd === null ? "an amount to be set" : formatMoney(usd)} in ${span}`;
    },
  },
  {
    type: "queue_backlog",
    word: "A queue backs up",
    parameters: [
      { name: "depth", label: "at least", unit: "waiting", usual: 20, optional: true },
      { name: "oldest_age_seconds", label: "the oldest for", unit: "seconds", usual: null, optional: true },
    ],
    sentence: (condition) => {
      const depth = number(condition, "depth");
      const parts = [
        depth === null ? null : `holds ${depth} items`,
        number(condition, "oldest_age_seconds") === null
          ? null
          : `has one that waits for ${long(condition, "oldest_age_seconds")}`,
      ];
      return `a queue ${parts.filter((part) => part !== null).join(" and ") || "backs up"}`;
    },
  },
  {
    type: "approval_waiting",
    word: "An approval waits",
    parameters: [seconds("for", 900)],
    sentence: (condition) => `somebody was asked and has not answered for ${long(condition, "seconds")}`,
  },
  {
    type: "issue_reported",
    word: "An issue is reported",
    parameters: [
      {
        name: "min_severity",
        label: "at least",
        unit: "",
        usual: "medium",
        options: ["low", "medium", "high", "critical"],
      },
    ],
    sentence: (condition) =>
      `an agent reports an issue of ${String(condition.min_severity ?? "medium")} severity or worse`,
  },
  {
    type: "schedule_overdue",
    word: "A schedule is overdue",
    parameters: [seconds("by", 300)],
    sentence: (condition) => `something scheduled has not run for ${long(condition, "seconds")} past its time`,
  },
  {
    type: "insight",
    word: "An insight is found",
    parameters: [
      { name: "min_severity", label: "at least", unit: "", usual: "warning", options: ["info", "warning", "critical"] },
    ],
    sentence: (condition) => `an insight of severity ${String(condition.min_severity ?? "warning")} or worse is found`,
  },
];

export function conditionLook(type: string): ConditionLook | undefined {
  return CONDITIONS.find((condition) => condition.type === type);
}

/** What a rule watches and where, as one sentence. A condition that a newer server knows is named as it is. */
export function ruleSentence({ condition, scope }: Pick<RuleDraft, "condition" | "scope">): string {
  const what = conditionLook(condition.type)?.sentence(condition) ?? condition.type.replaceAll("_", " ");
  const where = Object.entries(scope).flatMap(([name, value]) =>
    typeof value === "string" && value !== "" ? [`${name.replace(/_id$/, "").replaceAll("_", " ")} ${value}`] : [],
  );
  return `when ${what}${where.length === 0 ? "" : `, in ${where.join(", ")}`}`;
}

/** A new rule of a type, with its usual figures. */
export function usualRule(type: string): RuleDraft {
  const look = conditionLook(type);
  const parameters = look?.parameters.flatMap(({ name, usual }) => (usual === null ? [] : [[name, usual]])) ?? [];
  return {
    name: look?.word ?? "",
    condition: { type, ...Object.fromEntries(parameters) },
    scope: {},
    severity: "warning",
    for_seconds: 0,
    cooldown_seconds: 300,
    notify_resolved: true,
    channels: [],
    enabled: true,
    muted_until: null,
  };
}
