import type { MetricsBucket } from "~/api/types";

/** More bars than this cannot be told apart in a small chart. */
const MOST_BARS = 40;

/** The figures of a bucket that the small charts draw. */
export type Bucket = Pick<
  MetricsBucket,
  "timestamp" | "tasks_completed" | "tasks_failed" | "cost" | "error_count" | "throughput" | "llm_call_count"
> & {
  /** Of joined buckets the longest: percentiles don't add up. */
  p95_duration_ms: number | null;
};

/** Joins neighbouring buckets, so many at a time that few enough remain. Counts and money add up. */
export function joinBuckets(buckets: readonly MetricsBucket[], atATime: number): Bucket[] {
  const joined: Bucket[] = [];
  for (let index = 0; index < buckets.length; index += atATime) {
    const part = buckets.slice(index, index + atATime);
    const [first] = part;
    if (first === undefined) break;
    joined.push({
      timestamp: first.timestamp,
      tasks_completed: sum(part, (bucket) => bucket.tasks_completed),
      tasks_failed: sum(part, (bucket) => bucket.tasks_failed),
      cost: sum(part, (bucket) => bucket.cost),
      error_count: sum(part, (bucket) => bucket.error_count),
      throughput: sum(part, (bucket) => bucket.throughput),
      llm_call_count: sum(part, (bucket) => bucket.llm_call_count),
      p95_duration_ms: longest(part),
    });
  }
  return joined;
}

/** How many buckets to join. */
export function atATime(count: number): number {
  return Math.max(1, Math.ceil(count / MOST_BARS));
}

function sum(buckets: readonly MetricsBucket[], figure: (bucket: MetricsBucket) => number): number {
  return buckets.reduce((total, bucket) => total + figure(bucket), 0);
}

function longest(buckets: readonly MetricsBucket[]): number | null {
  const known = buckets.flatMap((bucket) => bucket.p95_duration_ms ?? []);
  return known.length === 0 ? null : Math.max(...known);
}
