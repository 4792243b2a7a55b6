const STORAGE_KEY = "hiveboard.visit";
/** A gap in which nobody had the board open this long parts two visits: a reload is not a new one. */
export const ANOTHER_VISIT_MS = 30 * 60_000;
/** Whoever was away for a holiday begins with the last day. */
export const LONGEST_MS = 24 * 3_600_000;

export interface Visits {
  /** When the board was last open, before this visit. */
  before_ms: number | null;
  /** When it was last seen open. */
  open_ms: number;
}

/** The visits as they are at `now_ms`, after those that were known. */
export function visitAt(known: Visits | null, now_ms: number): Visits {
  if (known === null) return { before_ms: null, open_ms: now_ms };
  const again = now_ms - known.open_ms > ANOTHER_VISIT_MS;
  return { before_ms: again ? known.open_ms : known.before_ms, open_ms: now_ms };
}

/** From when on things are news: since the last visit, a day at the most. */
export function newsSince({ before_ms }: Visits, now_ms: number): number {
  return Math.max(before_ms ?? 0, now_ms - LONGEST_MS);
}

export function loadVisits(): Visits | null {
  try {
    const stored = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "null") as Partial<Visits> | null;
    if (typeof stored?.open_ms !== "number") return null;
    return { open_ms: stored.open_ms, before_ms: typeof stored.before_ms === "number" ? stored.before_ms : null };
  } catch {
    return null;
  }
}

export function saveVisits(visits: Visits): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(visits));
  } catch {
    // Without it every visit is the first: the last day is then news.
  }
}
