import { card, expect, test } from "./board";

test("another dimension of costs leaves no rows of the one before", async ({ board, newAgent, server }) => {
  const agent = newAgent("spender");
  await agent.register();
  await agent.startTask("bill-1", "billing");
  await agent.llmCall("bill-1", "draft");
  await board.goto(`${server.url}/cost?agent=${agent.id}`);
  const byAgent = board.getByRole("region", { name: "Cost by agent" });
  await expect(byAgent.getByRole("cell", { name: agent.id })).toBeVisible();
  await board.getByRole("button", { name: "Project", exact: true }).click();
  const byProject = board.getByRole("region", { name: "Cost by project" });
  await expect(byProject.getByRole("cell", { name: "web-e2e" })).toBeVisible();
  await expect(byProject.getByRole("cell", { name: agent.id })).toHaveCount(0);
});

test("a row chosen far down the table has its story in sight, and the table has no hole", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("many");
  await agent.register();
  const at = Date.now();
  await agent.send(
    ...Array.from({ length: 90 }, (_, index) => ({
      event_type: index % 2 === 0 ? "task_started" : "task_completed",
      task_id: `row-${String(Math.floor(index / 2)).padStart(2, "0")}`,
      task_run_id: "run-1",
      timestamp: new Date(at - 600_000 + index * 1_000).toISOString(),
    })),
  );
  await board.goto(`${server.url}/?agent=${agent.id}`);
  await expect(board.getByRole("region", { name: "Tasks" })).toContainText("45");
  const far = board.getByRole("row", { name: /row-06/ });
  await far.scrollIntoViewIfNeeded();
  await far.click();
  await expect(board.getByRole("region", { name: "Timeline of row-06" })).toBeInViewport({ ratio: 0.2 });
  await board.getByRole("row", { name: /row-44/ }).scrollIntoViewIfNeeded();
  await expect(board.getByRole("row", { name: /row-43/ })).toBeInViewport();
  await expect(board.getByRole("row", { name: /row-42/ })).toBeInViewport();
});

test("a page that was not loaded before an outage comes whole after it", async ({ board, newAgent, server }) => {
  test.setTimeout(60_000);
  const agent = newAgent("before");
  await agent.register();
  await expect(card(board, agent)).toBeVisible();
  await server.stop();
  await board.getByRole("link", { name: "Cost Explorer" }).click();
  await expect(board.getByText("This page is not loaded yet")).toBeVisible();
  await server.start();
  const sums = board.getByRole("region", { name: "Sums of the period" });
  await expect(sums).toBeVisible({ timeout: 25_000 });
  expect(await sums.evaluate((element) => getComputedStyle(element).display)).toBe("grid");
});

test("a server that is gone is told within ten seconds, with the moment that the figures are of", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("away");
  await agent.register();
  await expect(card(board, agent)).toBeVisible();
  await server.stop();
  await expect(board.getByText(/Not live since .*figures are as of then/)).toBeVisible({ timeout: 10_000 });
  await expect(board.locator("[data-stale]")).toHaveCount(1);
  await server.start();
  await expect(board.locator("[data-stale]")).toHaveCount(0, { timeout: 25_000 });
});

test("a task opens at what ended it, not at a failure that was dealt with", async ({ board, newAgent, server }) => {
  const agent = newAgent("handled");
  await agent.register();
  const part = { task_id: "credit-1", task_run_id: "run-1" };
  const at = Date.now() - 60_000;
  const stamp = (seconds: number) => ({ timestamp: new Date(at + seconds * 1_000).toISOString() });
  await agent.send(
    { event_type: "task_started", ...part, ...stamp(0) },
    { event_type: "action_started", action_id: "a1", payload: { action_name: "look_up" }, ...part, ...stamp(1) },
    {
      event_type: "action_failed",
      action_id: "a1",
      payload: { action_name: "look_up", exception_type: "KeyError", exception_message: "no such key" },
      ...part,
      ...stamp(2),
    },
    { event_type: "action_started", action_id: "a2", payload: { action_name: "decide" }, ...part, ...stamp(3) },
    { event_type: "action_completed", action_id: "a2", payload: { action_name: "decide" }, ...part, ...stamp(4) },
    {
      event_type: "task_failed",
      payload: { exception_type: "CreditError", exception_message: "the credit could not be issued" },
      ...part,
      ...stamp(5),
    },
  );
  await board.goto(`${server.url}/?task=credit-1&owner=${agent.id}`);
  const timeline = board.getByRole("region", { name: "Timeline of credit-1" });
  await expect(timeline.getByRole("complementary", { name: "Pinned: the task" })).toContainText("CreditError");
  await expect(timeline).toContainText("CreditError: the credit could not be issued");
});

test("a run that waits says whom it asked, and what", async ({ board, newAgent, server }) => {
  const agent = newAgent("asks");
  await agent.register();
  await agent.startTask("payout-1");
  await agent.send({
    event_type: "approval_requested",
    task_id: "payout-1",
    task_run_id: "run-1",
    payload: { summary: "payout of $900", data: { approver: "finance-lead" } },
  });
  await board.goto(`${server.url}/?task=payout-1&owner=${agent.id}&look=transcript`);
  const timeline = board.getByRole("region", { name: "Timeline of payout-1" });
  await expect(timeline).toContainText("Waits for finance-lead: “payout of $900”");
  await expect(timeline).toContainText("It waits for finance-lead since");
  await expect(timeline).not.toContainText("still running");
});

test("rows stay under a resting pointer, and what came meanwhile is counted", async ({ board, newAgent, server }) => {
  const agent = newAgent("steady");
  await agent.register();
  await agent.startTask("steady-1");
  await board.goto(`${server.url}/?agent=${agent.id}`);
  const row = board.getByRole("row", { name: /^steady-1 / });
  await row.hover();
  const { y } = (await row.boundingBox()) ?? { y: -1 };
  await agent.startTask("steady-2");
  await expect(board.getByRole("region", { name: "Tasks" }).getByRole("button", { name: "1 new" })).toBeVisible();
  expect((await row.boundingBox())?.y).toBe(y);
  await board.getByRole("button", { name: "1 new" }).click();
  await expect(board.getByRole("row", { name: /^steady-2 / })).toBeVisible();
});

test("no page scrolls sideways, however long the names are", async ({ board, newAgent, server }) => {
  test.setTimeout(60_000);
  const long = "W".repeat(200);
  const agent = newAgent(long, { agent_type: "W".repeat(256), environment: "W".repeat(64), group: "W".repeat(128) });
  await agent.register();
  await agent.heartbeat("W".repeat(500));
  await agent.startTask("W".repeat(256), "W".repeat(200));
  await agent.send({ event_type: "custom", task_id: "W".repeat(256), task_run_id: "run-1", correlation_id: long });
  await agent.llmCall("W".repeat(256), "W".repeat(200), "W".repeat(200));
  await agent.failTask("W".repeat(256), "W".repeat(900));
  const task = `?task=${"W".repeat(256)}&owner=${agent.id}`;
  for (const path of [
    "/",
    "/cost",
    "/pipeline",
    "/settings",
    "/settings?tab=prices",
    "/errors",
    "/alerts?tab=waits",
    "/alerts?tab=outages&by=error",
    "/workflow",
    "/tasks",
    "/tasks?status=failed",
    `/agent?agent=${agent.id}`,
    `/agent?agent=${agent.id}&tab=states`,
    `/${task}`,
    `/${task}&look=waterfall`,
    `/${task}&look=transcript`,
  ]) {
    await board.goto(`${server.url}${path}`);
    await expect(card(board, agent)).toBeVisible();
    await board.waitForLoadState("networkidle");
    const overflowing = await board.evaluate(() =>
      [...document.querySelectorAll("html, main, main > *, aside")]
        .filter(
          (element) =>
            element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "hidden",
        )
        .map(
          (element) => `${element.tagName} ${element.className}: ${element.scrollWidth} in ${element.clientWidth} px`,
        ),
    );
    expect(overflowing, path.slice(0, 40)).toEqual([]);
  }
});
