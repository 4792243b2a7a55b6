import type { PlacedStep, StoryLayout } from "../model/layout";

/** The first node at or right of `x`: nodes are placed in order. */
export function firstFrom(steps: readonly PlacedStep[], x: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as PlacedStep).x < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Below this many nodes everything is drawn: culling would cost more than it saves. */
const DRAW_ALL = 160;

/** The part of a story that a window from `left` to `right` shows, with one node's reach on either side. */
export function visiblePart(layout: StoryLayout, left: number, right: number): { from: number; to: number } {
  const { steps } = layout;
  if (steps.length <= DRAW_ALL) return { from: 0, to: steps.length };
  return {
    from: Math.max(0, firstFrom(steps, left - layout.reach) - 1),
    to: Math.min(steps.length, firstFrom(steps, right + layout.reach) + 1),
  };
}
