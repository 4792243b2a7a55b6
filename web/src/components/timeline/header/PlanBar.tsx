import { useState } from "react";
import { Icon, type IconName } from "~/components/ui/Icon";
import { Menu } from "~/components/ui/Menu";
import { formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import type { PlanStepView, PlanView, StepState } from "../model/plan";
import styles from "./header.module.css";

const LOOK: Record<StepState, { status: string; icon: IconName | null; word: string }> = {
  pending: { status: "", icon: null, word: "pending" },
  started: { status: "processing", icon: "play", word: "running" },
  completed: { status: "success", icon: "check", word: "done" },
  failed: { status: "error", icon: "x", word: "failed" },
  skipped: { status: "", icon: "dash", word: "skipped" },
};

/** Words beside the segments up to here; a longer plan shows its segments and tells them on hover. */
const WORDS_LIMIT = 9;

/** One segment a step: what it is and how it went. Earlier revisions can be looked at. */
export function PlanBar({ plans }: { plans: PlanView[] }) {
  const [revision, setRevision] = useState<number | null>(null);
  const plan = plans.find((each) => each.revision === revision) ?? plans.at(-1);
  if (plan === undefined || plan.steps.length === 0) return null;
  const current =
    plan.steps.find((step) => step.state === "failed") ?? plan.steps.find((step) => step.state === "started");
  return (
    <div className={styles.plan}>
      <ol
        className={styles.steps}
        aria-label={`Plan${plan.goal ? `: ${plan.goal}` : ""}, ${plan.completed} of ${plan.steps.length} done`}
      >
        {plan.steps.map((step) => (
          <Segment key={step.index} step={step} words={plan.steps.length <= WORDS_LIMIT} />
        ))}
      </ol>
      {plan.steps.length > WORDS_LIMIT && (
        <span className={styles.planCount}>
          {plan.completed.toLocaleString("en-US")} of {plan.steps.length.toLocaleString("en-US")} done
        </span>
      )}
      {plans.length > 1 && (
        <Menu
          label="Revision of the plan"
          wide
          entries={plans.map((each, position) => ({
            id: String(each.revision),
            label: `Revision ${position + 1}`,
            note: `${each.completed} of ${each.steps.length} done`,
            checked: each === plan,
          }))}
          onAction={(id) => setRevision(Number(id))}
        >
          rev {plans.indexOf(plan) + 1}
          <Icon name="down" size={12} />
        </Menu>
      )}
      {current !== undefined && (
        <p className={styles.currentStep}>
          Step {current.index + 1} of {plan.steps.length},{" "}
          <b data-status={LOOK[current.state].status}>
            {current.description}, {LOOK[current.state].word}
          </b>
        </p>
      )}
    </div>
  );
}

function Segment({ step, words }: { step: PlanStepView; words: boolean }) {
  const look = LOOK[step.state];
  return (
    <li className={styles.step} data-state={step.state} data-status={look.status || undefined} title={hover(step)}>
      <div className={styles.segment} />
      {words && (
        <div className={styles.stepWords}>
          {look.icon !== null && <Icon name={look.icon} size={12} />}
          <span className="ell">
            {step.index + 1} {step.description}
          </span>
          <span className={step.state === "skipped" ? styles.stepState : "sr-only"}>{look.word}</span>
        </div>
      )}
      {!words && <span className="sr-only">{hover(step)}</span>}
    </li>
  );
}

function hover(step: PlanStepView): string {
  const parts = [`${step.index + 1} ${step.description}: ${LOOK[step.state].word}`];
  if (step.said !== null && step.said !== step.description) parts.push(step.said);
  if (step.turns !== null) parts.push(`${step.turns} ${step.turns === 1 ? "turn" : "turns"}`);
  if (step.tokens !== null) parts.push(`${formatTokens(step.tokens)} tokens`);
  if (step.startedMs !== null && step.endedMs !== null && step.endedMs >= step.startedMs)
    parts.push(formatDuration(step.endedMs - step.startedMs));
  return parts.join(", ");
}
