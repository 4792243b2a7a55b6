import { describe, expect, it } from "vitest";
import type { MetricsBucket } from "~/api/types";
import { atATime, joinBuckets } from "./buckets";

describe("buckets", () => {
  const bucket = (minute: number): MetricsBucket => ({
    timestamp: new Date(minute * 60_000).toISOString(),
    tasks_completed: 1,
    tasks_failed: 2,
    cost: 0.5,
    error_count: 3,
    throughput: 3,
    llm_call_count: 4,
    avg_duration_ms: null,
    p50_duration_ms: null,
    p95_duration_ms: minute % 2 === 0 ? null : minute * 100,
    p99_duration_ms: null,
  });

  it("are joined so that few enough remain, and nothing is lost", () => {
    const fine = Array.from({ length: 61 }, (_, minute) => bucket(minute));
    const joined = joinBuckets(fine, atATime(fine.length));
    expect(joined).toHaveLength(31);
    expect(joined[1]).toMatchObject({
      timestamp: "1970-01-01T00:02:00.000Z",
      throughput: 6,
      cost: 1,
      llm_call_count: 8,
    });
    expect(joined[1]?.p95_duration_ms).toBe(300);
    expect(joined[30]?.p95_duration_ms).toBeNull();
    expect(joined.reduce((sum, each) => sum + each.error_count, 0)).toBe(61 * 3);
    expect(joinBuckets(fine.slice(0, 5), atATime(5))).toHaveLength(5);
  });
});
