import { dataOf, figure, kindOf, list, record, summaryOf, text, timeOf } from "./payload";
import type { TimelineEvent } from "./types";

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

const STATES: Record<string, StepState | undefined> = {
  started: "started",
  completed: "completed",
  failed: "failed",
  skipped: "skipped",
};

/** Reads all revisions of a run's plan, oldest first; events in the contract's order. Steps that arrive without a plan make one. */
export function planRevisions(events: readonly TimelineEvent[]): PlanView[] {
  const plans: PlanView[] = [];
  for (const event of events) {
    const kind = kindOf(event);
    if (kind === "plan_created") plans.push(newPlan(event, plans.length + 1));
    if (kind === "plan_step") applyStep(plans, event);
  }
  for (const plan of plans) plan.completed = plan.steps.filter((step) => step.state === "completed").length;
  return plans;
}

function newPlan(event: TimelineEvent, fallbackRevision: number): PlanView {
  const data = dataOf(event);
  const steps = list(data.steps).map((raw, position): PlanStepView => {
    const step = record(raw);
    const description = text(raw) ?? text(step.description) ?? `Step ${position + 1}`;
    return newStep(figure(step.index) ?? position, description);
  });
  return {
    revision: figure(data.revision) ?? fallbackRevision,
    goal: text(data.goal) ?? summaryOf(event),
    steps,
    completed: 0,
  };
}

function newStep(index: number, description: string): PlanStepView {
  return {
    index,
    description,
    state: "pending",
    said: null,
    turns: null,
    tokens: null,
    startedMs: null,
    endedMs: null,
  };
}

/** More steps than this is a mistake of the agent's, not a plan anybody reads. */
const STEPS_LIMIT = 200;

function applyStep(plans: PlanView[], event: TimelineEvent): void {
  const data = dataOf(event);
  const index = figure(data.step_index);
  const state = STATES[text(data.action) ?? ""];
  if (index === null || state === undefined) return;
  const revision = figure(data.plan_revision);
  let plan = plans.find((candidate) => candidate.revision === revision) ?? plans.at(-1);
  if (plan === undefined) {
    plan = { revision: revision ?? 1, goal: null, steps: [], completed: 0 };
    plans.push(plan);
  }
  const total = Math.min(STEPS_LIMIT, Math.max(figure(data.total_steps) ?? 0, index + 1));
  while (plan.steps.length < total) plan.steps.push(newStep(plan.steps.length, `Step ${plan.steps.length + 1}`));
  const step = plan.steps.find((candidate) => candidate.index === index);
  if (step === undefined) return;
  const said = summaryOf(event);
  if (said !== null && step.description === `Step ${index + 1}`) step.description = said;
  step.state = state;
  step.said = said;
  step.turns = figure(data.turns) ?? step.turns;
  step.tokens = figure(data.tokens) ?? step.tokens;
  const atMs = timeOf(event.timestamp);
  if (state === "started") step.startedMs ??= atMs;
  else step.endedMs = atMs;
}
