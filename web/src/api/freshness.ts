import { useSyncExternalStore } from "react";

/** How many batches of events the last answer lacked, in a cluster; null where nobody knows how many. */
export interface Behind {
  readonly batches: number | null;
}

let behind: Behind | undefined;
const listeners = new Set<() => void>();

/** Looks at an answer: whether it says that what was acknowledged is not all in it yet. */
export function noteFreshness(status: number, headers: Headers): void {
  const said = headers.get("X-HiveBoard-Behind");
  let found: Behind | undefined;
  if (said !== null) found = { batches: /^\d+$/.test(said) ? Number(said) : null };
  else if (status === 503 && headers.has("Retry-After")) found = { batches: null };
  if (found?.batches === behind?.batches && (found === undefined) === (behind === undefined)) return;
  behind = found;
  for (const tell of listeners) tell();
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** Undefined while answers are whole. */
export function currentBehind(): Behind | undefined {
  return behind;
}

/** The same, for a component. */
export function useBehind(): Behind | undefined {
  return useSyncExternalStore(subscribe, currentBehind);
}
