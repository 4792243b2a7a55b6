import { groupRepeats, type Repeats } from "./repeats";
import type { RunModel, Span } from "./types";

/** A line of the waterfall. */
export interface Row {
  /** What it is folded by: the span's id, or that of a row of like ones. */
  key: string;
  /** The span; of a row of like ones the first. */
  span: Span;
  /** The row of like ones that it is, else null. */
  repeats: Repeats | null;
  depth: number;
  expandable: boolean;
  expanded: boolean;
  /** The depth of the tries and pauses that it is one of, or is nested in; null outside of them. */
  retryDepth: number | null;
}

/**
 * The waterfall's rows from the top: the tree, depth first, without what the reader folded. In a large run rows of like work are
 * one line each.
 *
 * @param toggled what the reader turned over: spans that are folded, rows of like ones that are not
 * @param shown a span that must be in sight: the row of like ones that it is in is not folded
 */
export function toRows(run: RunModel, toggled: ReadonlySet<string>, shown: Span | null = null): Row[] {
  const above = new Set<Span>();
  for (let span = shown; span !== null; span = span.parent) above.add(span);
  const rows: Row[] = [];
  // A stack of its own: a chain of ten thousand nested actions must not overflow the engine's.
  const stack: Waiting[] = [{ span: run.root, repeats: null, key: run.root.id, depth: 0, retryDepth: null }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { span, repeats, key, depth } = item;
    const retryDepth = isRetried(span) ? depth : item.retryDepth;
    if (repeats !== null) {
      const expanded = toggled.has(key) || repeats.spans.some((each) => above.has(each));
      rows.push({ key, span, repeats, depth, expandable: true, expanded, retryDepth });
      if (!expanded) continue;
      for (const each of repeats.spans.toReversed())
        stack.push({ span: each, repeats: null, key: each.id, depth: depth + 1, retryDepth });
      continue;
    }
    const expandable = span.children.length > 0;
    const expanded = expandable && !toggled.has(key);
    rows.push({ key, span, repeats, depth, expandable, expanded, retryDepth });
    if (!expanded) continue;
    for (const child of groupRepeats(span.children, run.spans.length).reverse())
      stack.push(
        "spans" in child
          ? { span: child.spans[0] as Span, repeats: child, key: child.key, depth: depth + 1, retryDepth }
          : { span: child, repeats: null, key: child.id, depth: depth + 1, retryDepth },
      );
  }
  return rows;
}

type Waiting = Pick<Row, "key" | "span" | "repeats" | "depth" | "retryDepth">;

const retriedParents = new WeakMap<Span, { fromMs: number; untilMs: number } | null>();

/** From the first failed try to the last one, under a parent in which things were tried again. */
function isRetried(span: Span): boolean {
  const { parent } = span;
  if (parent === null) return false;
  let bounds = retriedParents.get(parent);
  if (bounds === undefined) {
    const retries = parent.children.filter((child) => child.kind === "retry");
    const first = retries[0];
    const last = retries.at(-1);
    if (first === undefined || last === undefined) bounds = null;
    else {
      const before = parent.children.filter((child) => child.kind === "action" && child.startMs < first.startMs).at(-1);
      const after = parent.children.find((child) => child.kind === "action" && child.startMs > last.startMs);
      bounds = { fromMs: before?.startMs ?? first.startMs, untilMs: after?.startMs ?? last.startMs };
    }
    retriedParents.set(parent, bounds);
  }
  return bounds !== null && span.startMs >= bounds.fromMs && span.startMs <= bounds.untilMs;
}

/** Whether a span is work by itself, rather than the sum of what is in it. */
export function isLeaf(span: Span): boolean {
  return span.children.every((child) => child.kind === "note" || child.kind === "plan" || child.kind === "escalation");
}

/**
 * The chain of work that the run's length is made of: from its end backwards, always what ended last before that.
 * In order of time.
 */
export function criticalPath(run: RunModel): Span[] {
  const candidates = run.spans
    .filter(
      (span) =>
        span.endMs > span.startMs &&
        isLeaf(span) &&
        (span.kind === "action" || span.kind === "llm" || span.kind === "approval" || span.kind === "retry"),
    )
    .sort((a, b) => b.endMs - a.endMs || b.startMs - a.startMs);
  const path: Span[] = [];
  let untilMs = run.endMs;
  for (const span of candidates) {
    // A hair of overlap is how events are stamped, not work side by side.
    if (span.endMs > untilMs + 1) continue;
    path.push(span);
    untilMs = span.startMs;
  }
  return path.reverse();
}
