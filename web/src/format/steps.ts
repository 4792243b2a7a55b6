/** Stretches of time that marks of an axis are apart, milliseconds: people count in them. */
const TIME_STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
  216e5, 432e5, 864e5, 1728e5, 6048e5, 12096e5, 24192e5,
] as const;

/** The first round stretch of time that is at least so long; the longest where none is. */
export function timeStep(least_ms: number): number {
  return TIME_STEPS_MS.find((step) => step >= least_ms) ?? 24192e5;
}

/** The first of 1, 2, 2.5, 5, 10, … that is at least so much. */
export function roundStep(least: number): number {
  if (least <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 2.5, 5].find((each) => each * power >= least) ?? 10) * power;
}

/** Where the lines of a scale from nothing up to `most` are: few, all at round figures, the last at or above it. */
export function scaleLines(most: number, intervals = 4): number[] {
  const step = roundStep(most / intervals);
  // A share of a step is what adding up leaves, not another line.
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Of the starts of buckets those that stand at round times of the viewer's clock, so many at most; every n-th where none does. */
export function roundMarks(starts_ms: readonly number[], most: number): number[] {
  const [first = 0, last = first] = [starts_ms[0], starts_ms.at(-1)];
  const step_ms = Math.min(864e5, timeStep((last - first) / most));
  const round = starts_ms.filter((start_ms) => clockOf(start_ms) % step_ms === 0);
  const marks = round.length > 1 ? round : starts_ms;
  const every = Math.max(1, Math.ceil(marks.length / (most + 1)));
  return marks.filter((_, index) => index % every === 0);
}

/** Milliseconds since midnight, as the viewer's clock shows them. */
function clockOf(at_ms: number): number {
  const date = new Date(at_ms);
  return ((date.getHours() * 60 + date.getMinutes()) * 60 + date.getSeconds()) * 1_000 + date.getMilliseconds();
}
