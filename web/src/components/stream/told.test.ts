import { describe, expect, it } from "vitest";
import type { HiveEvent } from "~/api/types";
import { type Entry, pastEntry } from "./entries";
import { byTask, changesOnly } from "./told";

/** Entries as the stream has them, newest first, from events in the order in which they happened. */
function entries(...events: Partial<HiveEvent>[]): Entry[] {
  return events
    .map((event, index) =>
      pastEntry({
        event_id: `e${index}`,
        seq: index,
        agent_id: "a",
        task_id: null,
        task_run_id: null,
        event_type: "custom",
        render_hint: null,
        timestamp: new Date(index * 1_000).toISOString(),
        ...event,
      } as HiveEvent),
    )
    .reverse();
}

const queue = (depth: number) =>
  ({ render_hint: "queue_snapshot", payload: { data: { depth } } }) as Partial<HiveEvent>;
const asked = (summary: string) =>
  ({ event_type: "approval_requested", task_id: "t", payload: { summary } }) as Partial<HiveEvent>;
const keys = (told: readonly Entry[]) => told.map((entry) => entry.key).reverse();

describe("changes only", () => {
  it("tells a queue when it fills, when it moves by much, and when it is empty again", () => {
    expect(keys(changesOnly(entries(...[0, 0, 1, 2, 1, 8, 9, 0, 0].map(queue))))).toEqual(["e2", "e5", "e7"]);
  });

  it("tells an approval that is asked for again once, until it is answered", () => {
    const told = changesOnly(
      entries(asked("pay?"), asked("pay?"), { event_type: "approval_received", task_id: "t" }, asked("pay?")),
    );
    expect(keys(told)).toEqual(["e0", "e2", "e3"]);
  });

  it("tells an issue when it changes, and leaves everything else as it is", () => {
    const issue = (action: string) =>
      ({ render_hint: "issue", payload: { summary: "401", data: { issue_id: "i", action } } }) as Partial<HiveEvent>;
    const told = changesOnly(entries(issue("reported"), issue("reported"), issue("resolved"), {}, {}));
    expect(keys(told)).toEqual(["e0", "e2", "e3", "e4"]);
  });
});

describe("blocks", () => {
  const at = (seconds: number, task_id: string | null) => ({
    task_id,
    timestamp: new Date(seconds * 1_000).toISOString(),
  });

  it("are of one task, newest first, and end at a silence", () => {
    const blocks = byTask(entries(at(0, "one"), at(100, "one"), at(101, "two"), at(102, "one"), at(103, null)));
    expect(blocks.map((block) => [block.entry.key, block.earlier.map((entry) => entry.key)])).toEqual([
      ["e4", []],
      ["e3", ["e1"]],
      ["e2", []],
      ["e0", []],
    ]);
  });
});
