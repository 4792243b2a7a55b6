import { expect, test } from "vitest";
import { boardPath } from "./BoardLink";

test("a link of the server stays on this board, whatever name it is known by", () => {
  expect(boardPath("/tasks?status=failed")).toBe("/tasks?status=failed");
  expect(boardPath("https://board.example.com/?agent=mailer")).toBe("/?agent=mailer");
});

test("a board below a path is left below it once", () => {
  expect(boardPath("https://example.com/hive/tasks?status=failed", "/hive/")).toBe("/tasks?status=failed");
});

test("what is no address of a board is no link", () => {
  expect(boardPath("//evil.example.com/x")).toBeNull();
  expect(boardPath("javascript:alert(1)")).toBeNull();
  expect(boardPath("somewhere")).toBeNull();
});
