import { expect, test } from "vitest";
import type { Metrics } from "~/api/types";
import { throughput } from "./measures";

const of = (ended: number, minutes: number) => {
  const metrics = { timeseries: [{ throughput: ended }] } as unknown as Metrics;
  return throughput({ metrics, lengthMs: minutes * 60_000 });
};

test("sum, scale and buckets of a rate are told in one unit", () => {
  const week = of(49, 7 * 24 * 60);
  expect([week.whole({} as Metrics, 0), week.format(49, 360), week.format(0, 360)]).toEqual([
    "0.3 / h",
    "8.2 / h",
    "0 / h",
  ]);
  const hour = of(258, 60);
  expect([hour.whole({} as Metrics, 0), hour.format(10, 1.5), hour.format(0.1, 1.5)]).toEqual([
    "4.3 / min",
    "6.7 / min",
    "0.07 / min",
  ]);
  expect(of(0, 60).whole({} as Metrics, 0)).toBe("0 / min");
  expect(of(5, 60).whole({} as Metrics, 0)).toBe("5 / h");
  expect(throughput({ metrics: undefined, lengthMs: 60_000 }).format(null, 1)).toBe("–");
});
