import { exactDigits } from "~/api/json";
import type { HiveEvent } from "~/api/types";
import { legible, legibleText } from "~/format/legible";

/**
 * Readers for payloads. What an agent sends as payload is its own affair: every part may be missing or of another type, and
 * then counts as absent.
 */

export function asText(value: unknown): string | null {
  const exact = asExactText(value);
  return exact === null ? null : legibleText(exact);
}

/** What something or somebody is called: with its spaces, too. */
export function asName(value: unknown): string | null {
  const exact = asExactText(value);
  return exact === null ? null : legible(exact);
}

/** As it was sent: for what is asked for by it. */
export function asExactText(value: unknown): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

export function asNumber(value: unknown): number | null {
  const number = exactDigits(value) === null ? value : Number(exactDigits(value));
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** A figure that cannot be below zero: tokens, a duration. What is counts as absent, as in every sum of the server's. */
export function asAmount(value: unknown): number | null {
  const number = asNumber(value);
  return number !== null && number >= 0 ? number : null;
}

const MOST_DOLLARS_A_CALL = 1_000_000;

/** What a call cost, within what the server takes for a cost. */
export function asDollars(value: unknown): number | null {
  const dollars = asAmount(value);
  return dollars !== null && dollars <= MOST_DOLLARS_A_CALL ? dollars : null;
}

export function asRecord(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** `payload.data`, where a well-known kind keeps its figures. */
export function dataOf(event: Pick<HiveEvent, "payload">): { readonly [key: string]: unknown } {
  return asRecord(event.payload?.data);
}

export function summaryOf(event: Pick<HiveEvent, "payload">): string | null {
  return asText(event.payload?.summary);
}

/** What failed, as far as the event says: message, else type. */
export function failureOf(event: Pick<HiveEvent, "payload">): { type: string | null; message: string | null } {
  const data = dataOf(event);
  return {
    type: asText(event.payload?.exception_type) ?? asText(data.exception_type),
    message: asText(event.payload?.exception_message) ?? asText(data.exception_message),
  };
}

export function actionNameOf(event: Pick<HiveEvent, "payload" | "action_id">): string {
  return asName(event.payload?.action_name) ?? asName(event.payload?.function) ?? "an action";
}
