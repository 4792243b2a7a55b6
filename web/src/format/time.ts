const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const clockShort = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const utcDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** `14:29:47` in the viewer's zone; with the day before it when that is another day than `now_ms`. */
export function formatClock(timestamp: string | number, now_ms: number = Date.now()): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "–";
  const sameDay = date.toDateString() === new Date(now_ms).toDateString();
  return sameDay ? clock.format(date) : `${dayWords(date, now_ms)} ${clockShort.format(date)}`;
}

/** `14:29` in the viewer's zone. */
export function formatClockShort(timestamp: string | number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? "–" : clockShort.format(date);
}

/** `14:29 – 14:35`, each end with its day where it is another than today. */
export function formatStretch(since: string | number, until: string | number, now_ms: number = Date.now()): string {
  const ends = [new Date(since), new Date(until)];
  if (ends.some((end) => Number.isNaN(end.getTime()))) return "–";
  const today = new Date(now_ms).toDateString();
  const told = ends.every((end) => end.toDateString() === ends[0]?.toDateString());
  const words = ends.map((end, place) =>
    end.toDateString() === today || (told && place === 1)
      ? clockShort.format(end)
      : `${dayWords(end, now_ms)} ${clockShort.format(end)}`,
  );
  return words.join(" – ");
}

/** A day on which the clock is set forward. */
const SHORTEST_DAY_MS = 23 * 3_600_000;

/**
 * A bucket of a chart: `14:29 – 14:35`, with the day it begins on where that is another than today, `14:29 – now` where it is not over; of whole days `27 Nov`
 * or `27 Nov – 29 Nov`.
 */
export function formatBucket(
  since_ms: number,
  until_ms: number,
  { isRunning = false, now_ms = Date.now() }: { isRunning?: boolean; now_ms?: number } = {},
): string {
  const [start, end] = [new Date(since_ms), new Date(until_ms)];
  const length_ms = until_ms - since_ms;
  if (length_ms >= SHORTEST_DAY_MS && start.getHours() === 0 && start.getMinutes() === 0) {
    const [first, last] = [dayWords(start, now_ms), dayWords(new Date(until_ms - 1), now_ms)];
    return isRunning ? `${first} – now` : first === last ? first : `${first} – ${last}`;
  }
  const from = `${dayBefore(start, now_ms)}${clockShort.format(start)}`;
  // Within a day of the beginning the clock alone leaves nothing open.
  const to = `${length_ms < SHORTEST_DAY_MS ? "" : dayBefore(end, now_ms)}${clockShort.format(end)}`;
  return `${from} – ${isRunning ? "now" : to}`;
}

/** `22 Nov ` before the time of another day than today. */
function dayBefore(date: Date, now_ms: number): string {
  return date.toDateString() === new Date(now_ms).toDateString() ? "" : `${dayWords(date, now_ms)} `;
}

/** A mark of an axis: `14:29`, and at the beginning of a day that day. */
export function formatMark(at_ms: number, now_ms: number = Date.now()): string {
  const clock = clockShort.format(at_ms);
  return clock === "00:00" ? formatDay(at_ms, now_ms) : clock;
}

/** `22 Nov` in the viewer's zone, with the year when it is not that of `now_ms`. */
export function formatDay(timestamp: string | number, now_ms: number = Date.now()): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? "–" : dayWords(date, now_ms);
}

/** `22 Nov` of UTC, for days that are no days of the viewer's. */
export function formatUtcDay(timestamp: string | number): string {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? "–" : utcDay.format(date);
}

function dayWords(date: Date, now_ms: number): string {
  return (date.getFullYear() === new Date(now_ms).getFullYear() ? day : dayOfYear).format(date);
}

/** The viewer's zone as charts and clocks name it: `CET`, `GMT+5:30`. */
export function zoneName(at_ms: number = Date.now()): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" }).formatToParts(at_ms);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "local time";
}

/** The exact instant for a hover: `2026-11-22 14:29:47.120345 UTC`, digits as the server sent them. */
export function formatUtc(timestamp: string | number): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return "–";
  const text = typeof timestamp === "string" && timestamp.endsWith("Z") ? timestamp : date.toISOString();
  return `${text.replace("T", " ").replace("Z", "")} UTC`;
}
