// @vitest-environment node
import { afterEach, describe, expect, test } from "vitest";
import { formatMoneyBy } from "./money";
import { roundTimes, scaleLines, timeStep } from "./steps";

test.each([
  [0.63, ["$0", "$0.20", "$0.40", "$0.60", "$0.80"]],
  [0.24, ["$0", "$0.10", "$0.20", "$0.30"]],
  [0.0062, ["$0", "$0.002", "$0.004", "$0.006", "$0.008"]],
  [96.4, ["$0", "$25", "$50", "$75", "$100"]],
  [4_100, ["$0", "$2,000", "$4,000", "$6,000"]],
  [1, ["$0", "$0.25", "$0.50", "$0.75", "$1.00"]],
])("the lines of a scale up to %s stand at round figures, all with the same digits", (most, labels) => {
  const lines = scaleLines(most);
  expect(lines.map((line) => formatMoneyBy(line, lines[1] ?? 1))).toEqual(labels);
});

test("of nothing there is a scale, too", () => expect(scaleLines(0)).toEqual([0, 1]));

test("marks stand at round times of the clock, wherever the period begins", () => {
  const from = new Date(2026, 10, 27, 23, 53).getTime();
  expect(roundTimes(from, from + 6 * 3_600_000, 6).map((mark) => new Date(mark).getMinutes())).toEqual([
    0, 0, 0, 0, 0, 0,
  ]);
  expect(roundTimes(from, from, 6)).toEqual([]);
});

describe("over days marks stand at the viewer's midnights", () => {
  const usual = process.env.TZ;
  afterEach(() => {
    if (usual === undefined) Reflect.deleteProperty(process.env, "TZ");
    else process.env.TZ = usual;
  });
  test.each(["UTC", "America/Los_Angeles", "Asia/Kolkata"])("in %s, also where the clock changes", (zone) => {
    process.env.TZ = zone;
    // In Los Angeles the clock is set back on 1 November.
    const from = Date.parse("2026-10-29T18:00:00Z");
    const marks = roundTimes(from, from + 7 * 86_400_000, 6).map((mark) => new Date(mark));
    expect(marks.map((mark) => mark.getHours() + mark.getMinutes())).toEqual(marks.map(() => 0));
    expect(marks.length).toBeGreaterThanOrEqual(3);
    expect(marks.length).toBeLessThan(8);
  });
});

test("a stretch of time is one that people count in", () => {
  expect([timeStep(156_000), timeStep(61_000), timeStep(4e9)]).toEqual([300_000, 120_000, 2_419_200_000]);
});
