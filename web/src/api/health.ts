import { onServer } from "./root";

/** Asks the server for a sign of life: past every cache, for any reader. */
export function askHealth(signal: AbortSignal): Promise<Response> {
  return fetch(onServer("/health"), { cache: "no-store", signal });
}
