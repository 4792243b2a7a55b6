import type { RunModel, Span } from "./types";

/** A line of the waterfall. */
export interface Row {
  span: Span;
  depth: number;
  expandable: boolean;
  expanded: boolean;
  /** The depth of the tries and pauses that it is one of, or is nested in; null outside of them. */
  retryDepth: number | null;
}

/** The waterfall's rows from the top: the tree, depth first, without what the reader folded. */
export function toRows(run: RunModel, folded: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  // A stack of its own: a chain of ten thousand nested actions must not overflow the engine's.
  const stack: { span: Span; depth: number; retryDepth: number | null }[] = [
    { span: run.root, depth: 0, retryDepth: null },
  ];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { span, depth } = item;
    const retryDepth = isRetried(span) ? depth : item.retryDepth;
    const expandable = span.children.length > 0;
    const expanded = expandable && !folded.has(span.id);
    rows.push({ span, depth, expandable, expanded, retryDepth });
    if (!expanded) continue;
    for (let index = span.children.length - 1; index >= 0; index -= 1)
      stack.push({ span: span.children[index] as Span, depth: depth + 1, retryDepth });
  }
  return rows;
}

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
