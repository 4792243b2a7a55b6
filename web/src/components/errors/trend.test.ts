import { expect, test } from "vitest";
import { byTheHour, countedHours } from "./trend";

const HOUR_MS = 3_600_000;
const counts = Array.from({ length: 24 }, (_, index) => (index === 1 ? 40 : index === 22 ? 100 : 0));

test("a trend has no finer stretches than failures are counted by", () => {
  expect(byTheHour(counts, 6 * HOUR_MS)).toEqual([40, 0, 0, 0, 0, 100]);
  expect(byTheHour(counts, 24 * HOUR_MS)).toEqual(counts);
  expect(byTheHour(counts, 30 * 24 * HOUR_MS)).toEqual(counts);
});

test("an hour or two show no trend", () => {
  expect(byTheHour(counts, HOUR_MS)).toEqual([]);
  expect(byTheHour([], 24 * HOUR_MS)).toEqual([]);
});

test("of a short time the whole hours are named that are counted, of a long one they are not seen", () => {
  const at = (time: string) => Date.parse(`2026-11-28T${time}Z`);
  expect(countedHours(at("13:20:00"), at("14:20:00"))).toEqual({ since_ms: at("13:00:00"), until_ms: at("15:00:00") });
  expect(countedHours(at("13:20:00") - 7 * 24 * HOUR_MS, at("13:20:00"))).toBeNull();
});
