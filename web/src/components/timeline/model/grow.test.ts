import { expect, test } from "vitest";
import { answerFor } from "../fixtures/answers";
import { growTimeline } from "./grow";
import { readRun } from "./run";
import { readStory } from "./steps";

test("a run that grew by what changed is the run read anew", () => {
  const before = answerFor("thirty_actions");
  const after = answerFor("thirty_one_actions");
  const known = new Set(before.spans.map(({ changed_seq: _at, ...span }) => JSON.stringify(span)));
  const change = {
    ...after,
    events: after.events.filter((event) => event.seq > before.seq),
    spans: after.spans.filter(({ changed_seq: _at, ...span }) => !known.has(JSON.stringify(span))),
    spans_complete: false,
  };
  const grown = growTimeline(before, change);
  expect(change.spans.length).toBeLessThan(after.spans.length);
  const names = (timeline: typeof after) => {
    const run = readRun(timeline, 0);
    return [run.spans.map((span) => span.name), readStory(timeline, run).steps.map((step) => step.name)];
  };
  expect(names(grown)).toEqual(names(after));
  expect(grown.events).toHaveLength(after.events.length);
});

test("figures alone move no span, and what is no more goes", () => {
  const known = answerFor("two_actions");
  const still = growTimeline(known, { ...known, events: [], spans: [], steps: [], total_cost: 4 });
  expect(still).toMatchObject({ total_cost: 4, spans: known.spans, steps: known.steps });
  const [, gone] = known.spans;
  const less = growTimeline(known, {
    ...known,
    events: [],
    spans: [],
    spans_complete: false,
    removed_span_ids: [gone?.span_id ?? ""],
  });
  expect(less.spans).toHaveLength(known.spans.length - 1);
});
