import type { Range } from "~/api/types";
import { useNow } from "~/live/clock";
import { scopeParameters, type View } from "./url";

export const RANGE_MS: Record<Range, number> = {
  "1h": 3_600_000,
  "6h": 6 * 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
  "90d": 90 * 86_400_000,
};

/** The period before moves with the clock, in steps: it is not read anew every second. */
const STEP_MS = 60_000;

export interface PeriodParameters {
  /** The period itself, epoch milliseconds. */
  since_ms: number;
  until_ms: number;
  /** The view's scope, agent and time. */
  now: Record<string, string | undefined>;
  /** The same, as long, before it. */
  before: Record<string, string | undefined>;
}

/** What to ask the API for the view's period and for the one before it. */
export function usePeriodParameters(view: View): PeriodParameters {
  const now_ms = useNow();
  const {
    since,
    until,
    range: _range,
    ...scope
  } = { range: undefined, since: undefined, until: undefined, ...scopeParameters(view) };
  const own = { ...scope, agent_id: view.agent };
  const end_ms =
    since === undefined ? Math.floor(now_ms / STEP_MS) * STEP_MS - RANGE_MS[view.range] : Date.parse(since);
  const length_ms =
    since === undefined || until === undefined ? RANGE_MS[view.range] : Date.parse(until) - Date.parse(since);
  return {
    since_ms: end_ms,
    until_ms: end_ms + length_ms + (since === undefined ? STEP_MS : 0),
    now: { ...scopeParameters(view), agent_id: view.agent },
    before: {
      ...own,
      since: new Date(end_ms - length_ms).toISOString(),
      until: new Date(end_ms).toISOString(),
    },
  };
}
