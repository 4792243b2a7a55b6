import { BOARD_ROOT, onServer } from "./root";

/** Asks the server for a sign of life: past every cache, for any reader. */
export function askHealth(signal: AbortSignal): Promise<Response> {
  return fetch(onServer("/health"), { cache: "no-store", signal });
}

/** Asks for the board itself: a server that is alive may still be reading what it stores, and answers nothing else until then. */
export function askForBoard(signal: AbortSignal): Promise<Response> {
  return fetch(BOARD_ROOT, { cache: "no-store", signal });
}
