import { expect, test } from "vitest";
import { newsSince, visitAt } from "./last-visit";

const HOUR_MS = 3_600_000;
const now_ms = 1_000 * HOUR_MS;

test("the first visit begins with the last day", () => {
  expect(newsSince(visitAt(null, now_ms), now_ms)).toBe(now_ms - 24 * HOUR_MS);
});

test("who comes back after a night reads what happened since they left", () => {
  const visits = visitAt({ before_ms: null, open_ms: now_ms - 9 * HOUR_MS }, now_ms);
  expect(newsSince(visits, now_ms)).toBe(now_ms - 9 * HOUR_MS);
});

test("a reload is the same visit", () => {
  const visits = visitAt({ before_ms: now_ms - 9 * HOUR_MS, open_ms: now_ms - 60_000 }, now_ms);
  expect(newsSince(visits, now_ms)).toBe(now_ms - 9 * HOUR_MS);
});
