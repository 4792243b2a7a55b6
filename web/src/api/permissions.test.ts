import { expect, test } from "vitest";
import { mayAs } from "./permissions";

test("each role may what the server lets it do, and no more", () => {
  expect(["viewer", "member", "admin", "owner"].map((role) => mayAs(role, "changeRules"))).toEqual([
    false,
    true,
    true,
    true,
  ]);
  expect(["viewer", "member", "admin", "owner"].map((role) => mayAs(role, "manageKeys"))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  const letIn = ["viewer", "member", "admin", "owner"].filter((role) => mayAs(role, "manageMembers"));
  expect(letIn).toEqual(["admin", "owner"]);
  expect(["viewer", "member", "admin", "owner"].filter((role) => mayAs(role, "manageWorkspaces"))).toEqual(["owner"]);
  expect(mayAs(null, "saveViews")).toBe(false);
  expect(mayAs(undefined, "saveViews")).toBe(false);
  expect(mayAs("a role of a newer server", "saveViews")).toBe(false);
});
