import type { PlanRevision, Timeline } from "~/api/types";
import { timeOf } from "./payload";

export type StepState = "pending" | "started" | "completed" | "failed" | "skipped";

export interface PlanStepView {
  index: number;
  description: string;
  state: StepState;
  /** What the agent said when the step last changed. */
  said: string | null;
  turns: number | null;
  tokens: number | null;
  startedMs: number | null;
  endedMs: number | null;
}

export interface PlanView {
  revision: number;
  goal: string | null;
  steps: PlanStepView[];
  completed: number;
}

/** All revisions of a run's plan, oldest first, as the server read them. */
export function readPlans(plan: Timeline["plan"]): PlanView[] {
  return plan === null ? [] : plan.revisions.map(readRevision);
}

function readRevision(revision: PlanRevision): PlanView {
  const time = (at: string | null) => (at === null ? null : timeOf(at));
  return {
    revision: revision.revision,
    goal: revision.goal,
    completed: revision.progress.completed,
    steps: revision.steps.map((step) => ({
      index: step.step_index,
      description: step.description ?? `Step ${step.step_index + 1}`,
      state: step.action,
      said: step.summary,
      turns: step.turns,
      tokens: step.tokens,
      startedMs: time(step.started_at),
      endedMs: time(step.completed_at),
    })),
  };
}
