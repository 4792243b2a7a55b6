/** Turns any value into what JSON can say, bounded, and never throws: what a host hands over must not break it. */

import type { Json } from "./event.js";

const MOST_LEVELS = 32;
const MOST_BYTES = 32 * 1024;

export function plain(value: unknown): Json {
  try {
    return walk(value, 0, []) ?? null;
  } catch {
    return "[cannot be shown]";
  }
}

function walk(value: unknown, level: number, above: readonly object[]): Json | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value.toString();
    case "undefined":
    case "function":
    case "symbol":
      return undefined;
  }
  if (value === null || value === undefined) return null;
  if (above.includes(value)) return "[circular]";
  if (level >= MOST_LEVELS) return "[too deep]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  const inside = [...above, value];
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value, (one) => part(() => one, level, inside) ?? null);
  }
  const entries: Iterable<[unknown, () => unknown]> =
    value instanceof Map
      ? Array.from(value, ([name, one]) => [name, () => one] as [unknown, () => unknown])
      : Object.keys(value).map((name) => [name, () => (value as Record<string, unknown>)[name]] as [string, () => unknown]);
  const result: { [name: string]: Json } = {};
  for (const [name, read] of entries) {
    const shown = part(read, level, inside);
    if (shown !== undefined) result[String(name)] = shown;
  }
  return result;
}

/** One member; a getter that throws loses itself alone. */
function part(read: () => unknown, level: number, above: readonly object[]): Json | undefined {
  try {
    return walk(read(), level + 1, above);
  } catch {
    return "[cannot be shown]";
  }
}

/** A payload within what the server takes: the longest texts are cut first, and it says so. */
export function bounded(payload: { [name: string]: Json }): { [name: string]: Json } {
  if (bytes(payload) <= MOST_BYTES) return payload;
  for (const most of [4_000, 1_000, 250, 60]) {
    const shorter = { ...(shorten(payload, most) as { [name: string]: Json }), _truncated: true };
    if (bytes(shorter) <= MOST_BYTES) return shorter;
  }
  const kept = ["kind", "summary", "action_name", "exception_type"].filter((name) => typeof payload[name] === "string");
  return { ...Object.fromEntries(kept.map((name) => [name, shorten(payload[name] as Json, 250)])), _truncated: true };
}

const encoder = new TextEncoder();

export function bytes(value: unknown): number {
  return encoder.encode(JSON.stringify(value)).length;
}

function shorten(value: Json, most: number): Json {
  if (typeof value === "string") return value.length > most ? `${value.slice(0, most)}…` : value;
  if (Array.isArray(value)) return value.map((one) => shorten(one, most));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shorten(one, most)]));
}
