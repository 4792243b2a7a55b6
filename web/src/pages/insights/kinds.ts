import type { InsightKind } from "~/api/insights";
import type { Tone } from "~/appearance/status";
import type { IconName } from "~/components/ui/Icon";

export interface InsightLook {
  /** What was found, when it was. */
  found: string;
  /** What is true when nothing was found. */
  fine: string;
  icon: IconName;
  /** Of what it is about, where its severity does not decide. */
  tone?: Tone;
  /** One of what the kind counts when it says how much it looked at. */
  counted: string;
  /** What the figure stands against, where that is not what is usual. */
  against?: string;
}

/** How each kind of insight is named and drawn. */
const LOOKS: Record<InsightKind, InsightLook> = {
  dear_model_cheap_task: {
    found: "Dear model on cheap work",
    fine: "No dear model on cheap work",
    icon: "coin",
    tone: "llm",
    counted: "run",
  },
  cost_spike: { found: "Why cost rose", fine: "Cost is as usual", icon: "coin", tone: "llm", counted: "call" },
  prompt_bloat: {
    found: "Prompts grow",
    fine: "Prompts keep their size",
    icon: "queue",
    tone: "llm",
    counted: "run",
  },
  cost_outlier: {
    found: "Dearer than its peers",
    fine: "Similar agents cost the same",
    icon: "coin",
    tone: "llm",
    counted: "run",
    against: "peers",
  },
  dropped_tasks: { found: "Tasks dropped silently", fine: "No task dropped silently", icon: "box", counted: "run" },
  queue_growing_idle: {
    found: "Queue grows while nobody works",
    fine: "No queue grows unattended",
    icon: "queue",
    counted: "queue snapshot",
  },
  silent_auth_failures: {
    found: "Credentials failing silently",
    fine: "No credentials fail silently",
    icon: "key",
    counted: "action",
  },
  heartbeat_drift: {
    found: "Heartbeat says less than before",
    fine: "Heartbeats say as much as before",
    icon: "pulse",
    counted: "heartbeat",
  },
  approvals_backing_up: {
    found: "Approvals backing up",
    fine: "Approvals keep pace",
    icon: "ask",
    counted: "approval",
  },
  failing_action: {
    found: "An action keeps failing",
    fine: "No action keeps failing",
    icon: "fail",
    counted: "action",
  },
  recurring_issue: {
    found: "Issue comes back",
    fine: "No issue came back after it was resolved",
    icon: "flag",
    counted: "issue",
  },
  success_change: {
    found: "Success rate changed",
    fine: "Success rate is as before",
    icon: "swap",
    counted: "run",
    against: "before",
  },
  duration_change: {
    found: "Durations changed",
    fine: "Tasks take as long as before",
    icon: "clock",
    counted: "run",
    against: "before",
  },
  worst_agent: {
    found: "Fails most",
    fine: "No agent fails more than its peers",
    icon: "fail",
    counted: "run",
    against: "peers",
  },
  deploy_regression: {
    found: "Worse after a deploy",
    fine: "No version is worse than the one before",
    icon: "swap",
    counted: "run",
    against: "before",
  },
  cost_per_task_trend: {
    found: "Cost per task moves",
    fine: "Cost per task is steady",
    icon: "coin",
    tone: "llm",
    counted: "run",
    against: "before",
  },
  loop: { found: "Goes in circles", fine: "No run goes in circles", icon: "retry", counted: "run" },
  unrecovered_error: {
    found: "Done in spite of an error",
    fine: "No error was passed over",
    icon: "fail",
    counted: "run",
  },
  rate_limited: {
    found: "Held up by rate limits",
    fine: "No rate limit in the way",
    icon: "clock",
    counted: "run",
  },
  fleet_health: { found: "Health of the fleet", fine: "The fleet is well", icon: "cell", counted: "agent" },
  ready_to_scale: {
    found: "Ready to scale",
    fine: "Nothing stands against more work",
    icon: "spark",
    counted: "run",
    against: "needed",
  },
};

/** A kind that a newer server knows reads as its own name. */
export function insightLook(kind: string): InsightLook {
  const words = kind.replaceAll("_", " ");
  return (
    (LOOKS as Partial<Record<string, InsightLook>>)[kind] ?? {
      found: words,
      fine: `Nothing of ${words}`,
      icon: "spark",
      counted: "thing",
    }
  );
}
