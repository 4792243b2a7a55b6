import type { Workflow } from "./lanes";

/** The part of a workflow that is looked at: the stretch of time that was chosen, as far as it lies in the workflow. */
export function partOf(workflow: Workflow, slice: { sinceMs: number; untilMs: number } | null): Workflow {
  if (slice === null) return workflow;
  const start_ms = Math.max(workflow.start_ms, slice.sinceMs);
  const end_ms = Math.min(workflow.end_ms, slice.untilMs);
  // A stretch that was chosen on another page, of another time: nothing would be left of it.
  if (end_ms <= start_ms) return workflow;
  const within = (bar: { start_ms: number; end_ms: number }) => bar.start_ms < end_ms && bar.end_ms > start_ms;
  return {
    start_ms,
    end_ms,
    lanes: workflow.lanes.map((lane) => ({ ...lane, bars: lane.bars.filter(within) })),
    // Where the work changed hands out of sight there is no line to draw.
    handOffs: workflow.handOffs.filter(
      ({ from, to }) => within(from) && within(to) && to.start_ms >= start_ms && to.start_ms <= end_ms,
    ),
  };
}
