import type { Page } from "@playwright/test";
import type { Agent } from "./agent";
import { expect, test } from "./board";
import { drag } from "./drag";

const MINUTE_MS = 60_000;

/** Calls of $1.00 each, so many minutes ago. */
async function calls(agent: Agent, minutesAgo: readonly number[]): Promise<void> {
  await agent.register();
  for (const minutes of minutesAgo) {
    const task = { task_id: `call-${minutes}`, task_run_id: "run-1", task_type: "bill" };
    const at = (seconds: number) => new Date(Date.now() - minutes * MINUTE_MS + seconds * 1_000).toISOString();
    await agent.send(
      { event_type: "task_started", ...task, timestamp: at(0) },
      {
        event_type: "custom",
        ...task,
        timestamp: at(1),
        payload: { kind: "llm_call", summary: "ask", data: { name: "ask", model: "m-1", cost: 1, duration_ms: 10 } },
      },
      { event_type: "task_completed", ...task, timestamp: at(2), duration_ms: 2_000 },
    );
  }
}

/** How many minutes the address narrows to, and how long ago they end. */
function narrowed(board: Page): { minutes: number; endedMinutesAgo: number } {
  const address = new URL(board.url()).searchParams;
  const [since, until] = [address.get("since") ?? "", address.get("until") ?? ""].map((at) => Date.parse(at)) as [
    number,
    number,
  ];
  return { minutes: (until - since) / MINUTE_MS, endedMinutesAgo: (Date.now() - until) / MINUTE_MS };
}

test("a drag over the cost chart narrows to that stretch: its sums, its calls, its address", async ({
  board,
  newAgent,
  server,
}) => {
  await calls(newAgent("spender"), [50, 30, 28, 5]);
  await board.goto(`${server.url}/cost`);
  const sums = board.getByRole("region", { name: "Sums of the period" });
  await expect(sums).toContainText("$4.00");
  const plot = board.getByRole("region", { name: "Cost over time" }).getByRole("button", { name: /^Narrow to/ });
  // From 40 to 20 minutes ago: two of the four calls.
  await drag(board, plot, 0.34, 0.66);
  await expect(board).toHaveURL(/since=.*until=/);
  const { minutes, endedMinutesAgo } = narrowed(board);
  expect(minutes).toBeGreaterThan(15);
  expect(minutes).toBeLessThan(26);
  expect(endedMinutesAgo).toBeGreaterThan(15);
  await expect(sums).toContainText("$2.00");
  await board.goBack();
  await expect(sums).toContainText("$4.00");
});

test("the same by the keyboard: arrows choose, Shift stretches, Enter narrows, Escape lets go", async ({
  board,
  newAgent,
  server,
}) => {
  await calls(newAgent("spender"), [50, 30, 5]);
  await board.goto(`${server.url}/cost`);
  await expect(board.getByRole("region", { name: "Sums of the period" })).toContainText("$3.00");
  const plot = board.getByRole("region", { name: "Cost over time" }).getByRole("button", { name: /^Narrow to/ });
  await plot.focus();
  await board.keyboard.press("Home");
  await board.keyboard.press("Escape");
  await expect(plot).toHaveAccessibleName(
    "Narrow to a part of this time; arrow keys choose it, with Shift a longer one",
  );
  await board.keyboard.press("End");
  for (let step = 0; step < 14; step += 1) await board.keyboard.press("Shift+ArrowLeft");
  // The last fifteen minutes: one call.
  await expect(plot).toHaveAccessibleName(/^Narrow to .+ – .+, \$1\.00$/);
  await board.keyboard.press("Enter");
  await expect(board.getByRole("region", { name: "Sums of the period" })).toContainText("$1.00");
});

test("a drag over a small chart narrows the tasks to several buckets, and all charts show the slice", async ({
  board,
  newAgent,
  server,
}) => {
  await calls(newAgent("slicer"), [50, 30, 5]);
  await board.goto(server.url);
  const tasks = board.getByRole("region", { name: "Tasks" });
  await expect(tasks.locator("tbody tr")).toHaveCount(3);
  await drag(board, board.getByRole("img", { name: /^Throughput: .*lowest/ }), 0.34, 0.66);
  await expect(board).toHaveURL(/since=.*until=/);
  expect(narrowed(board).minutes).toBeGreaterThan(12);
  await expect(tasks.locator("tbody tr")).toHaveCount(1);
  await expect(tasks.locator("tbody tr")).toContainText("call-30");
});

test("the figures of an agent are of the range that one looks at, and are dragged over as well", async ({
  board,
  newAgent,
  server,
}) => {
  await calls(newAgent("measured"), [150, 50, 30, 5]);
  await board.goto(`${server.url}/agent?agent=measured&tab=metrics`);
  const metrics = board.getByRole("region", { name: "Metrics" });
  await expect(metrics).toContainText("Completed3 of 3");
  await expect(metrics).toContainText("Cost in all$3.00");
  await drag(board, metrics.getByRole("img", { name: /^LLM calls: .*lowest/ }), 0.34, 0.66);
  await expect(board).toHaveURL(/since=.*until=/);
  await board.goto(`${server.url}/agent?agent=measured&tab=metrics&range=6h`);
  await expect(metrics).toContainText("Completed4 of 4");
  await expect(metrics.getByRole("figure").filter({ hasText: "Duration p95" })).toContainText("2.0 s");
});

test("the small charts are one stop of the keyboard: arrows read all of them, Enter narrows", async ({
  board,
  newAgent,
  server,
}) => {
  await calls(newAgent("slicer"), [50, 30, 5]);
  await board.goto(server.url);
  await expect(board.getByRole("img", { name: /^Throughput: .*lowest/ })).toBeVisible();
  const keys = board.getByRole("region", { name: "Charts of the last 1 h" }).getByRole("button");
  await expect(keys).toHaveCount(1);
  await keys.focus();
  await board.keyboard.press("End");
  await expect(keys).toHaveAccessibleName(
    /^Narrow to \d\d:\d\d – \d\d:\d\d: Throughput .+, Success rate .+, Errors .+/,
  );
  await expect(board.getByRole("figure").filter({ hasText: "Throughput" })).toContainText("so far");
  for (let step = 0; step < 9; step += 1) await board.keyboard.press("Shift+ArrowLeft");
  await board.keyboard.press("Enter");
  await expect(board).toHaveURL(/since=.*until=/);
  expect(narrowed(board).minutes).toBeGreaterThan(8);
  expect(narrowed(board).minutes).toBeLessThan(25);
});

test("the strip of an agent's states says what was when, and a drag narrows to a part of it", async ({
  board,
  newAgent,
  server,
}) => {
  await newAgent("steady").register();
  await board.goto(`${server.url}/agent?agent=steady`);
  const strip = board.getByRole("figure").filter({ hasText: "States" });
  const over = strip.getByRole("button");
  await over.hover();
  await expect(board.getByRole("figure").filter({ hasText: /Up since/ })).toBeVisible();
  await drag(board, board.getByRole("button", { name: /^Up since/ }), 0.25, 0.75);
  await expect(board).toHaveURL(/since=.*until=/);
});

test("failures of a short time are counted by whole hours, and the page says which", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("fails");
  await agent.register();
  await agent.startTask("pay-1");
  await agent.failTask("pay-1", "declined");
  await board.goto(`${server.url}/errors`);
  await expect(board.getByRole("main")).toContainText(/counted by whole hours: .*\d\d:00 – .*\d\d:00/);
  await board.goto(`${server.url}/errors?range=7d`);
  await expect(board.getByRole("main")).toContainText("1 failure");
  await expect(board.getByRole("main")).not.toContainText("whole hours");
});
