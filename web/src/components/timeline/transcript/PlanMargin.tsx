import { Icon, type IconName } from "~/components/ui/Icon";
import { formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import type { PlanStepView, PlanView, StepState } from "../model/plan";
import styles from "./transcript.module.css";

const LOOK: Record<StepState, { icon: IconName; status: string; word: string }> = {
  pending: { icon: "box", status: "idle", word: "not begun" },
  started: { icon: "play", status: "processing", word: "running" },
  completed: { icon: "check", status: "success", word: "done" },
  failed: { icon: "x", status: "error", word: "failed" },
  skipped: { icon: "dash", status: "idle", word: "skipped" },
};

/** The plan beside the transcript. */
export function PlanMargin({ plan, revision }: { plan: PlanView; revision: number }) {
  const current =
    plan.steps.find((step) => step.state === "failed") ?? plan.steps.find((step) => step.state === "started") ?? null;
  return (
    <nav className={styles.plan} aria-label="Plan">
      <h3>{revision > 1 ? `Plan, revision ${revision}` : "Plan"}</h3>
      {plan.goal !== null && <p title={plan.goal}>{plan.goal}</p>}
      <ol>
        {plan.steps.map((step) => (
          <li
            key={step.index}
            data-status={LOOK[step.state].status}
            aria-current={step === current ? "step" : undefined}
          >
            <Icon name={LOOK[step.state].icon} />
            <span>
              <span className={styles.step} title={step.description}>
                {step.index + 1} {step.description}
              </span>
              <small>{factsOf(step)}</small>
            </span>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function factsOf(step: PlanStepView): string {
  const facts: string[] = [];
  if (step.turns !== null) facts.push(`${step.turns} ${step.turns === 1 ? "turn" : "turns"}`);
  if (step.tokens !== null) facts.push(`${formatTokens(step.tokens)} tokens`);
  if (facts.length === 0 && step.startedMs !== null && step.endedMs !== null && step.endedMs >= step.startedMs)
    facts.push(formatDuration(step.endedMs - step.startedMs));
  return facts.length === 0 ? LOOK[step.state].word : facts.join(", ");
}
