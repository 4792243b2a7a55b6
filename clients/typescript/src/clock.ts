/** Timestamps to the microsecond, each later than the one before: order within an agent is by them. */

let last = 0;

/** Microseconds since 1970. */
export function nowMicros(): number {
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1_000);
  last = Math.max(micros, last + 1);
  return last;
}

export function written(micros: number): string {
  const whole = new Date(Math.floor(micros / 1_000)).toISOString();
  return `${whole.slice(0, -1)}${String(micros % 1_000).padStart(3, "0")}Z`;
}
