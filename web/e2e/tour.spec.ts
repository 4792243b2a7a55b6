import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Agent } from "./agent";
import { expect, test } from "./board";

const DEMO = { framework: "hiveboard-demo" };
const tour = (board: Page) => board.getByRole("complementary", { name: "Guided tour" });
const press = (board: Page, name: string) => tour(board).getByRole("button", { name, exact: true }).click();

async function ask(agent: Agent, task: string) {
  await agent.startTask(task);
  await agent.send({
    event_type: "approval_requested",
    task_id: task,
    task_run_id: "run-1",
    payload: { summary: "Pay $9,000?", data: { approver: "finance-lead" } },
  });
}

test("without the demo fleet there is no tour", async ({ board, newAgent }) => {
  const agent = newAgent("ordinary");
  await agent.register();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText(agent.id);
  await expect(tour(board)).toHaveCount(0);
  await board.keyboard.press("Control+k");
  await board.getByRole("combobox").fill("guided tour");
  await expect(board.getByRole("option")).toHaveCount(0);
});

test("the tour leads from stop to stop, to what is there", async ({ board, newAgent, server }) => {
  const agent = newAgent("demo", DEMO);
  await agent.register();
  await agent.startTask("tour-fails");
  await agent.llmCall("tour-fails", "read_and_note", "claude-opus-4-20250514");
  await agent.failTask("tour-fails", "the token has expired");
  await ask(agent, "tour-asks");
  await board.goto(server.url);
  await expect(tour(board)).toContainText("A fleet at work");
  const found = await new AxeBuilder({ page: board }).include('[aria-label="Guided tour"]').analyze();
  expect(found.violations).toEqual([]);
  await press(board, "Show me");
  await expect(board).toHaveURL(/agent=web-crawler/);
  await press(board, "Next");
  await expect(tour(board)).toContainText(`${agent.id} failed at tour-fails: “the token has expired”`);
  await expect(board.getByRole("region", { name: "Timeline of tour-fails" })).toBeVisible();
  await press(board, "Next");
  await expect(board).toHaveURL(/\/cost\?.*by=agent/);
  await expect(tour(board)).toContainText("in this hour");
  await press(board, "Next");
  await expect(tour(board)).toContainText("for finance-lead: “Pay $9,000?”");
  await expect(board.getByRole("region", { name: "Timeline of tour-asks" })).toBeVisible();
  await press(board, "Back");
  await expect(board).toHaveURL(/\/cost/);
  await agent.completeTask("tour-asks");
});

test("closed is closed, until it is asked for; where one was is remembered", async ({ board, newAgent, server }) => {
  const agent = newAgent("demo-again", DEMO);
  await agent.register();
  await board.goto(server.url);
  await press(board, "Show me");
  await expect(tour(board)).toContainText("An agent that dies");
  await board.reload();
  await expect(tour(board)).toContainText("An agent that dies");
  await press(board, "Close the tour");
  await expect(tour(board)).toHaveCount(0);
  await board.reload();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText(agent.id);
  await expect(tour(board)).toHaveCount(0);
  await board.keyboard.press("Control+k");
  await board.getByRole("combobox").fill("guided tour");
  await board.keyboard.press("Enter");
  await expect(tour(board)).toContainText("A fleet at work");
  await agent.leave();
  await board.reload();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText(agent.id);
  await expect(tour(board)).toHaveCount(0);
});

test("on a narrow screen it leaves the tabs in reach", async ({ board, newAgent, server }) => {
  const agent = newAgent("demo-narrow", DEMO);
  await agent.register();
  await board.setViewportSize({ width: 400, height: 800 });
  await board.goto(server.url);
  await expect(tour(board)).toBeVisible();
  const card = await tour(board).boundingBox();
  const tabs = await board.getByRole("button", { name: "Hive" }).last().boundingBox();
  expect((card?.y ?? 0) + (card?.height ?? 0)).toBeLessThanOrEqual(tabs?.y ?? 0);
  await press(board, "Show me");
  await expect(board).toHaveURL(/agent=web-crawler/);
});

test("on a narrow screen a notice does not lie over the tour", async ({ board, newAgent, server }) => {
  await board.setViewportSize({ width: 390, height: 844 });
  const agent = newAgent("demo", { ...DEMO, stuck_threshold: 2 });
  await agent.register();
  await board.goto(server.url);
  await expect(tour(board)).toBeVisible();
  const notice = board.getByRole("status").filter({ hasText: "demo is stuck" });
  await expect(notice).toBeVisible({ timeout: 15_000 });
  const [told, card] = [await notice.boundingBox(), await tour(board).boundingBox()];
  if (told === null || card === null) throw new Error("both are there");
  expect(told.y + told.height).toBeLessThanOrEqual(card.y);
});
