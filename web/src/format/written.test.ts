import { afterEach, expect, test } from "vitest";
import { readWrittenTime } from "./written";

const NOW = Date.parse("2026-11-26T12:00:00Z");
const zone = process.env.TZ;

afterEach(() => {
  process.env.TZ = zone;
});

for (const viewer of ["America/Los_Angeles", "Asia/Kolkata", "UTC"]) {
  test(`a time without a zone is shown as written and not shifted by the viewer's, seen from ${viewer}`, () => {
    process.env.TZ = viewer;
    const time = readWrittenTime("2026-11-26T09:30:00", NOW);
    expect(time?.words).toMatch(/09:30$/);
    expect(time?.words).toContain("26");
    // 09:30 has come everywhere twelve hours after it came at Greenwich.
    expect(time?.past_ms).toBe(Date.parse("2026-11-26T21:30:00Z"));
  });

  test(`a day stays that day, seen from ${viewer}`, () => {
    process.env.TZ = viewer;
    const day = readWrittenTime("2026-11-26", NOW);
    expect(day?.words).toMatch(/26/);
    expect(day?.words).not.toMatch(/:/);
    expect(day?.past_ms).toBe(Date.parse("2026-11-27T12:00:00Z"));
  });
}

test("a time without a zone keeps its figures wherever the viewer is", () => {
  const seen = ["America/Los_Angeles", "Asia/Kolkata", "UTC"].map((viewer) => {
    process.env.TZ = viewer;
    return readWrittenTime("2026-11-26T09:30:00", NOW);
  });
  expect(new Set(seen.map((time) => time?.words)).size).toBe(1);
  expect(seen[0]?.words).toMatch(/09:30$/);
});

test("an instant is the viewer's, and another year is named", () => {
  expect(readWrittenTime("2026-11-26T12:00:00+01:00", NOW)?.past_ms).toBe(Date.parse("2026-11-26T11:00:00Z"));
  expect(readWrittenTime("2027-01-02T08:00:00Z", NOW)?.words).toContain("2027");
  expect(readWrittenTime("2027-01-02", NOW)?.words).toContain("2027");
});

test.each(["tomorrow", "2026-02-30", "2026-13-01T10:00", ""])("%j is no time", (text) =>
  expect(readWrittenTime(text, NOW)).toBeNull(),
);
