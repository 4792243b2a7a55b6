import { memo, useId } from "react";
import { formatDuration } from "~/format/duration";
import type { Axis } from "../model/axis";
import { clip, fitted, SMALL_CHARACTER_PX, undated, widthOf } from "../model/names";
import type { Repeats } from "../model/repeats";
import { sumWords } from "../model/row-sum";
import { isLeaf, type Row } from "../model/rows";
import type { Span } from "../model/types";
import styles from "./waterfall.module.css";

export const ROW_PX = 28;

export interface BarsProps {
  rows: readonly Row[];
  /** The rows that are in sight. */
  from: number;
  to: number;
  axis: Axis;
  offset: number;
  width: number;
  path: readonly Span[] | null;
  selectedRow: number;
  onSelect: (span: Span) => void;
}

/** The right half of the waterfall: bars of the rows in sight, folds and the critical path. */
export const Bars = memo(function Bars({
  rows,
  from,
  to,
  axis,
  offset,
  width,
  path,
  selectedRow,
  onSelect,
}: BarsProps) {
  const id = useId();
  const top = from * ROW_PX;
  const height = Math.max(0, to - from) * ROW_PX;
  const onPath = path === null ? null : new Set(path);
  const paint: Paint = { person: `url(#${id}-person)`, backoff: `url(#${id}-backoff)` };
  return (
    <svg
      className={styles.bars}
      style={{ top }}
      width={width}
      height={height}
      viewBox={`${offset} ${top} ${width} ${height}`}
      aria-hidden="true"
    >
      <defs>
        <pattern id={`${id}-person`} width="6" height="6" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" fill="var(--fill-waiting)" opacity=".28" />
          <path d="M1 0v6" stroke="var(--fill-waiting)" strokeWidth="2.5" />
        </pattern>
        <pattern id={`${id}-backoff`} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="7" height="7" fill="var(--kind-backoff)" opacity=".35" />
          <path d="M1 0v7" stroke="var(--kind-backoff)" strokeWidth="3" />
        </pattern>
      </defs>
      {axis.ticks.map((tick) => (
        <path key={tick.atMs} className={styles.grid} d={`M${tick.x} ${top}v${height}`} />
      ))}
      {axis.parts.map((part) =>
        part.folded ? (
          <g key={part.fromMs}>
            <rect className={styles.fold} x={part.x1} y={top} width={part.x2 - part.x1} height={height} />
            <path className={styles.torn} d={torn(part.x1, top, height)} />
            <path className={styles.torn} d={torn(part.x2, top, height)} />
          </g>
        ) : null,
      )}
      {selectedRow >= from && selectedRow < to && (
        <rect className={styles.selected} x={offset} y={selectedRow * ROW_PX} width={width} height={ROW_PX} />
      )}
      {rows.slice(from, to).map((row, position) => {
        const off = onPath !== null && isOff(row, onPath);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the row's name is the control; the bar is a larger target for the pointer
          <g key={row.key} className={styles.barRow} data-off={off || undefined} onClick={() => onSelect(row.span)}>
            {row.repeats !== null && (
              <Repeated
                repeats={row.repeats}
                y={(from + position) * ROW_PX}
                axis={axis}
                left={offset}
                right={offset + width}
              />
            )}
            {row.repeats === null && (
              <Bar
                row={row}
                y={(from + position) * ROW_PX}
                axis={axis}
                left={offset}
                right={offset + width}
                paint={paint}
              />
            )}
          </g>
        );
      })}
      {path !== null && <path className={styles.path} d={staircase(path, rows, axis, from, to)} />}
    </svg>
  );
});

/** Work that the run's length is not made of. A row of like work is on the path by any of it; notes in a row are no work. */
function isOff({ span, repeats }: Row, onPath: ReadonlySet<Span>): boolean {
  if (repeats !== null) return repeats.spans.every((each) => isLeaf(each) && each.kind !== "note" && !onPath.has(each));
  return isLeaf(span) && span.kind !== "escalation" && span.kind !== "task" && !onPath.has(span);
}

interface Paint {
  person: string;
  backoff: string;
}

/** Less than this of a bar's words says nothing. */
const LEAST_CHARACTERS = 4;

interface BarProps {
  row: Row;
  y: number;
  axis: Axis;
  left: number;
  right: number;
  paint: Paint;
}

function Bar({ row: { span, expandable }, y, axis, left, right, paint }: BarProps) {
  const x1 = axis.x(span.startMs);
  const x2 = Math.max(x1 + 3, axis.x(span.endMs));
  const all = wordsOf(span, expandable);
  // Words stand after their bar, before it where there is no room, and never off the edge that the reader looks at.
  const behind = right - Math.max(x2 + 7, left + 4);
  const before = x1 - 7 - left;
  const after = widthOf(all) * SMALL_CHARACTER_PX < behind || behind >= before;
  const room = Math.floor((after ? behind : before) / SMALL_CHARACTER_PX);
  const words = room < LEAST_CHARACTERS ? "" : fitted(all, room);
  const text = words !== "" && x2 >= left && x1 <= right && (
    <text
      className={span.outcome === "failed" ? styles.failedWords : undefined}
      x={after ? Math.max(x2 + 7, left + 4) : x1 - 7}
      y={y + 18}
      textAnchor={after ? "start" : "end"}
    >
      {words}
    </text>
  );
  switch (span.kind) {
    case "task":
      return <rect className={styles.root} x={x1} y={y + 11} width={x2 - x1} height="6" rx="3" />;
    case "escalation":
      return <path className={styles.mark} d={`M${x1} ${y + 7}l7 12h-14z`} />;
    case "plan":
    case "note":
      return <rect className={styles.moment} x={x1 - 3} y={y + 11} width="6" height="6" rx="2" />;
    case "approval":
      return <Wait span={span} x1={x1} x2={x2} y={y} fill={paint.person} />;
    case "retry":
      return (
        <>
          <rect x={x1} y={y + 7} width={x2 - x1} height="14" rx="3" fill={paint.backoff} />
          {text}
        </>
      );
    default: {
      const parent = expandable && !isLeaf(span);
      const kind = span.outcome === "failed" ? "fail" : span.outcome === "open" ? "open" : span.kind;
      return (
        <>
          <rect
            className={styles.bar}
            data-kind={kind}
            data-parent={parent || undefined}
            x={x1}
            y={y + (parent ? 11 : 7)}
            width={x2 - x1}
            height={parent ? 6 : 14}
            rx="3"
          />
          {!parent && text}
        </>
      );
    }
  }
}

interface RepeatedProps {
  repeats: Repeats;
  y: number;
  axis: Axis;
  left: number;
  right: number;
}

/** A row of like work: each of them as a sliver of its own, as far as pixels can tell them apart, and what all of them come to. */
function Repeated({ repeats, y, axis, left, right }: RepeatedProps) {
  const { spans } = repeats;
  let path = "";
  let drawnTo = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    const x1 = Math.max(axis.x(span.startMs), drawnTo);
    const x2 = Math.max(x1 + 1, axis.x(span.endMs) - 0.5);
    if (x2 - drawnTo < 1.5) continue;
    path += `M${x1} ${y + 9}H${x2}V${y + 19}H${x1}Z`;
    drawnTo = x2 + 0.5;
  }
  return (
    <>
      <path className={styles.bar} data-kind={spans[0]?.kind} d={path} />
      <Sums
        words={sumWords(repeats).join(" · ")}
        x1={Math.max(left, axis.x(spans[0]?.startMs ?? 0))}
        x2={Math.min(right, drawnTo)}
        y={y}
        right={right}
      />
    </>
  );
}

/** Behind the slivers where there is room, else over them in a box of their own. */
function Sums({ words, x1, x2, y, right }: { words: string; x1: number; x2: number; y: number; right: number }) {
  const width = words.length * SMALL_CHARACTER_PX + 16;
  if (x2 + width < right)
    return (
      <text x={x2 + 7} y={y + 18}>
        {words}
      </text>
    );
  const x = Math.max(x1, Math.min((x1 + x2) / 2, right - width / 2 - 4) - width / 2);
  return (
    <>
      <rect className={styles.sumPill} x={x} y={y + 6} width={width} height="16" rx="8" />
      <text x={x + width / 2} y={y + 18} textAnchor="middle">
        {words}
      </text>
    </>
  );
}

function Wait({ span, x1, x2, y, fill }: { span: Span; x1: number; x2: number; y: number; fill: string }) {
  const words = formatDuration(span.endMs - span.startMs);
  const middle = (x1 + x2) / 2;
  const half = (words.length * 6.4 + 22) / 2;
  const inside = x2 - x1 > half * 2 + 8;
  return (
    <>
      <rect x={x1} y={y + 7} width={x2 - x1} height="14" rx="3" fill={fill} />
      {inside && <rect className={styles.waitPill} x={middle - half} y={y + 5} width={half * 2} height="18" rx="9" />}
      <text
        className={styles.waitWords}
        x={inside ? middle : x2 + 7}
        y={y + 18}
        textAnchor={inside ? "middle" : "start"}
      >
        {words}
      </text>
    </>
  );
}

function wordsOf(span: Span, expandable: boolean): string {
  if (span.outcome === "failed") return clip(span.exception?.type ?? span.exception?.message ?? "failed", 32);
  if (span.llm !== null) return undated(span.llm.model);
  return expandable && !isLeaf(span) ? "" : formatDuration(span.endMs - span.startMs);
}

/** A torn edge: both sides of a fold have the same teeth. */
function torn(x: number, top: number, height: number): string {
  let path = `M${x} ${top}`;
  for (let y = 7; y <= height; y += 14) path += `l4 7l-4 7`;
  return path;
}

/** The critical path as stairs under its bars, as far as the rows in sight. */
function staircase(path: readonly Span[], rows: readonly Row[], axis: Axis, from: number, to: number): string {
  const rowOf = new Map<Span, number>();
  for (const [index, { span, repeats }] of rows.entries())
    for (const each of repeats?.spans ?? [span]) rowOf.set(each, index);
  let drawn = "";
  let before: { x: number; row: number } | null = null;
  for (const span of path) {
    const row = visibleRow(span, rowOf);
    if (row === null) continue;
    const x1 = axis.x(span.startMs);
    const x2 = Math.max(x1 + 1, axis.x(span.endMs));
    const y = row * ROW_PX + 24;
    const inSight =
      (row >= from - 1 && row <= to) ||
      (before !== null && Math.min(row, before.row) <= to && Math.max(row, before.row) >= from);
    if (inSight)
      drawn += before === null ? `M${x1} ${y}H${x2}` : `M${before.x} ${before.row * ROW_PX + 24}V${y}L${x1} ${y}H${x2}`;
    before = { x: x2, row };
  }
  return drawn;
}

/** The row of a span, or of the folded one that holds it. */
function visibleRow(span: Span, rowOf: ReadonlyMap<Span, number>): number | null {
  for (let candidate: Span | null = span; candidate !== null; candidate = candidate.parent) {
    const row = rowOf.get(candidate);
    if (row !== undefined) return row;
  }
  return null;
}
