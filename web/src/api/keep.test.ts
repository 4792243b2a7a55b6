import { expect, test } from "vitest";
import { keepAlike } from "./keep";

const before = { queryKey: ["cost", "live", { group_by: "agent", since: "2026-11-26T10:00:00Z" }] };

test("the figures before stay while the time moves on", () => {
  expect(keepAlike({ group_by: "agent", since: "2026-11-26T10:01:00Z" })("rows", before)).toBe("rows");
});

test("rows of agents are never shown as rows of projects", () => {
  expect(keepAlike({ group_by: "project", since: "2026-11-26T10:00:00Z" })("rows", before)).toBeUndefined();
});

test("the figures of one agent are never shown under the name of another", () => {
  expect(keepAlike({ group_by: "agent", agent_id: "mailer" })("rows", before)).toBeUndefined();
});

test("there is nothing to keep at first", () => {
  expect(keepAlike({})(undefined, undefined)).toBeUndefined();
});
