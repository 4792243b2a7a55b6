import { isLosslessNumber, isNumber, isSafeNumber, LosslessNumber, parse, stringify } from "lossless-json";

/**
 * JSON as agents wrote it: what they put into payloads is shown digit for digit. A number that JavaScript would round
 * (`9007199254740993`, `0.1234567890123456789`, `1e400`) stays a `LosslessNumber` there; everywhere else it is a number.
 */

/**
 * Numbers so long, or with an exponent, that digits may be lost. A number stands behind one of these marks, an id in quotes does not:
 * every second id has a digit beside an `e`, and reading exactly takes ten times as long.
 */
const LONG_NUMBER = /(?:^|[:,[\s])(-?\d(?:[\d.]{15,}|[\d.]*[eE])[\d.eE+-]*)/g;

/** The platform's reader, with the digits of a number where it tells them. */
type Reviver = (this: unknown, name: string, value: unknown, context?: { source?: string }) => unknown;

/** Parts of answers that are as an agent sent them. */
const AGENTS_OWN = new Set(["payload", "context", "items", "processing"]);

/** @throws SyntaxError when the text is no JSON */
export function parseJson(text: string): unknown {
  if (!losesDigits(text)) return JSON.parse(text);
  try {
    return roundOutside(parseExactly(text));
  } catch {
    // The exact parser is stricter than the platform's (it refuses doubled keys): then digits give way to reading at all.
    return JSON.parse(text);
  }
}

/** Whether a number in it, or what looks like one in a text of it, would be rounded. */
export function losesDigits(text: string): boolean {
  for (const [, digits] of text.matchAll(LONG_NUMBER)) {
    if (digits !== undefined && !isSafe(digits)) return true;
  }
  return false;
}

function isSafe(digits: string): boolean {
  return isNumber(digits) && isSafeNumber(digits);
}

/** Reads with every number that would be rounded kept as it stands. */
export function parseExactly(text: string): unknown {
  return tellsDigits() ? JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) : parse(text, null, number);
}

const keepDigits: Reviver = (_, value, context) =>
  typeof value === "number" && context?.source !== undefined ? number(context.source) : value;

function number(digits: string): number | LosslessNumber {
  return isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits);
}

/** Whether the platform tells a number's digits; browsers do since 2023 to 2025. */
function tellsDigits(): boolean {
  let told = false;
  const look: Reviver = (_, value, context) => {
    told = context?.source === "1";
    return value;
  };
  JSON.parse("1", look as Parameters<typeof JSON.parse>[1]);
  return told;
}

/** Figures of our own server are numbers; only what agents wrote keeps its digits. In place: the answer is nobody else's yet. */
function roundOutside(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isLosslessNumber(value)) return Number(value.value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = roundOutside(item);
    return value;
  }
  const parts = value as Record<string, unknown>;
  for (const name of Object.keys(parts)) {
    if (!AGENTS_OWN.has(name)) parts[name] = roundOutside(parts[name]);
  }
  return value;
}

/** Writes a value as JSON text; exact numbers come out digit for digit. */
export function formatJson(value: unknown, indent?: number): string {
  return stringify(value, null, indent) ?? "";
}

/** The digits of a number that JavaScript would round; null for everything else. */
export function exactDigits(value: unknown): string | null {
  return isLosslessNumber(value) ? value.value : null;
}
