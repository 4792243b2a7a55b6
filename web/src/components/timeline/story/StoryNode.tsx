import { memo } from "react";
import type { Step } from "../model/steps";
import { DIAMOND, HEXAGON, OCTAGON, stepIcon, TRIANGLE } from "./glyphs";
import styles from "./story.module.css";

function Shape({ step }: { step: Step }) {
  switch (step.shape) {
    case "start":
      return <circle className={styles.shape} r="7" />;
    case "running":
      return (
        <>
          <circle className={styles.pulse} r="9" />
          <circle className={styles.shape} r="5" />
        </>
      );
    case "llm_call":
      return <circle className={styles.shape} r="14.5" />;
    case "approval_asked":
    case "approval_answered":
      return <path className={styles.shape} d={DIAMOND} />;
    case "escalated":
      return <path className={styles.shape} d={TRIANGLE} strokeLinejoin="round" />;
    case "plan":
      return <rect className={styles.shape} x="-9" y="-9" width="18" height="18" rx="4" />;
    case "note":
      return <rect className={styles.shape} x="-6" y="-6" width="12" height="12" rx="4" />;
    case "failed":
      return <path className={styles.shape} d={OCTAGON} />;
    case "completed":
      return <circle className={styles.shape} r="14" />;
    case "action":
      return <path className={styles.shape} d={HEXAGON} />;
    case "repeats":
      return (
        <>
          <path className={styles.shape} d={HEXAGON} transform="translate(6 -5)" />
          <path className={styles.shape} d={HEXAGON} transform="translate(3 -2.5)" />
          <path className={styles.shape} d={HEXAGON} />
        </>
      );
  }
}

/** The look of a node: which of the story's paints it takes. */
function paint(step: Step, leads: boolean): string {
  switch (step.shape) {
    case "llm_call":
      return step.failed ? "fail" : "llm";
    case "approval_asked":
    case "escalated":
      return "human";
    case "approval_answered":
      return step.failed ? "fail" : "human";
    case "plan":
    case "note":
      return "plan";
    case "failed":
      return "end";
    case "completed":
      return "done";
    case "running":
      return step.tone === "human" ? "human" : step.tone === "idle" ? "fail" : "running";
    case "start":
      return "action";
    case "repeats":
      return step.span.kind === "llm" && step.repeats?.of.period === 1 ? "llm" : "action";
    case "action":
      if (step.failed) return leads ? "passed" : "fail";
      return step.span.outcome === "open" ? "running" : "action";
  }
}

interface GlyphProps {
  step: Step;
  selected: boolean;
  /** What failed is inside of it, and drawn behind it. */
  leads?: boolean;
}

/** A node without its words, drawn around 0 0: the horizontal and the upright story share it. */
export const StoryGlyph = memo(function StoryGlyph({ step, selected, leads = false }: GlyphProps) {
  const icon = stepIcon(step);
  const halo =
    step.shape === "approval_asked" || step.shape === "approval_answered" || step.shape === "escalated"
      ? 23
      : step.shape === "plan"
        ? 15
        : 20;
  return (
    <g className={styles.node} data-paint={paint(step, leads)} data-selected={selected || undefined}>
      <circle className={styles.halo} r={halo} />
      <Shape step={step} />
      {icon !== "" && (
        <path className={styles.icon} d={icon} transform={step.shape === "escalated" ? "translate(0 2)" : undefined} />
      )}
    </g>
  );
});
