import { memo } from "react";
import type { Beat } from "../model/beats";
import { beatIcon, DIAMOND, HEXAGON, OCTAGON, TRIANGLE } from "./glyphs";
import styles from "./story.module.css";

function Shape({ beat }: { beat: Beat }) {
  switch (beat.shape) {
    case "start":
      return <circle className={styles.shape} r="7" />;
    case "running":
      return (
        <>
          <circle className={styles.pulse} r="9" />
          <circle className={styles.shape} r="5" />
        </>
      );
    case "llm":
      return <circle className={styles.shape} r="14.5" />;
    case "asked":
    case "answered":
      return <path className={styles.shape} d={DIAMOND} />;
    case "escalated":
      return <path className={styles.shape} d={TRIANGLE} strokeLinejoin="round" />;
    case "plan":
      return <rect className={styles.shape} x="-9" y="-9" width="18" height="18" rx="4" />;
    case "note":
      return <rect className={styles.shape} x="-6" y="-6" width="12" height="12" rx="4" />;
    case "ended-failed":
      return <path className={styles.shape} d={OCTAGON} />;
    case "ended-done":
      return <circle className={styles.shape} r="14" />;
    case "action":
      return <path className={styles.shape} d={HEXAGON} />;
  }
}

/** The look of a node: which of the story's paints it takes. */
function paint(beat: Beat): string {
  switch (beat.shape) {
    case "llm":
      return beat.failed ? "fail" : "llm";
    case "asked":
    case "escalated":
      return "human";
    case "answered":
      return beat.failed ? "fail" : "human";
    case "plan":
    case "note":
      return "plan";
    case "ended-failed":
      return "end";
    case "ended-done":
      return "done";
    case "running":
      return "running";
    case "start":
      return "action";
    case "action":
      return beat.failed ? "fail" : beat.span.outcome === "open" ? "running" : "action";
  }
}

/** A node without its words, drawn around 0 0: the horizontal and the upright story share it. */
export const StoryGlyph = memo(function StoryGlyph({ beat, selected }: { beat: Beat; selected: boolean }) {
  const icon = beatIcon(beat);
  const halo =
    beat.shape === "asked" || beat.shape === "answered" || beat.shape === "escalated"
      ? 23
      : beat.shape === "plan"
        ? 15
        : 20;
  return (
    <g className={styles.node} data-paint={paint(beat)} data-selected={selected || undefined}>
      <circle className={styles.halo} r={halo} />
      <Shape beat={beat} />
      {icon !== "" && (
        <path className={styles.icon} d={icon} transform={beat.shape === "escalated" ? "translate(0 2)" : undefined} />
      )}
    </g>
  );
});
