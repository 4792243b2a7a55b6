// @vitest-environment node
import { afterEach, describe, expect, test } from "vitest";
import type { CostSeries } from "~/api/types";
import { daysBetween, ofViewersDays, stack } from "./stack";

const usual = process.env.TZ;
afterEach(() => {
  if (usual === undefined) Reflect.deleteProperty(process.env, "TZ");
  else process.env.TZ = usual;
});

function days(...costs: [timestamp: string, cost: number][]): CostSeries {
  return {
    interval_seconds: 86_400,
    timeseries: costs.map(([timestamp, cost]) => ({ timestamp, cost, call_count: 1, tokens_in: 0, tokens_out: 0 })),
  } as unknown as CostSeries;
}
const iso = (at_ms: number) => new Date(at_ms).toISOString();

describe("days of a chart", () => {
  test("west of Greenwich begin at the viewer's midnight", () => {
    process.env.TZ = "America/Los_Angeles";
    // 22 November in Los Angeles is 08:00 UTC to 08:00 UTC.
    const series = days(["2026-11-22T08:00:00.000000Z", 2], ["2026-11-23T08:00:00.000000Z", 3]);
    expect(ofViewersDays(series)).toBe(true);
    const buckets = stack(series, new Map(), Date.parse("2026-11-22T08:00:00Z"), Date.parse("2026-11-24T08:00:00Z"));
    expect(buckets.map((bucket) => [iso(bucket.start_ms), bucket.total])).toEqual([
      ["2026-11-22T08:00:00.000Z", 2],
      ["2026-11-23T08:00:00.000Z", 3],
    ]);
  });

  test("half an hour off the full hour begin at the viewer's midnight, too", () => {
    process.env.TZ = "Asia/Kolkata";
    const series = days(["2026-11-21T18:30:00.000000Z", 5]);
    expect(ofViewersDays(series)).toBe(true);
    const buckets = stack(series, new Map(), Date.parse("2026-11-21T18:30:00Z"), Date.parse("2026-11-22T18:30:00Z"));
    expect(buckets.map((bucket) => [iso(bucket.start_ms), bucket.total])).toEqual([["2026-11-21T18:30:00.000Z", 5]]);
  });

  test("are 25 hours long where the clock is set back", () => {
    process.env.TZ = "America/Los_Angeles";
    // The clock went back on 1 November 2026: from UTC-7 to UTC-8.
    expect(daysBetween(Date.parse("2026-10-31T07:00:00Z"), Date.parse("2026-11-03T08:00:00Z")).map(iso)).toEqual([
      "2026-10-31T07:00:00.000Z",
      "2026-11-01T07:00:00.000Z",
      "2026-11-02T08:00:00.000Z",
    ]);
  });

  test("of a server that knows no zones are told as what they are", () => {
    process.env.TZ = "America/Los_Angeles";
    const series = days(["2026-11-22T00:00:00.000000Z", 2]);
    expect(ofViewersDays(series)).toBe(false);
    const [bucket] = stack(series, new Map(), Date.parse("2026-11-22T00:00:00Z"), Date.parse("2026-11-23T00:00:00Z"));
    expect([iso(bucket?.start_ms ?? 0), bucket?.total]).toEqual(["2026-11-22T00:00:00.000Z", 2]);
  });
});
