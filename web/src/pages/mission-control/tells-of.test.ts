import { expect, test } from "vitest";
import type { Alert } from "~/api/alerts";
import type { Task } from "~/api/types";
import { tellsOf } from "./tells-of";

const run = (over: object) =>
  ({
    agent_id: "clerk",
    task_id: "invoice-7",
    task_run_id: "run-1",
    derived_status: "waiting",
    waiting: {},
    ...over,
  }) as Task;
const waits = {
  condition: "approval_waiting",
  subject: { kind: "run", agent_id: "clerk", task_id: "invoice-7", task_run_id: "run-1" },
} as Alert;
const stuck = { condition: "agent_stuck", subject: { kind: "agent", agent_id: "clerk" } } as Alert;

test("an alert about a run that waits stands for its line", () => {
  expect(tellsOf(waits, run({}))).toBe(true);
  expect(tellsOf(waits, run({ task_run_id: "run-2" }))).toBe(false);
  expect(tellsOf(waits, run({ agent_id: "other" }))).toBe(false);
});

test("an alert about an agent that is stuck stands for the run that it is stuck at, not for what people are asked", () => {
  expect(tellsOf(stuck, run({ derived_status: "stuck", waiting: null }))).toBe(true);
  expect(tellsOf(stuck, run({ derived_status: "stuck" }))).toBe(false);
  expect(tellsOf(stuck, run({ agent_id: "other", derived_status: "stuck", waiting: null }))).toBe(false);
});

test("an alert about something else hides nothing", () =>
  expect(tellsOf({ ...waits, condition: "task_failed" } as Alert, run({}))).toBe(false));
