import { useSyncExternalStore } from "react";

/** One timer for all ages on the screen: they tick together, and a thousand of them cost one timer. */
const TICK_MS = 1_000;

let offset_ms = 0;
/** While the board is not live its figures belong to this moment, and so do its ages. */
let held_ms: number | null = null;
let tick_ms = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Tells the server's clock, so that ages come out right on a machine whose own clock is off. */
export function setServerTime(server_ms: number): void {
  if (!Number.isFinite(server_ms)) return;
  const difference_ms = server_ms - Date.now();
  // Below a second the difference is mostly the way of the answer: following it would make ages jitter.
  offset_ms = Math.abs(difference_ms) < 1_000 ? 0 : difference_ms;
}

/** The server's time in epoch milliseconds, as far as we know it. */
export function serverNow(): number {
  return Date.now() + offset_ms;
}

/** A moment of this machine's clock on the server's. */
export function toServerTime(local_ms: number): number {
  return local_ms + offset_ms;
}

/** Stops the clock of the ages where the figures stopped, or lets it go on: an age that ticks says that somebody looked. */
export function holdClock(at_ms: number | null): void {
  held_ms = at_ms;
  tick_ms = shownNow();
  for (const each of listeners) each();
}

function shownNow(): number {
  return held_ms ?? serverNow();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick_ms = shownNow();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function snapshot(): number {
  // Between two ticks the value must not move, or React would render for ever.
  if (timer === undefined && shownNow() - tick_ms > TICK_MS) tick_ms = shownNow();
  return tick_ms;
}

/** The server's time, moving once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
