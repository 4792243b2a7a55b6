import type { ErrorChain } from "~/api/types";
import type { RunModel, Span } from "./types";

/** A link of the chain that led to a failure. `pause` is a back-off between two tries; `ended` is what it ended in turn. */
export interface ChainLink {
  span: Span;
  kind: "try" | "call" | "pause" | "handed" | "ended";
  attempt: number | null;
  /** How many links before it are left out. */
  leftOut?: number;
}

/** More links than this are no longer read; the first and the last ones tell the story. */
const LINKS_LIMIT = 12;
const FIRST_LINKS = 3;

/** What led to a failed span, as the server chained it: earlier tries and the pauses between them; and who was handed the matter. */
export function chainTo(run: RunModel, failed: Span): ChainLink[] {
  const chain = run.chains.find(({ links }) => links.some(({ event_id }) => run.byEvent.get(event_id) === failed));
  const tried = chain === undefined ? [] : linksOf(run, chain, failed);
  const links = tried.length > 1 ? withCalls(run, tried) : causes(run, failed);
  if (tried.length <= 1 && failed !== run.root) links.push({ span: failed, kind: "try", attempt: null });
  for (let above = failed.parent; above !== null && above !== run.root; above = above.parent)
    if (above.outcome === "failed") links.push({ span: above, kind: "ended", attempt: null });
  if (run.root.outcome === "failed" && (failed === run.root || endedTheRun(run, failed)))
    links.push({ span: run.root, kind: "ended", attempt: null });
  const after = run.spans.find((span) => span.kind === "escalation" && span.startMs >= failed.startMs);
  if (after !== undefined) links.push({ span: after, kind: "handed", attempt: null });
  if (links.length <= LINKS_LIMIT) return links;
  const [next, ...last] = links.slice(links.length - (LINKS_LIMIT - FIRST_LINKS));
  if (next === undefined) return links;
  return [...links.slice(0, FIRST_LINKS), { ...next, leftOut: links.length - LINKS_LIMIT }, ...last];
}

function linksOf(run: RunModel, chain: ErrorChain, failed: Span): ChainLink[] {
  const spans = [...new Set(chain.links.flatMap(({ event_id }) => run.byEvent.get(event_id) ?? []))];
  // What failed because of this failure, up to the task itself, is told where it stands.
  return spans
    .filter((span) => span !== run.root && (span === failed || !isInside(failed, span)))
    .map((span) => ({
      span,
      kind: span.kind === "retry" ? "pause" : "try",
      attempt: span.kind === "retry" ? null : span.attempt,
    }));
}

/** With what models were asked between the tries: their siblings. */
function withCalls(run: RunModel, tried: readonly ChainLink[]): ChainLink[] {
  const first = tried[0]?.span;
  const last = tried.at(-1)?.span;
  if (first === undefined || last === undefined) return [...tried];
  const calls = run.spans.filter(
    (span) =>
      span.kind === "llm" && span.parent === last.parent && span.startMs >= first.startMs && span.startMs <= last.endMs,
  );
  return [...tried, ...calls.map((span) => ({ span, kind: "call" as const, attempt: null }))].sort(
    (a, b) => a.span.startMs - b.span.startMs,
  );
}

/** Without retries: the failures inside of this one, innermost last, or for a task what failed last before it. */
function causes(run: RunModel, failed: Span): ChainLink[] {
  const inside = run.spans.filter(
    (span) => span.outcome === "failed" && span !== failed && (failed === run.root || isInside(span, failed)),
  );
  return inside.slice(-4).map((span) => ({ span, kind: "try" as const, attempt: null }));
}

function isInside(span: Span, ancestor: Span): boolean {
  for (let parent = span.parent; parent !== null; parent = parent.parent) if (parent === ancestor) return true;
  return false;
}

function isFailure(span: Span): boolean {
  return span.outcome === "failed" && span.kind !== "approval";
}

/** Whether the same exception: what it was called and what it said. */
export function sameException(a: Span, b: Span): boolean {
  return (
    (a.exception?.type ?? null) === (b.exception?.type ?? null) &&
    (a.exception?.message ?? null) === (b.exception?.message ?? null)
  );
}

/**
 * Whether a failure is what ended the run: it went up to the task by the same exception, or nothing was done after it. One that was
 * dealt with, and followed by other work, is not.
 */
function endedTheRun(run: RunModel, failed: Span): boolean {
  if (run.root.exception !== null && sameException(run.root, failed)) return true;
  let outermost = failed;
  for (let above = failed.parent; above !== null && above !== run.root; above = above.parent) {
    if (above.outcome !== "failed") return false;
    outermost = above;
  }
  return !run.spans.some(
    (span) =>
      span.startMs > outermost.endMs && (span.kind === "action" || span.kind === "llm" || span.kind === "retry"),
  );
}

/**
 * The failure that a failed run should be opened at: the innermost one of those that ended it, and where none did the task itself,
 * with its own exception.
 */
export function failureToShow(run: RunModel): Span | null {
  if (run.root.outcome !== "failed") return null;
  let found: Span | null = null;
  for (const span of run.spans) {
    if (!isFailure(span) || !endedTheRun(run, span)) continue;
    if (found === null || span.endMs > found.endMs || isInside(span, found)) found = span;
  }
  // The ends of nested failures are a hair apart, outermost last: the innermost of them says most.
  for (let deeper: Span | null = found; deeper !== null; ) {
    found = deeper;
    deeper = [...deeper.children].reverse().find(isFailure) ?? null;
  }
  return found ?? run.root;
}

/** What went wrong in a run, each thing once: an exception that passed through its parents and ended the task is one. */
export function failuresOf(run: RunModel): Span[] {
  const failures = run.spans.filter(isFailure);
  const passedOn = (span: Span) =>
    span.children.some((child) => isFailure(child) && (span.exception === null || sameException(span, child)));
  const own = failures.filter((span) => !passedOn(span));
  const root = run.root;
  const rootIsNews = root.outcome === "failed" && !failures.some((span) => endedTheRun(run, span));
  return rootIsNews ? [...own, root] : own;
}
