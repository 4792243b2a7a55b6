import { expect, test } from "vitest";
import { CONDITIONS, ruleSentence, usualRule } from "./conditions";

test("every condition of the server can be made", () => {
  expect(CONDITIONS.map((condition) => condition.type)).toEqual([
    "agent_stuck",
    "heartbeat_lost",
    "no_events",
    "task_failed",
    "error_rate",
    "duration_exceeded",
    "task_stalled",
    "cost_threshold",
    "queue_backlog",
    "approval_waiting",
    "issue_reported",
    "schedule_overdue",
    "insight",
  ]);
});

test("a rule reads as a sentence", () => {
  expect(ruleSentence(usualRule("agent_stuck"))).toBe("when an agent is stuck");
  expect(
    ruleSentence({
      condition: { type: "error_rate", percent: 20, window_seconds: 3_600, min_tasks: 5 },
      scope: { project_id: "support-desk" },
    }),
  ).toBe("when more than 20 % of tasks fail within 1\u00a0h, in project support-desk");
  expect(ruleSentence({ condition: { type: "cost_threshold", usd: 10, period: "day" }, scope: {} })).toBe(
    "when the workspace spends more than $10.00 in a day",
  );
});

test("a condition of a newer server is named as it is", () => {
  expect(ruleSentence({ condition: { type: "moon_is_full" }, scope: {} })).toBe("when moon is full");
});
