import type { PlacedBeat, StoryLayout } from "../model/layout";

/** The first node at or right of `x`: nodes are placed in order. */
export function firstFrom(beats: readonly PlacedBeat[], x: number): number {
  let low = 0;
  let high = beats.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((beats[middle] as PlacedBeat).x < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Below this many nodes everything is drawn: culling would cost more than it saves. */
const DRAW_ALL = 160;

/** The part of a story that a window from `left` to `right` shows, with one node's reach on either side. */
export function visiblePart(layout: StoryLayout, left: number, right: number): { from: number; to: number } {
  const { beats } = layout;
  if (beats.length <= DRAW_ALL) return { from: 0, to: beats.length };
  return {
    from: Math.max(0, firstFrom(beats, left - layout.reach) - 1),
    to: Math.min(beats.length, firstFrom(beats, right + layout.reach) + 1),
  };
}
