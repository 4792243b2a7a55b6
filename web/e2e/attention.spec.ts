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

test("what needs somebody says what is so by now, under a resting pointer too", async ({ board, newAgent, server }) => {
  const agent = newAgent("tries-again");
  const other = newAgent("fails-for-good");
  for (const each of [agent, other]) await each.register();
  for (const task of ["report-1", "report-2"]) {
    await agent.startTask(task);
    await agent.failTask(task, "the gateway did not answer");
  }
  await board.goto(server.url);
  const needs = board.getByRole("region", { name: "What needs you" });
  // Alerts stand there, too, and name tasks: they lead elsewhere, by links.
  const line = (task: string) => needs.getByRole("listitem").filter({ hasText: task, has: board.getByRole("button") });
  const [first, second] = [line("report-1"), line("report-2")];
  await expect(first).toContainText("report-1 failed tries-again CheckError");
  await first.hover();

  // The same run goes on: it leaves the list of failures, but not the place under the pointer.
  await agent.startTask("report-1");
  await expect(first).toContainText("report-1 processing");
  // Another failure comes only once the list was read anew without it.
  await other.startTask("report-3");
  await other.failTask("report-3", "no answer");
  const table = board.getByRole("region", { name: "Tasks" });
  await expect(table.getByRole("row", { name: /report-3/ })).toContainText("Failed");
  await expect(table.getByRole("button", { name: /Failed 2/ })).toBeVisible();
  await expect(first).toContainText("report-1 processing");
  await agent.completeTask("report-1");
  await expect(first).toContainText("report-1 completed");

  // Another run of a task that failed.
  const again = { task_id: "report-2", task_run_id: "run-2", project_id: "web-e2e" };
  await agent.send({ event_type: "task_started", ...again });
  await expect(second).toContainText("report-2 failed, tried again: processing");
  await agent.send({ event_type: "task_completed", duration_ms: 10, ...again });
  await expect(second).toContainText("report-2 failed, tried again: completed");
  await board.mouse.move(0, 0);
  await expect(line("report-3")).toBeVisible();
  await expect(first).toHaveCount(0);
});

test("alerts above the runs stay under the pointer as well", async ({ board, newAgent, server }) => {
  const asking = newAgent("asks-somebody");
  await asking.register();
  await asking.startTask("report-5");
  const question = { payload: { summary: "send it?", data: { approver: "lead" } } };
  await asking.send({ event_type: "approval_requested", task_id: "report-5", task_run_id: "run-1", ...question });
  const silent = newAgent("falls-silent", { stuck_threshold: 2 });
  await board.goto(server.url);
  const needs = board.getByRole("region", { name: "What needs you" });
  const row = needs.getByRole("listitem").filter({ hasText: "report-5", has: board.getByRole("button") });
  await row.hover();
  const before = await row.boundingBox();
  await silent.register();
  await expect(board.getByRole("link", { name: /Alerts 1/ })).toBeVisible({ timeout: 20_000 });
  expect((await row.boundingBox())?.y).toBe(before?.y);
  await expect(needs).not.toContainText("falls-silent");
  await board.mouse.move(700, 5);
  await expect(needs).toContainText("falls-silent");
});

test("a narrowed table and Hive say what is so by now of what has left them under the pointer", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("mends-itself");
  const other = newAgent("stays-broken");
  for (const each of [agent, other]) {
    await each.register();
    await each.startTask(`${each.id}-1`);
    await each.failTask(`${each.id}-1`, "no answer");
  }
  await board.goto(`${server.url}/?status=failed`);
  const row = board.getByRole("region", { name: "Tasks" }).getByRole("row", { name: /mends-itself-1/ });
  await row.hover();
  await agent.startTask("mends-itself-1");
  await expect(board.getByRole("region", { name: "Tasks" }).getByRole("button", { name: /Failed 1/ })).toBeVisible();
  await expect(row).toContainText("Processing");
  await agent.completeTask("mends-itself-1");
  await expect(row).toContainText("Completed");

  await agent.startTask("mends-itself-2");
  await agent.failTask("mends-itself-2", "no answer");
  await expect(card(board, agent)).toContainText("Error");
  await card(board, agent).hover();
  await agent.startTask("mends-itself-3");
  await expect(card(board, agent)).toContainText("Processing");
  await board.mouse.move(700, 10);
  await expect(card(board, agent)).toHaveCount(0);
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

test("how long events are kept is changed in the settings, and what goes is said before", async ({
  board,
  newAgent,
  server,
}) => {
  await newAgent("kept").register();
  await board.goto(`${server.url}/settings?tab=storage`);
  const days = (mode: string) => board.getByRole("region", { name: `Days of ${mode} data` });
  await expect(days("test")).toContainText("kept for 30 days");
  await days("test").getByRole("button", { name: "Change how long test data is kept" }).click();
  const form = board.getByRole("form", { name: "How long test data is kept" });
  await form.getByRole("spinbutton", { name: "Days" }).fill("90");
  await expect(form.getByRole("status")).toHaveCount(0);
  await form.getByRole("button", { name: "Save" }).click();
  await expect(days("test")).toContainText("kept for 90 days");
  await expect(days("live")).toContainText("kept for 30 days");

  await days("test")
    .getByRole("button", { name: /^Change/ })
    .click();
  await form.getByRole("spinbutton", { name: "Days" }).fill("14");
  await expect(form.getByRole("status")).toHaveText(/more than 14 days ago go within a minute/);
  await form.getByRole("button", { name: "Delete what is older" }).click();
  await expect(days("test")).toContainText("kept for 14 days");
  await days("test")
    .getByRole("button", { name: /^Change/ })
    .click();
  await form.getByRole("button", { name: "Server default" }).click();
  await expect(days("test")).toContainText("kept for 30 days");
  await board.getByRole("button", { name: "Audit", exact: true }).click();
  await expect(board.getByRole("main")).toContainText("retention");
});

test("settings show what the events take up", async ({ board, newAgent, server }) => {
  const agent = newAgent("stored");
  await agent.register();
  await board.goto(`${server.url}/settings?tab=storage`);
  await expect(board.getByRole("region", { name: "Days of live data" }).getByRole("row").nth(1)).toContainText("B");
  await board.getByRole("button", { name: "Appearance", exact: true }).click();
  await expect(board.getByRole("region", { name: "Appearance" })).toContainText("Times are shown in");
});
