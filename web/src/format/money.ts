/**
 * US dollars with the digits that matter at that size: `$0.000062`, `$0.0004`, `$0.031`, `$4.82`, `$1,204`, `$48.2k`.
 *
 * @param dollars null (not reported) reads as a dash
 */
export function formatMoney(dollars: number | null | undefined): string {
  if (dollars === null || dollars === undefined || !Number.isFinite(dollars)) return "–";
  const size = Math.abs(dollars);
  const sign = dollars < 0 ? "−" : "";
  // Below what the server can hold: hundredths of nano-dollars.
  if (size > 0 && size < 1e-11) return `<${sign}$0.00000000001`;
  return `${sign}$${digits(size)}`;
}

/** Three digits that say something: calls of a thousandth of a cent are told apart. */
function small(size: number): string {
  const places = size < 0.001 ? Math.floor(-Math.log10(size)) + 3 : 4;
  return size.toFixed(places).replace(/(\.\d{4}\d*?)0+$/, "$1");
}

function digits(size: number): string {
  if (size === 0) return "0";
  if (size < 0.01) return small(size);
  if (size < 0.9995) return size.toFixed(3);
  if (size < 100) return size.toFixed(2);
  if (size < 10_000) return Math.round(size).toLocaleString("en-US");
  if (size < 999_950) return `${(size / 1_000).toFixed(1)}k`;
  if (size < 999_950_000) return `${(size / 1_000_000).toFixed(1)}M`;
  return `${(size / 1_000_000_000).toLocaleString("en-US", { maximumFractionDigits: 1 })}B`;
}

/**
 * Dollars on a scale whose lines are `step` apart: all with as many digits as the step needs. `$0`, `$0.25`, `$0.50`.
 *
 * @param step dollars, above nothing
 */
export function formatMoneyBy(dollars: number, step: number): string {
  if (dollars === 0) return "$0";
  if (dollars >= 100_000) return formatMoney(dollars);
  // Cents are two digits or none.
  const places = [0, 2, 3, 4, 5, 6, 7, 8, 9].find((count) => isNearlyWhole(step * 10 ** count)) ?? 10;
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places })}`;
}

function isNearlyWhole(value: number): boolean {
  return value > 0.5 && Math.abs(value - Math.round(value)) < 1e-6;
}
