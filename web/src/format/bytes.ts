const STEP = 1_024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Room on a disk: `912 B`, `38.2 MiB`, `1.4 GiB`; null reads as a dash. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return "–";
  let amount = bytes;
  let unit = 0;
  while (amount >= STEP && unit < UNITS.length - 1) {
    amount /= STEP;
    unit += 1;
  }
  const words = unit === 0 || amount >= 100 ? String(Math.round(amount)) : amount.toFixed(1).replace(/\.0$/, "");
  return `${words}\u00a0${UNITS[unit]}`;
}
