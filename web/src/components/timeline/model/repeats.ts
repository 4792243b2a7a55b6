import type { Span } from "./types";

/** A row of like work: the same again and again, all of it done. */
export interface Repeats {
  key: string;
  spans: readonly Span[];
}

/** So many of a kind in a row are one line until somebody asks for them. */
const LEAST_REPEATS = 6;
/** Runs below this size are read whole. */
const LARGE_RUN_SPANS = 60;

/** The children of a span in order, with rows of like work put together where a run is large. */
export function groupRepeats(children: readonly Span[], runSpans: number): (Span | Repeats)[] {
  if (runSpans < LARGE_RUN_SPANS) return [...children];
  const items: (Span | Repeats)[] = [];
  for (let index = 0; index < children.length; ) {
    const first = children[index] as Span;
    let end = index + 1;
    if (isRepeatable(first)) while (end < children.length && isLike(first, children[end] as Span)) end += 1;
    const spans = children.slice(index, end);
    if (spans.length >= LEAST_REPEATS) items.push({ key: `repeats:${first.id}`, spans });
    else items.push(...spans);
    index = end;
  }
  return items;
}

function isRepeatable(span: Span): boolean {
  return (span.kind === "action" || span.kind === "llm") && span.outcome === "done" && span.attempt === null;
}

function isLike(first: Span, other: Span): boolean {
  return isRepeatable(other) && other.kind === first.kind && other.name === first.name;
}
