import { expect, test } from "vitest";
import { keepAlike } from "./keep";

const before = { queryKey: ["cost", "live", { group_by: "agent", since: "2026-11-26T10:00:00Z" }] };

test("the figures before stay while the time moves on", () => {
  const now = ["cost", "live", { group_by: "agent", since: "2026-11-26T10:01:00Z" }];
  expect(keepAlike(now)("rows", before)).toBe("rows");
});

test("rows of agents are never shown as rows of projects", () => {
  const now = ["cost", "live", { group_by: "project", since: "2026-11-26T10:00:00Z" }];
  expect(keepAlike(now)("rows", before)).toBeUndefined();
});

test("the figures of one agent are never shown under the name of another", () => {
  expect(keepAlike(["cost", "live", { group_by: "agent", agent_id: "mailer" }])("rows", before)).toBeUndefined();
  const states = { queryKey: ["agent-states", "live", "mailer", { range: "24h" }] };
  expect(keepAlike(["agent-states", "live", "writer", { range: "24h" }])("rows", states)).toBeUndefined();
  expect(keepAlike(["agent-states", "live", "mailer", { range: "1h" }])("rows", states)).toBe("rows");
});

test("live data is never shown as test data", () => {
  expect(keepAlike(["cost", "test", { group_by: "agent" }])("rows", before)).toBeUndefined();
});

test("one error is never shown as another", () => {
  const error = { queryKey: ["errors", "live", "one", "e1", {}] };
  expect(keepAlike(["errors", "live", "one", "e2", {}])("rows", error)).toBeUndefined();
  expect(keepAlike(["errors", "live", { sort: "often" }])("rows", error)).toBeUndefined();
});

test("a list keeps its rows while it is searched and sorted anew", () => {
  const errors = { queryKey: ["errors", "live", { sort: "often", q: "time" }] };
  expect(keepAlike(["errors", "live", { sort: "last", q: "timeout" }])("rows", errors)).toBe("rows");
});

test("there is nothing to keep at first", () => {
  expect(keepAlike(["cost", "live", {}])(undefined, undefined)).toBeUndefined();
});
