import { formatTokens } from "~/format/count";
import { formatMoney } from "~/format/money";
import { formatClock } from "~/format/time";
import type { Repeats } from "./repeats";

/** What a row comes to: all that is in it, at any depth. */
export interface RowSum {
  startMs: number;
  endMs: number;
  /** Null where nothing of it was reported. */
  costUsd: number | null;
  tokensIn: number | null;
  tokensOut: number | null;
}

/** The sum of what was reported in a row, its first and its last moment. Iterative: trees may be deep. */
export function sumOf({ spans }: Pick<Repeats, "spans">): RowSum {
  const sum: RowSum = {
    startMs: spans[0]?.startMs ?? 0,
    endMs: spans[0]?.endMs ?? 0,
    costUsd: null,
    tokensIn: null,
    tokensOut: null,
  };
  const waiting = [...spans];
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    sum.startMs = Math.min(sum.startMs, span.startMs);
    sum.endMs = Math.max(sum.endMs, span.endMs);
    sum.costUsd = plus(sum.costUsd, span.llm?.costUsd);
    sum.tokensIn = plus(sum.tokensIn, span.llm?.tokensIn);
    sum.tokensOut = plus(sum.tokensOut, span.llm?.tokensOut);
    for (const child of span.children) waiting.push(child);
  }
  return sum;
}

function plus(sum: number | null, figure: number | null | undefined): number | null {
  return figure === null || figure === undefined ? sum : (sum ?? 0) + figure;
}

const told = new WeakMap<Repeats, readonly string[]>();

/** What a row comes to, in words that stand beside its name in every look: its cost, its tokens, its first and last moment. */
export function sumWords(repeats: Repeats): readonly string[] {
  // Whoever lays out asks often.
  const known = told.get(repeats);
  if (known !== undefined) return known;
  const { startMs, endMs, costUsd, tokensIn, tokensOut } = sumOf(repeats);
  const words = [`${formatClock(startMs, startMs)}\u00a0–\u00a0${formatClock(endMs, startMs)}`];
  if (tokensIn !== null || tokensOut !== null) words.unshift(`${formatTokens(tokensIn)} → ${formatTokens(tokensOut)}`);
  if (costUsd !== null) words.unshift(formatMoney(costUsd));
  told.set(repeats, words);
  return words;
}
