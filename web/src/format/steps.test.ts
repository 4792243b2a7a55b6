import { expect, test } from "vitest";
import { formatMoneyBy } from "./money";
import { roundMarks, scaleLines, timeStep } from "./steps";

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
  const at = new Date(2026, 10, 27, 23, 50).getTime();
  const starts = Array.from({ length: 72 }, (_, index) => at + index * 300_000);
  expect(roundMarks(starts, 6).map((mark) => new Date(mark).getMinutes())).toEqual([0, 0, 0, 0, 0, 0]);
});

test("over days marks stand at midnight", () => {
  const at = new Date(2026, 10, 21, 6, 0).getTime();
  const starts = Array.from({ length: 168 }, (_, index) => at + index * 3_600_000);
  const marks = roundMarks(starts, 6).map((mark) => new Date(mark));
  expect(marks.map((mark) => mark.getHours())).toEqual(marks.map(() => 0));
  expect(marks.length).toBeGreaterThan(3);
  expect(marks.length).toBeLessThan(8);
});

test("where no bucket begins at a round time, every n-th has a mark", () => {
  const at = new Date(2026, 10, 27, 0, 7).getTime();
  const starts = Array.from({ length: 12 }, (_, index) => at + index * 3_600_000);
  expect(roundMarks(starts, 6)).toHaveLength(6);
  expect(roundMarks([], 6)).toEqual([]);
});

test("a stretch of time is one that people count in", () => {
  expect([timeStep(156_000), timeStep(61_000), timeStep(4e9)]).toEqual([300_000, 120_000, 2_419_200_000]);
});
