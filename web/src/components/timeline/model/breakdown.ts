import type { RunModel, Span } from "./types";

/** Where a run's time went, milliseconds; the parts add up to the run's length. */
export interface Breakdown {
  llm_ms: number;
  actions_ms: number;
  waiting_ms: number;
  backoff_ms: number;
  other_ms: number;
}

/** What counts where several things went on at once, as the server counts it. */
const PRIORITY = ["waiting_ms", "backoff_ms", "llm_ms", "actions_ms"] as const;

function partOf(span: Span): (typeof PRIORITY)[number] | null {
  if (span.kind === "approval") return "waiting_ms";
  if (span.kind === "llm") return "llm_ms";
  if (span.kind === "retry") return "backoff_ms";
  return span.kind === "action" ? "actions_ms" : null;
}

/** Splits a run's time among its kinds of work, every moment counted once. For runs that still grow; ended ones have the server's. */
export function breakDown(run: RunModel): Breakdown {
  const edges: { atMs: number; part: number; step: 1 | -1 }[] = [];
  for (const span of run.spans) {
    const part = partOf(span);
    if (part === null || span.endMs <= span.startMs) continue;
    const index = PRIORITY.indexOf(part);
    edges.push(
      { atMs: span.startMs, part: index, step: 1 },
      { atMs: Math.min(span.endMs, run.endMs), part: index, step: -1 },
    );
  }
  edges.sort((a, b) => a.atMs - b.atMs);
  const sums = [0, 0, 0, 0];
  const running = [0, 0, 0, 0];
  let lastMs = run.startMs;
  for (const edge of edges) {
    const now = running.findIndex((count) => count > 0);
    if (now >= 0) sums[now] = (sums[now] ?? 0) + (edge.atMs - lastMs);
    lastMs = edge.atMs;
    running[edge.part] = (running[edge.part] ?? 0) + edge.step;
  }
  const [waiting = 0, backoff = 0, llm = 0, actions = 0] = sums;
  const other = Math.max(0, run.endMs - run.startMs - waiting - llm - backoff - actions);
  return { llm_ms: llm, actions_ms: actions, waiting_ms: waiting, backoff_ms: backoff, other_ms: other };
}
