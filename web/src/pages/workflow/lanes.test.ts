import { expect, test } from "vitest";
import type { Task } from "~/api/types";
import { workflowOf } from "./lanes";
import { partOf } from "./part";
import { wordsAt } from "./words-at";

const AT = Date.parse("2026-11-22T10:00:00Z");

function run(agent_id: string, task_id: string, from_s: number, to_s: number | null): Task {
  const at = (seconds: number) => new Date(AT + seconds * 1_000).toISOString();
  return {
    agent_id,
    task_id,
    task_run_id: "",
    started_at: at(from_s),
    completed_at: to_s === null ? null : at(to_s),
  } as Task;
}

test("lanes come in the order of the agents, and what overlaps lies side by side", () => {
  const { lanes, start_ms, end_ms } = workflowOf(
    [run("writer", "b", 5, 9), run("lead", "a", 0, 20), run("writer", "c", 7, 12), run("writer", "d", 10, null)],
    AT + 30_000,
  );
  expect(lanes.map((lane) => [lane.agentId, lane.rows, lane.bars.map((bar) => bar.row)])).toEqual([
    ["lead", 1, [0]],
    ["writer", 2, [0, 1, 0]],
  ]);
  expect([start_ms - AT, end_ms - AT]).toEqual([0, 30_000]);
});

test("who gave the work is the one at work when it began, else the one that ended last", () => {
  const { handOffs } = workflowOf(
    [run("lead", "a", 0, 20), run("writer", "b", 5, 9), run("editor", "c", 8, 40), run("mail", "d", 50, 51)],
    AT + 60_000,
  );
  expect(handOffs.map(({ from, to, kind }) => `${from.task.task_id} ${kind} ${to.task.task_id}`)).toEqual([
    "a waits b",
    "b gives c",
    "c after d",
  ]);
});

test("of nothing there is nothing", () => {
  expect(workflowOf([], AT)).toMatchObject({ lanes: [], handOffs: [], start_ms: AT });
});

test("the words of a bar stand where there is room for them, whole and on one side", () => {
  const at = (left: number, right: number) => wordsAt(120, { left, right, plot: 600 }).place;
  expect([at(0, 200), at(10, 60), at(560, 590)]).toEqual(["in", "after", "before"]);
  expect(wordsAt(900, { left: 100, right: 500, plot: 600 })).toEqual({ place: "in", room: 400 });
});

test("a part of a workflow has the runs that lie in it, and the hand-overs that happened in it", () => {
  const workflow = workflowOf(
    [run("lead", "a", 0, 20), run("writer", "b", 5, 9), run("editor", "c", 8, 40), run("mail", "d", 50, 51)],
    AT + 60_000,
  );
  const part = partOf(workflow, { sinceMs: AT + 7_000, untilMs: AT + 30_000 });
  expect([part.start_ms - AT, part.end_ms - AT]).toEqual([7_000, 30_000]);
  expect(part.lanes.map((lane) => lane.bars.map((bar) => bar.task.task_id))).toEqual([["a"], ["b"], ["c"], []]);
  expect(part.handOffs.map(({ to }) => to.task.task_id)).toEqual(["c"]);
  // Of another time, or of none.
  expect(partOf(workflow, { sinceMs: AT + 90_000, untilMs: AT + 99_000 })).toBe(workflow);
  expect(partOf(workflow, null)).toBe(workflow);
});
