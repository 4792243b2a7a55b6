import { timeStep } from "~/format/steps";
import { isLeaf } from "./rows";
import type { RunModel } from "./types";

/** A part of the time axis: drawn to scale, or folded to a fixed width. */
export interface AxisPart {
  fromMs: number;
  untilMs: number;
  folded: boolean;
  x1: number;
  x2: number;
}

export interface Tick {
  x: number;
  atMs: number;
}

export interface Axis {
  parts: AxisPart[];
  /** The x of an instant. */
  x: (atMs: number) => number;
  ticks: Tick[];
  pxPerMs: number;
}

/** Gaps longer than this in which only a person or a timer ran may be folded. */
const FOLD_ABOVE_MS = 60_000;
const FOLD_PX = 92;
/** Left unfolded on either side of a gap, as a share of the unfolded time. */
const SHOULDER = 0.015;
const PADDING_PX = 10;
const TICK_PX = 76;

/** Kinds of spans that show that something worked: who notes how far it got is at it. */
const WORKING: ReadonlySet<RunModel["root"]["kind"]> = new Set(["action", "llm", "note"]);

/** The stretches in which nothing worked: nobody but a person or a timer. */
export function idleGaps(run: RunModel): { fromMs: number; untilMs: number }[] {
  const busy = run.spans
    .filter((span) => WORKING.has(span.kind) && isLeaf(span))
    .map(({ startMs, endMs }) => ({ startMs, endMs }))
    .sort((a, b) => a.startMs - b.startMs);
  const gaps: { fromMs: number; untilMs: number }[] = [];
  let untilMs = run.startMs;
  for (const span of [...busy, { startMs: run.endMs, endMs: run.endMs }]) {
    if (span.startMs - untilMs > FOLD_ABOVE_MS) gaps.push({ fromMs: untilMs, untilMs: span.startMs });
    untilMs = Math.max(untilMs, span.endMs);
  }
  return gaps;
}

/**
 * Lays the run's time out on `width` pixels, enlarged by `zoom`; waits are folded when asked. Both sides of a fold have one scale.
 */
export function timeAxis(run: RunModel, width: number, zoom: number, foldWaits: boolean): Axis {
  const totalMs = Math.max(1, run.endMs - run.startMs);
  const idle = foldWaits ? idleGaps(run) : [];
  const workedMs = totalMs - idle.reduce((sum, gap) => sum + gap.untilMs - gap.fromMs, 0);
  // Where it did nothing but wait, the wait is all there is to be seen.
  const gaps = workedMs > 1 ? idle : [];
  const openMs = Math.max(1, workedMs);
  const shoulderMs = openMs * SHOULDER;
  const folds = gaps
    .map((gap) => ({
      fromMs: gap.fromMs + Math.min(shoulderMs, (gap.untilMs - gap.fromMs) / 4),
      untilMs: gap.untilMs - Math.min(shoulderMs, (gap.untilMs - gap.fromMs) / 4),
    }))
    // At a closer look a fold that would be wider than its gap helps nobody.
    .filter((fold) => fold.untilMs > fold.fromMs);
  const drawnMs = Math.max(1, totalMs - folds.reduce((sum, fold) => sum + fold.untilMs - fold.fromMs, 0));
  const room = Math.max(80, width - 2 * PADDING_PX - folds.length * FOLD_PX);
  const pxPerMs = (room * zoom) / drawnMs;

  const parts: AxisPart[] = [];
  let atMs = run.startMs;
  let x = PADDING_PX;
  const add = (untilMs: number, folded: boolean) => {
    const x2 = x + (folded ? FOLD_PX : (untilMs - atMs) * pxPerMs);
    parts.push({ fromMs: atMs, untilMs, folded, x1: x, x2 });
    atMs = untilMs;
    x = x2;
  };
  for (const fold of folds) {
    add(fold.fromMs, false);
    add(fold.untilMs, true);
  }
  add(run.endMs, false);
  return { parts, x: positionOn(parts), ticks: ticksOf(parts, run.startMs, pxPerMs), pxPerMs };
}

function positionOn(parts: readonly AxisPart[]): (atMs: number) => number {
  return (atMs) => {
    const part = parts.find((candidate) => atMs <= candidate.untilMs) ?? parts.at(-1);
    if (part === undefined) return 0;
    const length = part.untilMs - part.fromMs;
    const share = length <= 0 ? 0 : Math.max(0, (atMs - part.fromMs) / length);
    return part.x1 + Math.min(1, share) * (part.x2 - part.x1);
  };
}

function ticksOf(parts: readonly AxisPart[], startMs: number, pxPerMs: number): Tick[] {
  const stepMs = timeStep(TICK_PX / pxPerMs);
  const ticks: Tick[] = [];
  for (const part of parts) {
    if (part.folded) continue;
    const first = Math.ceil((part.fromMs - startMs) / stepMs) * stepMs;
    for (let offsetMs = first; offsetMs <= part.untilMs - startMs && ticks.length < 2_000; offsetMs += stepMs) {
      const x = part.x1 + (offsetMs + startMs - part.fromMs) * pxPerMs;
      const nearFold = parts.some((other) => other.folded && x > other.x1 - 26 && x < other.x2 + 26);
      if (!nearFold) ticks.push({ x, atMs: offsetMs });
    }
  }
  return ticks;
}
