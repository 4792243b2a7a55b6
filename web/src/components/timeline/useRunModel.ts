import { useMemo } from "react";
import type { Timeline } from "~/api/types";
import { type PlanView, readPlans } from "./model/plan";
import { readRun } from "./model/run";
import { readStory, type Story } from "./model/steps";
import type { RunModel } from "./model/types";
import { useClockStep } from "./useClockStep";

/** An open run's model follows the clock; a long one only every so often, for each step reads it as a whole. */
const LONG_RUN_SPANS = 1_000;
const LONG_RUN_STEP_MS = 2_000;

export interface TimelineModel {
  run: RunModel;
  told: Story;
  plans: PlanView[];
}

/** The model of a run: read when the server's answer changes and, while it is open, as time passes. */
export function useRunModel(timeline: Timeline, open: boolean): TimelineModel {
  const long = timeline.spans.length > LONG_RUN_SPANS;
  const at_ms = useClockStep(long ? LONG_RUN_STEP_MS : 1_000, open);
  return useMemo(() => {
    const run = readRun(timeline, at_ms);
    return { run, told: readStory(timeline, run), plans: readPlans(timeline.plan) };
  }, [timeline, at_ms]);
}
