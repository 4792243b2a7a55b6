import { formatCount } from "./count";

/** A no-break space between figure and unit: they never part at the end of a line. */
const NBSP = "\u00a0";

function years(count: number): string {
  return count < 100 ? String(Number(count.toFixed(1))) : formatCount(count);
}

function padded(value: number): string {
  return String(value).padStart(2, "0");
}

/**
 * How long something took: `42 ms`, `0.63 s`, `6.8 s`, `38.4 s`, `2m 51s`, `1h 04m`, `3d 04h`, `2.8 y`.
 *
 * @param duration_ms milliseconds; null (not known) reads as a dash
 */
export function formatDuration(duration_ms: number | null | undefined): string {
  if (duration_ms === null || duration_ms === undefined || !Number.isFinite(duration_ms)) return "–";
  const value_ms = Math.max(0, duration_ms);
  if (value_ms < 1) return value_ms === 0 ? `0${NBSP}ms` : `<1${NBSP}ms`;
  if (value_ms < 100) return `${Math.round(value_ms)}${NBSP}ms`;
  const seconds = value_ms / 1_000;
  if (seconds < 0.995) return `${seconds.toFixed(2)}${NBSP}s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${NBSP}s`;
  return formatLong(Math.round(seconds));
}

/**
 * How long ago, for marks that tick: whole seconds under a minute, then as durations. `12 s`, `7m 41s`, `2h 05m`.
 *
 * @param age_ms milliseconds; a time in the future (clocks differ) counts as now
 */
export function formatAge(age_ms: number | null | undefined): string {
  if (age_ms === null || age_ms === undefined || !Number.isFinite(age_ms)) return "–";
  const seconds = Math.max(0, Math.floor(age_ms / 1_000));
  return seconds < 60 ? `${seconds}${NBSP}s` : formatLong(seconds);
}

/** How long ago in one unit, for the stream: `4 s`, `6 min`, `3 h`, `2 d`. */
export function formatAgeShort(age_ms: number | null | undefined): string {
  if (age_ms === null || age_ms === undefined || !Number.isFinite(age_ms)) return "–";
  const seconds = Math.max(0, Math.floor(age_ms / 1_000));
  if (seconds < 60) return `${seconds}${NBSP}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${NBSP}min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}${NBSP}h`;
  if (seconds >= YEARS_FROM_S) return `${years(seconds / YEAR_S)}${NBSP}y`;
  return `${Math.floor(seconds / DAY_S)}${NBSP}d`;
}

const DAY_S = 86_400;
const YEAR_S = 365.25 * DAY_S;
/** From here on hours say nothing, and days are no longer read at a glance. */
const YEARS_FROM_S = 1_000 * DAY_S;

function formatLong(seconds: number): string {
  if (seconds >= YEARS_FROM_S) return `${years(seconds / YEAR_S)}${NBSP}y`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${NBSP}${padded(seconds % 60)}s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h${NBSP}${padded(Math.floor((seconds % 3_600) / 60))}m`;
  return `${Math.floor(seconds / 86_400)}d${NBSP}${padded(Math.floor((seconds % 86_400) / 3_600))}h`;
}
