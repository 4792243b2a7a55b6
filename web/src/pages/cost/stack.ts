import type { CostSeries, Dimension } from "~/api/types";
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
  /** Cost by what it is stacked by, dearest first, for reading it out. */
  values: { value: string; cost: number }[];
}

const ORDER: readonly Shade[] = ["1", "3", "2", "4"];

/**
 * Puts the buckets of all series on one axis that covers the whole period, and those without a shade of their own into one part.
 *
 * @param since_ms start of the period, epoch milliseconds; @param until_ms its end
 */
export function stack(
  series: CostSeries,
  shades: ReadonlyMap<string, Shade>,
  since_ms: number,
  until_ms: number,
  dimension: Dimension = "model",
): StackBucket[] {
  const step_ms = series.interval_seconds * 1_000;
  if (step_ms <= 0) return [];
  const starts = ofViewersDays(series) ? daysBetween(since_ms, until_ms) : alignedStarts(step_ms, since_ms, until_ms);
  const buckets: StackBucket[] = starts.map((start_ms) => ({
    start_ms,
    total: 0,
    calls: 0,
    parts: ORDER.map((shade) => ({ shade, cost: 0 })),
    values: [],
  }));
  for (const entry of series.timeseries) {
    const bucket = buckets[placeOf(Date.parse(entry.timestamp), starts)];
    const value = entry.is_other ? "the others" : (entry[dimension] ?? "");
    const part = bucket?.parts.find((each) => each.shade === (entry.is_other ? "4" : shadeOf(shades, value)));
    if (bucket === undefined || part === undefined) continue;
    part.cost += entry.cost;
    bucket.total += entry.cost;
    bucket.calls += entry.call_count;
    bucket.values.push({ value, cost: entry.cost });
  }
  for (const bucket of buckets) bucket.values.sort((a, b) => b.cost - a.cost);
  return buckets;
}

const DAY_SECONDS = 86_400;

/** Whether the buckets are days of the viewer's zone; else they are aligned to UTC, and are named so. */
export function ofViewersDays({ interval_seconds, timeseries }: CostSeries): boolean {
  return interval_seconds === DAY_SECONDS && timeseries.every(({ timestamp }) => isMidnight(Date.parse(timestamp)));
}

function isMidnight(at_ms: number): boolean {
  return startOfDay(at_ms) === at_ms;
}

function startOfDay(at_ms: number): number {
  const date = new Date(at_ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** The first moments of the viewer's days; a day on which the clock changes is an hour longer or shorter. */
export function daysBetween(since_ms: number, until_ms: number): number[] {
  const starts: number[] = [];
  for (let start = startOfDay(since_ms); start < until_ms; ) {
    starts.push(start);
    const date = new Date(start);
    start = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
  }
  return starts;
}

function alignedStarts(step_ms: number, since_ms: number, until_ms: number): number[] {
  const first = Math.floor(since_ms / step_ms) * step_ms;
  const last = Math.floor((until_ms - 1) / step_ms) * step_ms;
  return Array.from({ length: Math.round((last - first) / step_ms) + 1 }, (_, index) => first + index * step_ms);
}

/** The bucket in which a moment lies; -1 before the first. */
function placeOf(at_ms: number, starts: readonly number[]): number {
  let place = -1;
  for (let index = 0; index < starts.length && (starts[index] ?? Number.POSITIVE_INFINITY) <= at_ms; index += 1)
    place = index;
  return place;
}
