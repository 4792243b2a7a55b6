/** Failures are counted by the hour: finer stretches than these would show when an hour began, and nothing else. */
const HOUR_MS = 3_600_000;
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
