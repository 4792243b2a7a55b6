import { useMemo } from "react";
import type { HiveEvent } from "~/api/types";
import { useNow } from "~/clock";
import { type Story, tellStory } from "./model/beats";
import { inOrder } from "./model/order";
import { type PlanView, planRevisions } from "./model/plan";
import { buildRun } from "./model/spans";
import type { RunModel } from "./model/types";

/** An open run's model follows the clock; a long one less often, for each step costs a layout. */
const LONG_RUN_EVENTS = 2_000;
const LONG_RUN_STEP_MS = 5_000;

export interface TimelineModel {
  run: RunModel;
  told: Story;
  plans: PlanView[];
}

/** The model of a run: built when its events change and, while it is open, as time passes. */
export function useRunModel(events: readonly HiveEvent[], open: boolean): TimelineModel {
  const now_ms = useNow();
  const step_ms = events.length > LONG_RUN_EVENTS ? LONG_RUN_STEP_MS : 1_000;
  const at_ms = open ? Math.floor(now_ms / step_ms) * step_ms : 0;
  const plans = useMemo(() => planRevisions(inOrder(events).map(({ event }) => event)), [events]);
  return useMemo(() => {
    const run = buildRun(events, at_ms);
    return { run, told: tellStory(run), plans };
  }, [events, at_ms, plans]);
}
