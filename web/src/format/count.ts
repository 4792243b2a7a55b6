/**
 * A count that fits a cell: `0`, `412`, `1,204`, `29.4k`, `1.8M`.
 *
 * @param count null (not reported) reads as a dash
 */
export function formatCount(count: number | null | undefined): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return "–";
  if (count < 10_000) return Math.round(count).toLocaleString("en-US");
  if (count < 999_950) return `${trim(count / 1_000)}k`;
  if (count < 999_950_000) return `${trim(count / 1_000_000)}M`;
  if (count < 999_950_000_000) return `${trim(count / 1_000_000_000)}G`;
  if (count < 999_950_000_000_000) return `${trim(count / 1e12)}T`;
  return count < 1e18
    ? `${Math.round(count / 1e12).toLocaleString("en-US")}T`
    : count.toExponential(1).replace("e+", "e");
}

/** How many of what: `1 call`, `6,800 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count < 1e15 ? count.toLocaleString("en-US") : formatCount(count)} ${count === 1 ? one : many}`;
}

/** How many were read, with a plus where there are more of them: `200+`. */
export function formatAtLeast(count: number, more: boolean): string {
  return `${formatCount(count)}${more ? "+" : ""}`;
}

/** Tokens, where thousands are usual: `96`, `1.8k`, `29.4k`, `1.2M`. */
export function formatTokens(count: number | null | undefined): string {
  if (count === null || count === undefined || !Number.isFinite(count)) return "–";
  return count < 1_000 ? String(Math.round(count)) : count < 10_000 ? `${trim(count / 1_000)}k` : formatCount(count);
}

/**
 * A share between 0 and 1 as a percentage: `94.1 %`; null reads as a dash. Only all of them are `100 %`, and only none are `0 %`:
 * one failure in a million is a failure.
 */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return "<0.1\u00a0%";
  if (percent >= 99.95 && percent < 100) return ">99.9\u00a0%";
  return `${trim(percent)}\u00a0%`;
}

/** `1st`, `2nd`, `3rd`, `4th`. */
export function formatOrdinal(count: number): string {
  const tens = count % 100;
  const ending = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${ending}`;
}

function trim(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}
