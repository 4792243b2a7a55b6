import { useMemo } from "react";
import type { HiveEvent } from "~/api/types";
import { type Story, tellStory } from "./model/beats";
import { inOrder } from "./model/order";
import { kindOf } from "./model/payload";
import { type PlanView, planRevisions } from "./model/plan";
import { buildRun } from "./model/spans";
import type { RunModel } from "./model/types";
import { useClockStep } from "./useClockStep";

/** An open run's model follows the clock and its events; a long one only every so often, for each step reads it as a whole. */
const LONG_RUN_EVENTS = 2_000;
const LONG_RUN_STEP_MS = 2_000;

export interface TimelineModel {
  run: RunModel;
  told: Story;
  plans: PlanView[];
}

/**
 * The model of a run: built when its events change and, while it is open, as time passes.
 *
 * @param cut what stands in place of the end where not all events are here
 */
export function useRunModel(events: readonly HiveEvent[], open: boolean, cut: string | null): TimelineModel {
  const long = events.length > LONG_RUN_EVENTS;
  const at_ms = useClockStep(long ? LONG_RUN_STEP_MS : 1_000, open);
  const version = open && long ? at_ms : events;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the events, and holds them back while a long run grows
  return useMemo(() => {
    const planned = events.filter((event) => kindOf(event) === "plan_created" || kindOf(event) === "plan_step");
    const run = buildRun(events, at_ms);
    const told = tellStory(run);
    const end = told.beats.at(-1);
    if (cut !== null && end !== undefined) end.name = cut;
    return { run, told, plans: planRevisions(inOrder(planned).map(({ event }) => event)) };
  }, [version, at_ms, cut]);
}
