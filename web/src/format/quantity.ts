import { formatCount, formatShare } from "./count";
import { formatDuration } from "./duration";
import { formatMoney } from "./money";

const POINT = 3;

/** A figure with the unit that the server names for it. What it has no name for here is written as it came. */
export function formatQuantity(value: number, unit: string | null | undefined): string {
  switch ((unit ?? "").toLowerCase().replaceAll("_", " ")) {
    case "usd":
    case "dollars":
      return formatMoney(value);
    case "ms":
    case "milliseconds":
      return formatDuration(value);
    case "s":
    case "seconds":
      return formatDuration(value * 1_000);
    case "share":
      return formatShare(value);
    case "percent":
    case "%":
      return formatShare(value / 100);
    case "times":
      return `×${Number(value.toPrecision(POINT))}`;
    case "percentage points":
      return `${Number(value.toPrecision(POINT))}\u00a0pt`;
    case "":
    case "count":
      return plain(value);
    default: {
      const words = (unit ?? "").replaceAll("_", " ");
      return `${plain(value)}\u00a0${value === 1 ? singular(words) : words}`;
    }
  }
}

/** `run` of `runs`, `try` of `tries`. */
function singular(words: string): string {
  return words.endsWith("ies") ? `${words.slice(0, -3)}y` : words.replace(/(?<!s)s$/, "");
}

/** Beside a label that names the unit already (`stuck agents`), the figure goes without it. */
export function formatQuantityOf(value: number, unit: string | null | undefined, label: string): string {
  const named = unit != null && label.toLowerCase().split(/\W+/).includes(unit.toLowerCase());
  return formatQuantity(value, named ? "count" : unit);
}

function plain(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
