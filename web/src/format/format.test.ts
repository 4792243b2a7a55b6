import { describe, expect, test } from "vitest";
import { formatAtLeast, formatCount, formatOrdinal, formatShare, formatTokens } from "./count";
import { formatAge, formatAgeShort, formatDuration } from "./duration";
import { formatMoney } from "./money";
import { formatBucket, formatDay, formatStretch, formatUtc } from "./time";

/** Figures and units are held together by no-break spaces; the tables below are easier to read without. */
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("durations", () => {
  test.each([
    [null, "–"],
    [0, "0 ms"],
    [0.4, "<1 ms"],
    [42, "42 ms"],
    [630, "0.63 s"],
    [994, "0.99 s"],
    [995, "1.0 s"],
    [38_400, "38.4 s"],
    [59_949, "59.9 s"],
    [59_960, "1m 00s"],
    [171_000, "2m 51s"],
    [3_840_000, "1h 04m"],
    [273_600_000, "3d 04h"],
    [-5, "0 ms"],
    [86_400_000 * 999, "999d 00h"],
    [86_400_000 * 1_096, "3 y"],
    [9_223_372_036_854_776, "292.3k y"],
  ])("%s ms reads %s", (duration_ms, text) => expect(plain(formatDuration(duration_ms))).toBe(text));
});

describe("ages", () => {
  test.each([
    [-3_000, "0 s", "0 s"],
    [12_400, "12 s", "12 s"],
    [461_000, "7m 41s", "7 min"],
    [7_500_000, "2h 05m", "2 h"],
    [190_000_000, "2d 04h", "2 d"],
    [217_900_000_000, "6.9 y", "6.9 y"],
  ])("%s ms ago", (age_ms, long, short) => {
    expect(plain(formatAge(age_ms))).toBe(long);
    expect(plain(formatAgeShort(age_ms))).toBe(short);
  });
});

describe("money keeps the digits that matter", () => {
  test.each([
    [null, "–"],
    [0, "$0"],
    [0.0000000375, "$0.0000000375"],
    [0.000062, "$0.000062"],
    [0.000138, "$0.000138"],
    [0.00001, "$0.00001"],
    [1e-12, "<$0.00000000001"],
    [0.0004, "$0.0004"],
    [0.0314, "$0.031"],
    [4.816, "$4.82"],
    [1_204.4, "$1,204"],
    [48_210, "$48.2k"],
    [0.9996, "$1.00"],
    [999_949, "$999.9k"],
    [999_960, "$1.0M"],
    [3_000_000, "$3.0M"],
    [999_960_000, "$1B"],
    [1_234_567_000_000, "$1,234.6B"],
    [-2.5, "−$2.50"],
  ])("%s reads %s", (dollars, text) => expect(formatMoney(dollars)).toBe(text));
});

test("calls of a ten-thousandth of a cent are told apart, and what ten thousand of them come to", () => {
  const amounts = [0.0000000375, 0.0000000374, 0.000062, 0.000138, 0.000375, 0.00038];
  expect(new Set(amounts.map(formatMoney)).size).toBe(amounts.length);
  expect(formatMoney(10_000 * 0.0000000375)).toBe("$0.000375");
});

describe("counts", () => {
  test.each([
    [null, "–"],
    [9_999, "9,999"],
    [29_400, "29.4k"],
    [999_949, "999.9k"],
    [999_950, "1M"],
    [1_800_000, "1.8M"],
    [2_000_000_000, "2G"],
    [3_400_000_000_000, "3.4T"],
    [45_035_996_273_704_000, "45,036T"],
  ])("%s reads %s", (count, text) => expect(formatCount(count)).toBe(text));
  test("tokens are counted in thousands early", () => {
    expect([96, 1_800, 29_400].map(formatTokens)).toEqual(["96", "1.8k", "29.4k"]);
  });
  test("shares", () =>
    expect([0.941, 1, 0, null].map((share) => plain(formatShare(share)))).toEqual(["94.1 %", "100 %", "0 %", "–"]));
  test("a share is all of them or none of them only where it is", () =>
    expect([0.9994, 0.99951, 0.999999, 0.000001, 0.0006].map((share) => plain(formatShare(share)))).toEqual([
      "99.9 %",
      ">99.9 %",
      ">99.9 %",
      "<0.1 %",
      "0.1 %",
    ]));
  test("what was counted up to a bound says so", () =>
    expect([formatAtLeast(200, true), formatAtLeast(12_300, true), formatAtLeast(7, false)]).toEqual([
      "200+",
      "12.3k+",
      "7",
    ]));
  test("ordinals", () =>
    expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(formatOrdinal)).toEqual([
      "1st",
      "2nd",
      "3rd",
      "4th",
      "11th",
      "12th",
      "13th",
      "21st",
      "112th",
    ]));
});

test("a stretch of time names the days that are not today", () => {
  const at = (day: number, hour: number, year = 2026) => new Date(year, 10, day, hour, 5).getTime();
  const now_ms = at(27, 16);
  const day = (text: string) => text.replace(/[A-Z][a-z]{2}\.? \d+|\d+ [A-Z][a-z]{2}/g, "DAY");
  expect(day(formatStretch(at(27, 14), at(27, 15), now_ms))).toBe("14:05 – 15:05");
  expect(day(formatStretch(at(22, 14), at(22, 15), now_ms))).toBe("DAY 14:05 – 15:05");
  expect(day(formatStretch(at(22, 14), at(23, 15), now_ms))).toBe("DAY 14:05 – DAY 15:05");
  expect(day(formatStretch(at(26, 23), at(27, 1), now_ms))).toBe("DAY 23:05 – 01:05");
  expect(formatStretch(at(22, 14, 2019), at(27, 15), now_ms)).toContain("2019");
  expect(formatStretch("abc", now_ms)).toBe("–");
});

test("the exact instant keeps its microseconds", () => {
  expect(formatUtc("2026-11-22T14:29:47.120345Z")).toBe("2026-11-22 14:29:47.120345 UTC");
  expect(formatUtc("not a time")).toBe("–");
});

test("a bucket of a chart says its day where that is not today, and that it is not over", () => {
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
  const now_ms = at(28, 12);
  expect(formatBucket(at(28, 11), at(28, 11, 15), { now_ms })).toBe("11:00 – 11:15");
  expect(formatBucket(at(28, 11, 45), at(28, 12, 15), { now_ms, isRunning: true })).toBe("11:45 – now");
  expect(formatBucket(at(27, 23, 50), at(28, 0, 5), { now_ms })).toMatch(/27.* 23:50 – 00:05$/);
  expect(formatBucket(at(26, 0), at(27, 0), { now_ms })).toBe(formatDay(at(26, 0), now_ms));
  expect(formatBucket(at(24, 0), at(27, 0), { now_ms })).toBe(`${formatDay(at(24, 0))} – ${formatDay(at(26, 0))}`);
  expect(formatBucket(at(25, 4), at(26, 4), { now_ms })).toMatch(/25.* 04:00 – .*26.* 04:00$/);
});
