import type { SpanView } from "~/api/types";

/** Steps that say something side by side; plans and notes are told by the timeline. */
const KINDS: ReadonlySet<SpanView["kind"]> = new Set(["action", "llm_call", "approval", "escalation", "retry"]);
/** More steps than this are not aligned: nobody reads two such lists against each other. */
export const MOST_STEPS = 600;

/** One line: what both runs did, or one of them alone. */
export interface Pair {
  left: SpanView | null;
  right: SpanView | null;
}

function sameStep(a: SpanView, b: SpanView): boolean {
  return a.kind === b.kind && a.name === b.name && a.depth === b.depth;
}

/** The steps of two runs side by side: the longest sequence of steps that both have stays in step, what one alone did stands between. */
export function align(left: readonly SpanView[], right: readonly SpanView[]): Pair[] {
  const a = left.filter((span) => KINDS.has(span.kind)).slice(0, MOST_STEPS);
  const b = right.filter((span) => KINDS.has(span.kind)).slice(0, MOST_STEPS);
  const width = b.length + 1;
  // Lengths of the longest common sequences from each place on.
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = sameStep(a[i] as SpanView, b[j] as SpanView)
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && other !== undefined && sameStep(one, other)) {
      pairs.push({ left: one, right: other });
      i += 1;
      j += 1;
    } else if (one !== undefined && (other === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ left: one, right: null });
      i += 1;
    } else {
      pairs.push({ left: null, right: other ?? null });
      j += 1;
    }
  }
  return pairs;
}

/** How long a step took: by its end, else between start and end; null while it is open. */
export function tookOf(span: SpanView): number | null {
  if (span.duration_ms !== null) return span.duration_ms;
  return span.ended_at === null ? null : Date.parse(span.ended_at) - Date.parse(span.started_at);
}
