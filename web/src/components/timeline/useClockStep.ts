import { useCallback, useSyncExternalStore } from "react";
import { serverNow } from "~/live/clock";

/** Looks at the clock at most this often, however short the step. */
const SHORTEST_MS = 250;

/**
 * The server's time in steps, epoch milliseconds: renders again when a step is over, and never while not `active` (then 0).
 * For what is dear to draw; ages tick with `useNow`.
 */
export function useClockStep(step_ms: number, active = true): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!active) return () => {};
      const timer = setInterval(listener, Math.max(SHORTEST_MS, Math.min(step_ms / 2, 5_000)));
      return () => clearInterval(timer);
    },
    [step_ms, active],
  );
  const snapshot = () => (active ? Math.floor(serverNow() / step_ms) * step_ms : 0);
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
