import { memo } from "react";
import { formatDuration } from "~/format/duration";
import type { PlacedStep } from "../model/layout";
import { SMALL_CHARACTER_PX, widthOf } from "../model/names";
import type { Span } from "../model/types";
import { SMALL_HEXAGON } from "./glyphs";
import styles from "./story.module.css";

/** The words over a plan end right above it: what it led to begins just behind it. */
const PLAN_END_PX = 10;
const PLAN_START_PX = 8;

interface Props {
  placed: PlacedStep;
  selectedId: string | null;
  onSelect: (span: Span) => void;
}

/** Everything written around a node, and the stem that hangs from it. */
export const StoryWords = memo(function StoryWords({ placed, selectedId, onSelect }: Props) {
  const { step, x, y } = placed;
  const { reason } = placed;
  const nameY = placed.nameAbove ? y - 24 : y + 31;
  return (
    <g>
      {placed.lines.map((line, row) => (
        <text
          key={`line ${String(row)}`}
          className={step.shape === "plan" ? styles.planned : styles.name}
          data-failed={step.shape === "failed" || undefined}
          x={step.shape === "plan" ? Math.max(PLAN_START_PX, x + PLAN_END_PX - widthOf(line) * SMALL_CHARACTER_PX) : x}
          y={nameY + row * 13}
        >
          {line}
        </text>
      ))}
      {placed.branch !== null && (
        <text className={styles.branch} x={x} y={y - (placed.nameAbove ? 40 : 29)}>
          in {placed.branch}
        </text>
      )}
      {placed.model !== null && (
        <g className={styles.pill}>
          <rect x={x - placed.modelWidth / 2} y={placed.modelY} width={placed.modelWidth} height="16" rx="8" />
          <text x={x} y={placed.modelY + 12}>
            {placed.model}
          </text>
        </g>
      )}
      {placed.figures.map((words, row) => (
        <text
          key={words}
          className={styles.token}
          x={x}
          y={placed.modelY + (placed.model === null ? 10 : 29) + row * 13}
        >
          {words}
        </text>
      ))}
      {reason !== null && (
        <text className={styles.reason} x={x} y={nameY + placed.lines.length * 13}>
          {reason}
        </text>
      )}
      {placed.stem.length > 0 && <Stem placed={placed} selectedId={selectedId} onSelect={onSelect} />}
    </g>
  );
});

function Stem({ placed, selectedId, onSelect }: Props) {
  const { x, stem, stemFromY, step } = placed;
  const lastY = stem.at(-1)?.y ?? stemFromY;
  return (
    <g>
      <path className={styles.rail} data-tone="thin" d={`M${x} ${stemFromY}V${lastY}`} />
      {stem.map(({ item, y, label }) => (
        <g key={item.span.id}>
          <path className={styles.rail} data-tone="thin" d={`M${x} ${y}h${8 + item.indent * 12}`} />
          {/* biome-ignore lint/a11y/useSemanticElements: SVG has no button element */}
          <g
            className={styles.stemItem}
            role="button"
            tabIndex={-1}
            aria-label={`Nested ${item.span.name}, ${formatDuration(item.span.endMs - item.span.startMs)}${item.span.outcome === "failed" ? ", failed" : ""}`}
            aria-pressed={item.span.id === selectedId}
            data-stem-of={step.key}
            data-selected={item.span.id === selectedId || undefined}
            data-failed={item.span.outcome === "failed" || undefined}
            onClick={() => onSelect(item.span)}
            onKeyDown={(press) => {
              if (press.key !== "Enter" && press.key !== " ") return;
              press.preventDefault();
              onSelect(item.span);
            }}
          >
            <rect className={styles.hit} x={x + 6} y={y - 9} width={110} height={18} />
            <path
              className={styles.stemShape}
              d={SMALL_HEXAGON}
              transform={`translate(${x + 13 + item.indent * 12} ${y})`}
            />
            <text className={styles.small} x={x + 23 + item.indent * 12} y={y + 4}>
              {label}
              <tspan className={styles.mute} dx="6">
                {item.span.outcome === "open" ? "running" : formatDuration(item.span.endMs - item.span.startMs)}
              </tspan>
            </text>
          </g>
        </g>
      ))}
      {step.stemHidden > 0 && (
        <text className={`${styles.small} ${styles.mute}`} x={x + 8} y={lastY + 20}>
          and {step.stemHidden} more
        </text>
      )}
    </g>
  );
}
