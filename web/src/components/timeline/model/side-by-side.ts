import type { Repeats } from "./repeats";
import type { TaleLine } from "./transcript";
import type { Span } from "./types";

export type Item = Span | Repeats;

export function firstOf(item: Item): Span {
  return "spans" in item ? (item.spans[0] as Span) : item;
}

function endOf(item: Item): number {
  return "spans" in item ? Math.max(...item.spans.map((span) => span.endMs)) : item.endMs;
}

/**
 * Siblings in groups: those of one began while another that shows what is inside of it went on. Everything else is by itself.
 *
 * @param isOpened whether more than one line tells of it
 */
export function sideBySide(items: readonly Item[], isOpened: (item: Item) => boolean): Item[][] {
  const groups: Item[][] = [];
  let openUntilMs = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const last = groups.at(-1);
    if (last !== undefined && firstOf(item).startMs < openUntilMs) last.push(item);
    else {
      groups.push([item]);
      openUntilMs = Number.NEGATIVE_INFINITY;
    }
    if (isOpened(item)) openUntilMs = Math.max(openUntilMs, endOf(item));
  }
  // A question that waits while nothing else is opened is told as ever: its answer comes when it came.
  return groups.flatMap((group) =>
    group.length > 1 && group.some(isBranch(isOpened)) ? [group] : group.map((item) => [item]),
  );
}

function isBranch(isOpened: (item: Item) => boolean): (item: Item) => boolean {
  return (item) => isOpened(item) && ("spans" in item || item.kind !== "approval");
}

/** The lines of branches in order of time; those inside of a branch say of which, where another was told in between. */
export function inOrderOfTime(
  branches: readonly { name: string; lines: readonly TaleLine[] }[],
  depth: number,
): TaleLine[] {
  const timed = branches.flatMap((branch) => {
    const times = timesOf(branch.lines);
    return branch.lines.map((line, index) => ({ line, atMs: times[index] as number, branch }));
  });
  timed.sort((a, b) => a.atMs - b.atMs);
  let before: object | null = null;
  return timed.map(({ line, branch }) => {
    const says = line.kind === "sentence" && line.branch === null && line.depth > depth && branch !== before;
    before = branch;
    return says ? { ...line, branch: branch.name } : line;
  });
}

/** When each line is to be told: a pause comes with what it leads to. Times never fall within a branch. */
function timesOf(lines: readonly TaleLine[]): number[] {
  const times: number[] = [];
  let nextMs = Number.POSITIVE_INFINITY;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] as TaleLine;
    if (line.kind === "sentence") nextMs = Math.min(nextMs, line.atMs);
    times[index] = Number.isFinite(nextMs) ? nextMs : line.span.endMs;
  }
  return times;
}
