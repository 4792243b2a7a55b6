import { expect, test } from "vitest";
import type { Task } from "~/api/types";
import { ownersOf, ownerToOpen } from "./owners";

function run(agent_id: string, second: number, derived_status: Task["derived_status"]): Task {
  return { agent_id, derived_status, started_at: `2026-11-22T10:00:${String(second).padStart(2, "0")}Z` } as Task;
}

test("who gave the work stands first, each agent once with its latest run", () => {
  const owners = ownersOf([run("sub", 9, "completed"), run("lead", 1, "failed"), run("sub", 5, "failed")]);
  expect(owners.map((task) => [task.agent_id, task.derived_status])).toEqual([
    ["lead", "failed"],
    ["sub", "completed"],
  ]);
});

test("what failed is opened, not the one that came last", () => {
  expect(ownerToOpen([run("sub", 9, "completed"), run("lead", 1, "failed")])).toBe("lead");
  expect(ownerToOpen([run("sub", 9, "stuck"), run("lead", 1, "processing")])).toBe("sub");
  expect(ownerToOpen([run("sub", 9, "completed"), run("lead", 1, "completed")])).toBe("lead");
  expect(ownerToOpen([run("lead", 1, "failed")])).toBeUndefined();
});
