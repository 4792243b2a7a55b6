import type { Span } from "./types";

/** One go at something, after a retry was announced. */
export interface Attempt {
  retry: Span;
  /** The tracked work of this go, or null when the agent did not track it by itself. */
  work: Span | null;
  startMs: number;
  endMs: number;
  number: number;
}

/** A failure and the goes that followed it, up to the one that ended it. */
export interface RetryChain {
  parent: Span;
  /** What failed first, or null when that was not tracked. */
  first: Span | null;
  attempts: Attempt[];
  startMs: number;
  endMs: number;
}

/** Instants closer than this are one: a parent's and its first child's start. */
export const SAME_MOMENT_MS = 250;

/** Reads which of a span's children are retries of which. Pure; children are in order of start. */
export function retryChains(parent: Span): RetryChain[] {
  const retries = parent.children.filter((child) => child.kind === "retry");
  if (retries.length === 0) return [];
  const works = parent.children.filter((child) => child.kind === "action" || child.kind === "llm");
  const chains: RetryChain[] = [];
  let cursor = 0;
  for (const [index, retry] of retries.entries()) {
    while (cursor < works.length && (works[cursor] as Span).startMs < retry.startMs) cursor += 1;
    const untilMs = retries[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    const last = chains.at(-1);
    const joins = last !== undefined && continues(last, retry, works, cursor);
    const first = joins ? last.first : lastFailed(works, cursor);
    const work = findWork(works, cursor, untilMs, first?.name ?? null);
    const attempt: Attempt = {
      retry,
      work,
      startMs: work?.startMs ?? retry.endMs,
      endMs: work?.endMs ?? Math.max(retry.endMs, Math.min(untilMs, parent.endMs)),
      number: retry.attempt ?? (joins ? last.attempts.length + 2 : 2),
    };
    if (joins) {
      last.attempts.push(attempt);
      last.endMs = attempt.endMs;
    } else {
      chains.push({ parent, first, attempts: [attempt], startMs: retry.startMs, endMs: attempt.endMs });
    }
  }
  return chains;
}

function lastFailed(works: Span[], before: number): Span | null {
  for (let index = before - 1; index >= 0 && index >= before - 8; index -= 1) {
    const work = works[index] as Span;
    if (work.outcome === "failed") return work;
  }
  return null;
}

/** A retry goes on with a chain unless that chain's last go went well. */
function continues(chain: RetryChain, retry: Span, works: Span[], cursor: number): boolean {
  const last = chain.attempts.at(-1);
  if (last === undefined) return false;
  if (last.work === null) {
    // Untracked goes: anything that succeeded in between was something else.
    const between = works[cursor - 1];
    return between === undefined || between.startMs < last.retry.startMs;
  }
  return last.work.outcome === "failed" || last.work.endMs > retry.startMs;
}

/** The work that a retry announced: the same name first, else whatever came next before the next retry. */
function findWork(works: Span[], from: number, untilMs: number, name: string | null): Span | null {
  let next: Span | null = null;
  for (let index = from; index < works.length; index += 1) {
    const work = works[index] as Span;
    if (work.startMs >= untilMs) break;
    if (name === null || work.name === name) return work;
    next ??= work;
    if (index - from > 12) break;
  }
  return next;
}
