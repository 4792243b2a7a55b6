import { card, expect, test } from "./board";

test("with nothing selected the middle says what needs somebody", async ({ board, newAgent, server }) => {
  const failing = newAgent("fails");
  const asking = newAgent("waits");
  for (const each of [failing, asking]) await each.register();
  await failing.startTask("report-9");
  await failing.failTask("report-9", "the gateway did not answer");
  await asking.startTask("payout-9");
  await asking.send({
    event_type: "approval_requested",
    task_id: "payout-9",
    task_run_id: "run-1",
    payload: { summary: "payout of $900", data: { approver: "finance-lead" } },
  });
  await board.goto(server.url);
  await expect(card(board, asking)).toContainText("Waiting");
  const needs = board.getByRole("region", { name: "What needs you" });
  await expect(needs).toContainText("report-9");
  await expect(needs).toContainText("payout-9 waiting for finance-lead: “payout of $900”");
  await needs.getByRole("button", { name: /report-9/ }).click();
  await expect(board.getByRole("region", { name: "Timeline of report-9" })).toBeVisible();
  await expect(needs).toHaveCount(0);
  await board.keyboard.press("Escape");
  await expect(needs).toBeVisible();
});

test("insights say what was looked at, and speak from nothing too little", async ({ board, newAgent, server }) => {
  const agent = newAgent("young");
  await agent.register();
  await board.goto(`${server.url}/insights`);
  await expect(board.getByRole("heading", { name: "Insights", level: 1 })).toBeVisible();
  await expect(board.getByRole("region", { name: "Too little to say" })).toBeVisible();
});

test("an agent's page has a tab for each thing one asks of it", async ({ board, newAgent, server }) => {
  const agent = newAgent("tabs");
  await agent.register();
  await agent.heartbeat("two orders queued");
  await agent.startTask("order-4");
  await agent.llmCall("order-4", "outline");
  await agent.completeTask("order-4");
  await board.goto(`${server.url}/agent?agent=${agent.id}`);
  await expect(board.getByRole("row", { name: /order-4/ })).toBeVisible();
  const tab = (name: string) => board.getByRole("main").getByRole("button", { name, exact: true });
  await tab("Pipeline").click();
  await expect(board.getByRole("heading", { name: "Issues" })).toBeVisible();
  await tab("Metrics").click();
  await expect(board.getByRole("heading", { name: "Metrics" })).toBeVisible();
  await tab("Events").click();
  await expect(board.getByRole("region", { name: "Events" })).toContainText("finished order-4");
  await tab("Heartbeats").click();
  await expect(board.getByRole("region", { name: "Last heartbeats" })).toContainText("two orders queued");
  await board.reload();
  await expect(board.getByRole("region", { name: "Last heartbeats" })).toContainText("two orders queued");
});

test("the ribbon, the table and the Hive are narrowed to one state together", async ({ board, newAgent, server }) => {
  const waiting = newAgent("one-waits");
  const idle = newAgent("one-idles");
  for (const each of [waiting, idle]) await each.register();
  await waiting.startTask("payout-5");
  await waiting.send({
    event_type: "approval_requested",
    task_id: "payout-5",
    task_run_id: "run-1",
    payload: { summary: "payout of $5", data: { approver: "finance-lead" } },
  });
  await expect(card(board, waiting)).toContainText("Waiting");
  await expect(card(board, idle)).toBeVisible();
  await board
    .getByRole("region", { name: /Fleet now/ })
    .getByRole("button", { name: /Waiting/ })
    .click();
  await expect(card(board, idle)).toHaveCount(0);
  await expect(card(board, waiting)).toBeVisible();
  await expect(board.getByRole("region", { name: "Tasks" }).getByRole("button", { name: /Waiting/ })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await board.goto(`${server.url}/?agent=${idle.id}`);
  await expect(
    board.getByRole("region", { name: /Fleet now/ }).getByRole("button", { name: /^Agents 1/ }),
  ).toBeVisible();
});

test("settings show what the events take up", async ({ board, newAgent, server }) => {
  const agent = newAgent("stored");
  await agent.register();
  await board.goto(`${server.url}/settings?tab=storage`);
  await expect(board.getByRole("region", { name: "Days of live data" }).getByRole("row").nth(1)).toContainText("B");
  await board.getByRole("button", { name: "Appearance", exact: true }).click();
  await expect(board.getByRole("region", { name: "Appearance" })).toContainText("Times are shown in");
});
