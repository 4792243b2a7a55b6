import { formatCount, formatShare } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";

/** How a figure moved against the period before. */
export interface Change {
  /** `▼ 2.3 pt`; empty when nothing can be compared. */
  mark: string;
  /** `from 96.4 %`, or why there is nothing to compare with. */
  from: string;
  verdict: "good" | "bad" | "flat";
}

const NOTHING: Change = { mark: "", from: "none before", verdict: "flat" };

function arrow(difference: number): string {
  return difference > 0 ? "▲" : "▼";
}

/** Change of a share between 0 and 1, in percentage points; more is better. */
export function shareChange(now: number | null | undefined, before: number | null | undefined): Change {
  if (now === null || now === undefined || before === null || before === undefined) return NOTHING;
  const points = Math.round((now - before) * 1_000) / 10;
  const from = `from ${formatShare(before).replace("\u00a0", " ")}`;
  if (points === 0) return { mark: "", from: "same as before", verdict: "flat" };
  return { mark: `${arrow(points)} ${Math.abs(points).toFixed(1)} pt`, from, verdict: points > 0 ? "good" : "bad" };
}

function relative(now: number, before: number, from: string): Change {
  const percent = Math.round(((now - before) / before) * 100);
  if (percent === 0) return { mark: "", from: "same as before", verdict: "flat" };
  const size = Math.abs(percent) >= 1_000 ? `×${formatCount(now / before)}` : `${Math.abs(percent)} %`;
  return { mark: `${arrow(percent)} ${size}`, from, verdict: percent > 0 ? "bad" : "good" };
}

/** Change of a duration; less is better. */
export function durationChange(now: number | null | undefined, before: number | null | undefined): Change {
  if (now === null || now === undefined || before === null || before === undefined || before <= 0) return NOTHING;
  return relative(now, before, `from ${formatDuration(before)}`);
}

/** Change of a cost; less is better. */
export function costChange(now: number | null | undefined, before: number | null | undefined): Change {
  if (now === null || now === undefined || before === null || before === undefined || before <= 0) return NOTHING;
  return relative(now, before, `from ${formatMoney(before)}`);
}

/** Change of a count of what nobody wants, in words: `2 more`, `same`. */
export function countChange(now: number, before: number | undefined): string {
  if (before === undefined) return "";
  if (now === before) return "same";
  return now > before ? `${now - before} more` : `${before - now} fewer`;
}
