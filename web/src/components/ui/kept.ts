import { useSyncExternalStore } from "react";

/** A few choices of this browser, kept beyond the page where the browser keeps anything: how wide, folded or not. */
export interface Kept<T extends object> {
  /** The choices; renders again when one is made. */
  use: () => T;
  set: (patch: Partial<T>) => void;
}

/** @param usual what holds where nothing was chosen */
export function keep<T extends object>(storageKey: string, usual: T): Kept<T> {
  const listeners = new Set<() => void>();
  let chosen = load();

  function load(): T {
    try {
      return { ...usual, ...(JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<T>) };
    } catch {
      return usual;
    }
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  const read = () => chosen;
  return {
    use: () => useSyncExternalStore(subscribe, read, read),
    set: (patch) => {
      chosen = { ...chosen, ...patch };
      try {
        localStorage.setItem(storageKey, JSON.stringify(chosen));
      } catch {
        // Not kept beyond this page.
      }
      for (const listener of listeners) listener();
    },
  };
}
