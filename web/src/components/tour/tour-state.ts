import { useSyncExternalStore } from "react";

/** How far the reader is on the tour, in this browser. */
export interface Tour {
  step: number;
  /** Said goodbye to: it comes back only when it is asked for. */
  closed: boolean;
}

const STORAGE_KEY = "hiveboard.tour";

/** What was stored, read with doubt. */
export function readTour(stored: string | null): Tour {
  try {
    const known = JSON.parse(stored ?? "null") as Partial<Tour> | null;
    return { step: Number.isInteger(known?.step) ? Number(known?.step) : 0, closed: known?.closed === true };
  } catch {
    return { step: 0, closed: false };
  }
}

function load(): Tour {
  try {
    return readTour(localStorage.getItem(STORAGE_KEY));
  } catch {
    // Where nothing can be remembered the tour would come back with every page.
    return { step: 0, closed: true };
  }
}

let tour = load();
const listeners = new Set<() => void>();

export function setTour(patch: Partial<Tour>): void {
  tour = { ...tour, ...patch };
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(tour));
  } catch {
    // Not kept beyond this page.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTourState(): Tour {
  return useSyncExternalStore(
    subscribe,
    () => tour,
    () => tour,
  );
}
