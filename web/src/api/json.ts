import { isLosslessNumber, isSafeNumber, LosslessNumber, parse, stringify } from "lossless-json";

/**
 * JSON as agents wrote it: what they put into payloads is shown digit for digit. A number that JavaScript would round
 * (`9007199254740993`, `0.1234567890123456789`, `1e400`) stays a `LosslessNumber` there; everywhere else it is a number.
 */

/** A number that may lose digits: sixteen and more of them, or an exponent. Answers without one take the quick way. */
const MAY_LOSE_DIGITS = /[\d.]{16}|\d[eE][+-]?\d/;

/** Parts of answers that are as an agent sent them. */
const AGENTS_OWN = new Set(["payload", "context", "items", "processing"]);

/** @throws SyntaxError when the text is no JSON */
export function parseJson(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text);
  try {
    return numbersOutside(parseExactly(text), false);
  } catch {
    // The exact parser is stricter than the platform's (it refuses doubled keys): then digits give way to reading at all.
    return JSON.parse(text);
  }
}

/** Reads with every number that would be rounded kept as it stands. */
export function parseExactly(text: string): unknown {
  return parse(text, null, (digits) => (isSafeNumber(digits) ? Number(digits) : new LosslessNumber(digits)));
}

/** Figures of our own server are numbers; only what agents wrote keeps its digits. */
function numbersOutside(value: unknown, own: boolean): unknown {
  if (own || typeof value !== "object" || value === null) return value;
  if (isLosslessNumber(value)) return Number(value.value);
  if (Array.isArray(value)) return value.map((item) => numbersOutside(item, false));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, numbersOutside(item, AGENTS_OWN.has(name))]),
  );
}

/** Writes a value as JSON text; exact numbers come out digit for digit. */
export function formatJson(value: unknown, indent?: number): string {
  return stringify(value, null, indent) ?? "";
}

/** The digits of a number that JavaScript would round; null for everything else. */
export function exactDigits(value: unknown): string | null {
  return isLosslessNumber(value) ? value.value : null;
}
