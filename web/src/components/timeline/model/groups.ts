import { fitted, SMALL_CHARACTER_PX } from "./names";
import type { Step } from "./steps";
import type { Span } from "./types";

/** Steps of the story that happened inside of an action, behind its own: from one place to another, both included. */
export interface Group {
  span: Span;
  from: number;
  to: number;
  /** 0 for the outermost. */
  level: number;
}

export interface PlacedGroup {
  span: Span;
  x1: number;
  x2: number;
  top: number;
  bottom: number;
  label: string;
}

/** Deeper ones are not drawn: the waterfall tells them. */
const LEVELS = 2;
/** The room that a level takes above the line. */
export const LEVEL_PX = 16;

/** The action that a step begins: a first try that stands for its action is inside of it. */
function ownerOf({ shape, span, name }: Step): Span | null {
  if (shape !== "action") return null;
  if (span.kind !== "action") return null;
  const merged = span.attempt === 1 && span.parent?.kind === "action" && span.parent.name === name;
  return merged ? span.parent : span;
}

function isInside(span: Span, ancestor: Span): boolean {
  for (let above = span.parent; above !== null; above = above.parent) if (above === ancestor) return true;
  return false;
}

/** Which steps stand inside of which actions: the story puts them side by side, and would not tell. */
export function groupSteps(steps: readonly Step[]): Group[] {
  const groups: Group[] = [];
  let open: Group[] = [];
  for (const [index, step] of steps.entries()) {
    open = open.filter((group) => isInside(step.span, group.span));
    for (const group of open) group.to = index;
    const span = ownerOf(step);
    if (span === null || open.length >= LEVELS) continue;
    const group = { span, from: index, to: index, level: open.length };
    groups.push(group);
    open.push(group);
  }
  return groups.filter((group) => group.to > group.from);
}

/** How many levels of them there are. */
export function levelsOf(groups: readonly Group[]): number {
  return groups.reduce((most, { level }) => Math.max(most, level + 1), 0);
}

/** Frames around the steps of each group, with room for its name above. */
export function placeGroups(groups: readonly Group[], at: readonly { x: number; y: number }[]): PlacedGroup[] {
  const levels = levelsOf(groups);
  return groups.map(({ span, from, to, level }) => {
    const inside = at.slice(from, to + 1);
    const around = levels - level;
    const x1 = (inside[0]?.x ?? 0) - 19 - 3 * (around - 1);
    const x2 = (inside.at(-1)?.x ?? 0) + 19 + 3 * (around - 1);
    const line = inside[0]?.y ?? 0;
    return {
      span,
      x1,
      x2,
      top: line - 30 - LEVEL_PX * around,
      bottom: Math.max(...inside.map(({ y }) => y)) + 17 + 3 * around,
      label: fitted(
        span.name,
        Math.max(4, Math.floor((x2 - x1 - (span.outcome === "failed" ? 54 : 14)) / SMALL_CHARACTER_PX)),
      ),
    };
  });
}
