import type { CostSeries } from "~/api/types";
import { type Shade, shadeOf } from "./shades";

export interface StackPart {
  shade: Shade;
  cost: number;
}

/** One bucket of time: its parts from the bottom up. */
export interface StackBucket {
  start_ms: number;
  total: number;
  calls: number;
  parts: StackPart[];
  /** Cost by model, dearest first, for reading it out. */
  models: { model: string; cost: number }[];
}

const ORDER: readonly Shade[] = ["1", "3", "2", "4"];

/**
 * Puts the buckets of all models on one axis that covers the whole period, and models without a shade of their own into one part.
 *
 * @param since_ms start of the period, epoch milliseconds; @param until_ms its end
 */
export function stack(
  series: CostSeries,
  shades: ReadonlyMap<string, Shade>,
  since_ms: number,
  until_ms: number,
): StackBucket[] {
  const step_ms = series.interval_seconds * 1_000;
  const times = series.timeseries.map((bucket) => Date.parse(bucket.timestamp));
  if (step_ms <= 0) return [];
  // Buckets are aligned to UTC by their width, as the server's are.
  const first = Math.floor(since_ms / step_ms) * step_ms;
  const last = Math.floor((until_ms - 1) / step_ms) * step_ms;
  const buckets: StackBucket[] = Array.from({ length: Math.round((last - first) / step_ms) + 1 }, (_, index) => ({
    start_ms: first + index * step_ms,
    total: 0,
    calls: 0,
    parts: ORDER.map((shade) => ({ shade, cost: 0 })),
    models: [],
  }));
  series.timeseries.forEach((entry, index) => {
    const bucket = buckets[Math.round(((times[index] ?? first) - first) / step_ms)];
    const model = entry.model ?? "";
    const part = bucket?.parts.find((each) => each.shade === shadeOf(shades, model));
    if (bucket === undefined || part === undefined) return;
    part.cost += entry.cost;
    bucket.total += entry.cost;
    bucket.calls += entry.call_count;
    bucket.models.push({ model, cost: entry.cost });
  });
  for (const bucket of buckets) bucket.models.sort((a, b) => b.cost - a.cost);
  return buckets;
}

/** A round number at or above `value`, so that the axis ends on one. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}
