import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { ModelBadge } from "~/components/ui/ModelBadge";
import { counted } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatClock } from "~/format/time";
import { branchesOf } from "../model/branches";
import { layOutStory, type PlacedLink } from "../model/layout";
import { turnsOf } from "../model/repeats";
import { sumWords } from "../model/row-sum";
import type { Step, Story, Tone } from "../model/steps";
import type { Span } from "../model/types";
import { describeStep } from "./label";
import { StoryGlyph } from "./StoryNode";
import styles from "./story.module.css";

export interface StoryUprightProps {
  told: Story;
  selectedId: string | null;
  onSelect: (span: Span) => void;
  /** Opens and folds a row of like work. */
  onToggle: (key: string) => void;
}

interface Line {
  step: Step;
  next: PlacedLink | null;
  height: number;
  note: string | null;
}

const LANE_INDENT = 22;

/** The story on a narrow screen: the same steps from top to bottom, lanes as indents. */
export function StoryUpright({ told, selectedId, onSelect, onToggle }: StoryUprightProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => toLines(told), [told]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => lines[index]?.height ?? 50,
    overscan: 12,
  });
  return (
    // Short stories take their own height; long ones scroll in a window of their own.
    <div ref={scroller} className={styles.upright} style={{ maxHeight: lines.length > 60 ? "70vh" : undefined }}>
      <ol className={styles.uprightList} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line === undefined ? null : (
            <li
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className={styles.line}
              style={{ transform: `translateY(${item.start}px)`, minHeight: line.height }}
            >
              <UprightLine
                line={line}
                selected={line.step.span.id === selectedId && line.step.shape !== "start" && line.step.repeats === null}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function UprightLine({
  line: { step, next, note },
  selected,
  onSelect,
  onToggle,
}: {
  line: Line;
  selected: boolean;
} & Pick<StoryUprightProps, "onSelect" | "onToggle">) {
  const indent = step.lane * LANE_INDENT;
  const waits = next !== null && mainTone(next) === "human";
  const model = step.repeats === null || step.repeats.of.period === 1 ? step.span.llm?.model : undefined;
  return (
    <div style={{ marginLeft: indent, position: "relative" }}>
      <button
        type="button"
        className={styles.lineButton}
        {...(step.repeats === null ? { "aria-pressed": selected } : { "aria-expanded": !step.repeats.folded })}
        aria-label={describeStep(step)}
        onClick={() => (step.repeats === null ? onSelect(step.span) : onToggle(step.key))}
      >
        <svg viewBox="-17 -17 34 34" aria-hidden="true" focusable="false">
          <StoryGlyph step={step} selected={selected} />
        </svg>
        <span className={styles.lineName} data-failed={step.failed || undefined}>
          {nameOf(step)}
          {note !== null && <small>{note}</small>}
          {model !== undefined && (
            <small>
              <ModelBadge model={model} short />
            </small>
          )}
        </span>
        <span className={styles.lineTime}>{timeOf(step)}</span>
        {waits && next !== null && (
          <span className={styles.wait}>{formatDuration(next.elapsedMs)} waiting for a person</span>
        )}
      </button>
      {next !== null && (
        <i
          className={styles.spine}
          data-tone={spineTone(next)}
          data-well={(spineTone(next) === "home" && !step.failed) || undefined}
          style={{ "--indent": `${indent}px` } as React.CSSProperties}
        />
      )}
    </div>
  );
}

function toLines(told: Story): Line[] {
  // The same reading of the connectors as the horizontal story; only the direction differs.
  const { links } = layOutStory(told, 0);
  const branches = branchesOf(told.steps);
  return told.steps.map((step, index) => {
    const next = links[index] ?? null;
    const note = noteOf(step, next, branches[index] ?? null);
    const stretch = next === null ? 10 : Math.min(60, 6 + 2.2 * Math.sqrt(next.elapsedMs / 1000));
    const words = 8 + 17 + (note === null ? 0 : 16) + (step.span.llm === null ? 0 : 22);
    const waits = next !== null && mainTone(next) === "human" ? 32 : 0;
    const home = next?.arrives === "home" ? 18 : 0;
    const back = next?.arrives === "backoff" ? 8 : 0;
    return { step, next, note, height: Math.max(38, words + 4) + stretch + waits + home + back };
  });
}

function noteOf(step: Step, next: PlacedLink | null, branch: Span | null): string | null {
  const parts: string[] = [];
  if (branch !== null) parts.push(`in ${branch.name}`);
  const { span, repeats } = step;
  if (repeats !== null)
    parts.push(`the same ${turnsOf(repeats.of).toLocaleString("en-US")} times`, ...sumWords(repeats.of));
  if (step.shape === "approval_asked" && span.summary) parts.push(span.summary);
  if (step.shape === "plan" && span.summary) parts.push(span.summary);
  if (step.failed || step.shape === "failed") parts.push(span.exception?.type ?? span.exception?.message ?? "");
  if (step.stem.length > 0) parts.push(`${counted(step.stem.length + step.stemHidden, "step")} inside`);
  if (next?.arrives === "backoff" && next.backoffMs > 0) parts.push(`then back-off ${formatDuration(next.backoffMs)}`);
  const words = parts.filter((part) => part !== "").join(", ");
  return words === "" ? null : words;
}

function nameOf(step: Step): string {
  const { human } = step.span;
  if (step.shape === "approval_asked") return human?.askedOf ? `asked ${human.askedOf}` : "asked for approval";
  if (step.shape === "approval_answered") return human?.answeredBy ? `${human.answeredBy} ${step.name}` : step.name;
  if (step.shape === "escalated") return human?.askedOf ? `escalated to ${human.askedOf}` : "escalated";
  return step.name;
}

function timeOf(step: Step): string {
  if (step.shape === "action" || step.shape === "llm_call" || step.repeats?.folded === true)
    return formatDuration(step.workEndMs - step.atMs);
  return formatClock(step.atMs, step.atMs);
}

function mainTone(link: PlacedLink): Tone {
  return link.tone;
}

function spineTone(link: PlacedLink): string {
  if (link.arrives === "backoff") return "back";
  if (link.arrives === "home") return "home";
  return mainTone(link);
}
