import type { Page } from "@playwright/test";
import type { Agent } from "./agent";
import { card, expect, stream, test } from "./board";

/** Three runs that ended badly, the last one last. */
async function threeFailures(agent: Agent): Promise<void> {
  await agent.register();
  for (const task of ["first-1", "second-2", "third-3"]) {
    await agent.startTask(task);
    await agent.failTask(task, "no answer");
  }
}

const story = (board: Page, task: string) => board.getByRole("region", { name: `Timeline of ${task}` });

/** Whether the keyboard's focus is on a part or in it. */
const hasFocus = (board: Page, selector: string) =>
  board.evaluate((within) => document.activeElement?.closest(within) !== null, selector);

test("opened by keyboard a task has the focus; closed, the line that led there has it again", async ({
  board,
  newAgent,
  server,
}) => {
  await threeFailures(newAgent("clumsy"));
  await board.goto(server.url);
  const needs = board.getByRole("region", { name: "What needs you" });
  const line = needs.getByRole("button", { name: /second-2/ });
  await line.focus();
  await board.keyboard.press("Enter");
  await expect(story(board, "second-2")).toBeVisible();
  await expect(board.locator("div:focus-visible").filter({ has: story(board, "second-2") })).toHaveCount(1);
  // The next stop is inside of it.
  await board.keyboard.press("Tab");
  expect(await hasFocus(board, "section[aria-label='Timeline of second-2']")).toBe(true);
  await board.keyboard.press("Escape");
  await expect(line).toBeFocused();

  // From a row of the table, and on to the run below it.
  await board.keyboard.press("j");
  await board.keyboard.press("Enter");
  await expect(story(board, "third-3")).toBeVisible();
  await board.keyboard.press("j");
  await expect(board.locator("tr:focus")).toContainText("second-2");
  await board.keyboard.press("Enter");
  await story(board, "second-2").getByRole("button", { name: "Close this task" }).focus();
  await board.keyboard.press("Enter");
  await expect(board.locator("tr:focus")).toContainText("second-2");
});

test("the full view and back keep the focus and what the task shows", async ({ board, newAgent, server }) => {
  const agent = newAgent("clumsy");
  await threeFailures(agent);
  await board.goto(`${server.url}/?task=first-1&owner=${agent.id}&look=waterfall`);
  await story(board, "first-1").evaluate((element) => element.setAttribute("data-same", "yes"));
  await board.getByRole("button", { name: "Full view" }).focus();
  await board.keyboard.press("Enter");
  await expect(board.getByRole("button", { name: "Back to Mission Control" })).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(board.getByRole("button", { name: "Full view" })).toBeFocused();
  await expect(story(board, "first-1")).toHaveAttribute("data-same", "yes");
});

test("a page that is gone to by keyboard has the focus", async ({ board, newAgent, server }) => {
  await newAgent("goes").register();
  await board.goto(server.url);
  await board.getByRole("link", { name: "Cost Explorer" }).focus();
  await board.keyboard.press("Enter");
  await expect(board.getByRole("heading", { name: "Cost Explorer" })).toBeAttached();
  await expect(board.locator("main:focus-visible")).toHaveCount(1);
  await board.getByRole("complementary", { name: "The Hive" }).locator("[tabindex='0']").first().focus();
  await board.keyboard.press("g");
  await board.keyboard.press("e");
  await expect(board.getByRole("heading", { name: "Errors", level: 1 })).toBeAttached();
  await expect(board.getByRole("main")).toBeFocused();
});

test("what is folded, closed or released leaves the focus beside it", async ({ board, newAgent, server }) => {
  const agent = newAgent("beside");
  await agent.register();
  await board.goto(server.url);
  await expect(card(board, agent)).toBeVisible();
  const press = async (name: string) => {
    await board.getByRole("button", { name, exact: true }).focus();
    await board.keyboard.press("Enter");
  };
  await press("Fold the Hive");
  await expect(board.getByRole("button", { name: "Unfold the Hive" })).toBeFocused();
  await board.keyboard.press("Enter");
  expect(await hasFocus(board, "[aria-label='The Hive']")).toBe(true);
  await press("Fold the Activity Stream");
  await expect(board.getByRole("button", { name: "Unfold the Activity Stream" })).toBeFocused();
  await board.keyboard.press("Enter");
  expect(await hasFocus(board, "[aria-label='Activity Stream']")).toBe(true);
  await press("Search agents");
  await board.keyboard.type("bes");
  await board.keyboard.press("Escape");
  await expect(board.getByRole("button", { name: "Search agents" })).toBeFocused();
  await board.goto(`${server.url}/?agent=${agent.id}`);
  await press("Remove filter agent");
  await expect(board).not.toHaveURL(/agent=/);
  expect(await hasFocus(board, "section[aria-label='Narrowed to']")).toBe(true);
});

test("the activity is one stop of the Tab key with arrows inside, and holds still under the keyboard", async ({
  board,
  newAgent,
  server,
}) => {
  const agents = ["one", "two", "three"].map((name) => newAgent(`${name}-tells`));
  for (const agent of agents) await agent.register();
  await board.goto(server.url);
  const entries = stream(board).locator("button[data-entry]");
  await expect(entries).toHaveCount(3);
  await expect(stream(board).locator("button[data-entry][tabindex='0']")).toHaveCount(1);
  await board.keyboard.press("Tab");
  await board.keyboard.press("Tab");
  await board.keyboard.press("Tab");
  await board.keyboard.press("Enter");
  await expect(entries.first()).toBeFocused();
  await board.keyboard.press("ArrowDown");
  await expect(entries.nth(1)).toBeFocused();
  await expect(entries.nth(1)).toContainText("two-tells");
  for (let index = 0; index < 30; index += 1) await agents[0]?.startTask(`task-${index}`);
  await expect(stream(board).getByRole("button", { name: "30 new" })).toBeVisible();
  await expect(entries.nth(1)).toBeFocused();
  await expect(entries).toHaveCount(3);
});

test("a long table is one row of stops, with arrows between its rows", async ({ board, newAgent, server }) => {
  const agent = newAgent("talks");
  await agent.register();
  await agent.startTask("many-calls");
  await Promise.all(Array.from({ length: 14 }, (_, index) => agent.llmCall("many-calls", `call-${index}`)));
  await board.goto(`${server.url}/cost?sort=newest`);
  const calls = board.getByRole("region", { name: "Calls" });
  const opens = calls.getByRole("button", { name: /^Open call-/ });
  await expect(opens).toHaveCount(14);
  await opens.first().focus();
  for (let stop = 0; stop < 3; stop += 1) await board.keyboard.press("Tab");
  expect(await calls.evaluate((table) => table.contains(document.activeElement))).toBe(false);
  await board.keyboard.press("Shift+Tab");
  await board.keyboard.press("ArrowDown");
  await board.keyboard.press("ArrowDown");
  const tasks = calls.getByRole("link", { name: "many-calls" });
  await expect(tasks.nth(2)).toBeFocused();
  await board.keyboard.press("Shift+Tab");
  await board.keyboard.press("Shift+Tab");
  await expect(opens.nth(2)).toBeFocused();
  await board.keyboard.press("End");
  await expect(opens.last()).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(calls.getByRole("button", { name: /^Close call-/ })).toBeFocused();
});
