/** Failures are counted by the hour: finer stretches than these would show when an hour began, and nothing else. */
const HOUR_MS = 3_600_000;
/** In a time of a day or less an hour more or less is seen. */
const SHORT_MS = 24 * HOUR_MS;
/** Fewer stretches than this show no trend. */
const LEAST = 3;

/** The stretches of a trend put together until each is an hour or more; none where the time is too short to show one. */
export function byTheHour(counts: readonly number[], span_ms: number): number[] {
  const wanted = Math.min(counts.length, Math.floor(span_ms / HOUR_MS));
  if (wanted < LEAST) return [];
  const merged = Array.from({ length: wanted }, () => 0);
  counts.forEach((count, index) => {
    const place = Math.floor((index * wanted) / counts.length);
    merged[place] = (merged[place] ?? 0) + count;
  });
  return merged;
}

/** The whole hours that are counted for a short time, for they are more than what was asked for; null where that is not seen. */
export function countedHours(since_ms: number, until_ms: number): { since_ms: number; until_ms: number } | null {
  if (until_ms - since_ms > SHORT_MS + HOUR_MS) return null;
  return {
    since_ms: Math.floor(since_ms / HOUR_MS) * HOUR_MS,
    until_ms: Math.ceil(until_ms / HOUR_MS) * HOUR_MS,
  };
}
