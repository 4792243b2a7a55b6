import type { Step } from "./steps";
import type { Span } from "./types";

/** What is inside of more than so many actions is not looked at further out: chains of thousands would cost as many squares. */
const LEVELS = 24;

/**
 * For each step the innermost action that it happened inside of and that others interrupt: where branches of a run go on at once the
 * story stands in order of time, and a step's place does not tell what it belongs to. Null where its place does.
 */
export function branchesOf(steps: readonly Step[]): (Span | null)[] {
  const seen = new Map<Span, { first: number; last: number; count: number }>();
  for (const [index, { span }] of steps.entries()) {
    for (const around of outwards(span)) {
      const known = seen.get(around);
      if (known === undefined) seen.set(around, { first: index, last: index, count: 1 });
      else {
        known.last = index;
        known.count += 1;
      }
    }
  }
  const isInterrupted = (span: Span) => {
    const known = seen.get(span);
    return known !== undefined && known.last - known.first + 1 > known.count;
  };
  return steps.map(({ span }) => {
    const [, ...around] = outwards(span);
    return around.find((action) => action.kind === "action" && isInterrupted(action)) ?? null;
  });
}

/** A span and what it is inside of, innermost first. */
function outwards(span: Span): Span[] {
  const around: Span[] = [];
  for (let at: Span | null = span; at !== null && at.kind !== "task" && around.length < LEVELS; at = at.parent)
    around.push(at);
  return around;
}
