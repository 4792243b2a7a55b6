import { retryChains } from "./retries";
import type { RunModel, Span } from "./types";

/** A link of the chain that led to a failure. `pause` is a back-off between two tries. */
export interface ChainLink {
  span: Span;
  kind: "try" | "call" | "pause" | "handed" | "ended";
  attempt: number | null;
}

/** More links than this are no longer read; the first and the last ones tell the story. */
const LINKS_LIMIT = 12;

/** What led to a failed span: earlier tries, the pauses between them, what models said meanwhile, who was handed the matter. */
export function chainTo(run: RunModel, failed: Span): ChainLink[] {
  const holder = holderOf(failed);
  const links: ChainLink[] = [];
  if (holder !== null) {
    const chain = retryChains(holder).find(
      (each) =>
        each.first === failed ||
        each.attempts.some(({ work, retry }) => work === failed || retry === failed) ||
        holder === failed,
    );
    if (chain !== undefined) {
      if (chain.first !== null) links.push({ span: chain.first, kind: "try", attempt: 1 });
      const works = new Set([chain.first, ...chain.attempts.map(({ work }) => work)]);
      for (const child of holder.children) {
        if (child.startMs < (chain.first?.startMs ?? chain.startMs) || child.startMs > chain.endMs) continue;
        if (child.kind === "retry") links.push({ span: child, kind: "pause", attempt: null });
        else if (child !== chain.first && works.has(child))
          links.push({
            span: child,
            kind: "try",
            attempt: chain.attempts.find(({ work }) => work === child)?.number ?? null,
          });
        else if (child.kind === "llm") links.push({ span: child, kind: "call", attempt: null });
      }
    }
  }
  if (links.length === 0) links.push(...causes(run, failed));
  const after = run.spans.find((span) => span.kind === "escalation" && span.startMs >= failed.startMs);
  if (after !== undefined) links.push({ span: after, kind: "handed", attempt: null });
  if (links.length <= LINKS_LIMIT) return links;
  return [...links.slice(0, 3), ...links.slice(links.length - (LINKS_LIMIT - 3))];
}

/** The span whose children hold the tries that a failure belongs to. */
function holderOf(span: Span): Span | null {
  for (let candidate: Span | null = span; candidate !== null; candidate = candidate.parent)
    if (candidate.children.some((child) => child.kind === "retry")) return candidate;
  return null;
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

/** The failure that a failed run should be opened at: the innermost one that came last. */
export function failureToShow(run: RunModel): Span | null {
  if (run.root.outcome !== "failed") return null;
  let found: Span | null = null;
  for (const span of run.spans) {
    if (span.outcome !== "failed" || span.kind === "approval") continue;
    if (found === null || span.endMs > found.endMs || isInside(span, found)) found = span;
  }
  // The ends of nested failures are a hair apart, outermost last: the innermost of them says most.
  for (let deeper: Span | null = found; deeper !== null; ) {
    found = deeper;
    deeper =
      [...deeper.children].reverse().find((child) => child.outcome === "failed" && child.kind !== "approval") ?? null;
  }
  return found ?? run.root;
}
