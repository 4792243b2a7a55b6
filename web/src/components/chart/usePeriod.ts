import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "~/api/queries";
import type { Metrics } from "~/api/types";
import { useClockStep } from "~/components/timeline/useClockStep";
import { RANGE_MS } from "~/view/period";
import type { View } from "~/view/url";

/** The period before is read anew this often: it only moves with the clock. */
const BEFORE_STEP_MS = 60_000;

export interface Period {
  metrics: Metrics | undefined;
  before: Metrics | undefined;
  /** The one before could not be read. */
  unreadBefore: boolean;
  error: unknown;
  refetch: () => void;
  /** Whether it is a stretch of time that was chosen, and not the range that ends now. */
  own: boolean;
  /** Length of the period in milliseconds: how far the one before lies back. */
  lengthMs: number;
}

/**
 * The figures of the view's range and of the same length of time before it. A slice that lies in the range only marks the
 * charts; one that lies outside is the period itself.
 */
export function usePeriod(view: View): Period {
  const scope = { project_id: view.project, environment: view.environment, group: view.group, agent_id: view.agent };
  const untilMs = useClockStep(BEFORE_STEP_MS);
  const rangeMs = RANGE_MS[view.range];
  const slice = sliceOf(view);
  const own = slice !== null && slice.sinceMs < untilMs - rangeMs;
  const lengthMs = own ? slice.untilMs - slice.sinceMs : rangeMs;
  const sinceMs = own ? slice.sinceMs : untilMs - rangeMs;
  const metrics = useQuery(
    metricsQuery(view.mode, own ? { ...scope, since: view.since, until: view.until } : { ...scope, range: view.range }),
  );
  const before = useQuery({
    ...metricsQuery(view.mode, {
      ...scope,
      since: new Date(sinceMs - lengthMs).toISOString(),
      until: new Date(sinceMs).toISOString(),
    }),
    staleTime: BEFORE_STEP_MS,
  });
  return {
    metrics: metrics.data,
    before: before.data,
    unreadBefore: before.data === undefined && before.error !== null,
    error: metrics.data === undefined ? metrics.error : null,
    refetch: () => void metrics.refetch(),
    own,
    lengthMs,
  };
}

export interface Slice {
  sinceMs: number;
  untilMs: number;
}

/** The slice of time that the address names, or null. */
export function sliceOf(view: View): Slice | null {
  if (view.since === undefined || view.until === undefined) return null;
  const sinceMs = Date.parse(view.since);
  const untilMs = Date.parse(view.until);
  return Number.isFinite(sinceMs) && Number.isFinite(untilMs) && sinceMs < untilMs ? { sinceMs, untilMs } : null;
}
