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

const DAY_MS = 864e5;

/** Round times of the viewer's clock from one moment until another, so many at most; over days they are beginnings of days. */
export function roundTimes(from_ms: number, until_ms: number, most: number): number[] {
  if (until_ms <= from_ms) return [];
  const step_ms = timeStep((until_ms - from_ms) / most);
  const from = new Date(from_ms);
  const [year, month, day] = [from.getFullYear(), from.getMonth(), from.getDate()];
  const times: number[] = [];
  // By the parts of a date, not by their length: a day on which the clock changes is an hour longer or shorter.
  const at = (place: number) =>
    step_ms >= DAY_MS
      ? new Date(year, month, day + (place * step_ms) / DAY_MS).getTime()
      : new Date(year, month, day, 0, 0, 0, place * step_ms).getTime();
  const past_ms = from_ms - new Date(year, month, day).getTime();
  for (let place = step_ms >= DAY_MS ? 0 : Math.floor(past_ms / step_ms) - 1; at(place) < until_ms; place += 1)
    if (at(place) >= from_ms) times.push(at(place));
  return times.filter((time, index) => time !== times[index - 1]);
}
