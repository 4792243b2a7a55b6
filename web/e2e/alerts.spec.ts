import { card, expect, test } from "./board";
import { newcomer } from "./people";

test("a rule is written, tells what it would have found, fires, is taken over and forgotten", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("breaks");
  await agent.register();
  await agent.startTask("order-1");
  await agent.failTask("order-1", "the card was declined");
  await board.goto(`${server.url}/alerts?tab=rules`);
  await board.getByRole("button", { name: "New rule" }).click();
  await board.getByRole("menuitem", { name: "Tasks fail" }).click();
  const form = board.getByRole("form", { name: "New rule" });
  const name = `Orders of ${agent.id} fail`;
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("Only this agent").fill(agent.id);
  await expect(form.getByRole("status")).toContainText("have fired once in the last 7 days");
  await form.getByRole("button", { name: "Critical" }).click();
  await form.getByRole("button", { name: "Create rule" }).click();
  const rule = board.getByRole("list", { name: "Rules" }).getByRole("listitem").filter({ hasText: name });
  await expect(rule).toContainText("a task fails within 5 min");

  await agent.startTask("order-2");
  await agent.failTask("order-2", "the card was declined again");
  await board.getByRole("button", { name: "Open", exact: true }).click();
  const alert = board.getByRole("list", { name: "Open alerts" }).getByRole("listitem").filter({ hasText: name });
  await expect(alert).toContainText("critical", { timeout: 15_000 });
  await alert.getByRole("button", { name: /^Acknowledge/ }).click();
  await expect(alert).toContainText("has it");
  await alert.getByRole("link", { name: "Open" }).click();
  await expect(board).not.toHaveURL(/\/alerts/);

  await board.goto(`${server.url}/alerts?tab=rules`);
  await rule.getByRole("button", { name: `More for ${name}` }).click();
  await board.getByRole("menuitem", { name: "Mute: for an hour" }).click();
  await expect(rule).toContainText("muted until");
  await rule.getByRole("button", { name: `More for ${name}` }).click();
  await board.getByRole("menuitem", { name: "Delete" }).click();
  await rule.getByRole("button", { name: "Delete it" }).click();
  await expect(rule).toHaveCount(0);
  await board.getByRole("button", { name: "History" }).click();
  await expect(board.getByRole("list", { name: "Past alerts" })).toContainText(name);
});

test("what an alert tells of stands once in what needs somebody", async ({ board, newAgent }) => {
  const agent = newAgent("falls-silent", { stuck_threshold: 2 });
  await agent.register();
  await agent.startTask("order-9");
  const lines = board.getByRole("region", { name: "What needs you" }).getByRole("listitem");
  await expect(lines.filter({ hasText: 'Agent "falls-silent" is stuck' })).toBeVisible({ timeout: 15_000 });
  await board.mouse.move(700, 10);
  await expect(lines.filter({ hasText: "order-9" })).toHaveCount(1);
});

test("open alerts stay under a resting pointer, and what is over by then is nobody's to take", async ({
  board,
  newAgent,
  server,
}) => {
  const first = newAgent("silent-one", { stuck_threshold: 2 });
  const second = newAgent("silent-two", { stuck_threshold: 2 });
  await first.register();
  await board.goto(`${server.url}/alerts?tab=open`);
  const alerts = board.getByRole("list", { name: "Open alerts" });
  const alert = (name: string) => alerts.getByRole("listitem").filter({ hasText: name });
  await expect(alert("silent-one")).toBeVisible({ timeout: 15_000 });
  await alert("silent-one").hover();
  const before = await alert("silent-one").boundingBox();

  await second.register();
  await expect(board.getByRole("button", { name: "1 new" })).toBeVisible({ timeout: 20_000 });
  expect((await alert("silent-one").boundingBox())?.y).toBe(before?.y);
  await first.heartbeat();
  await expect(alert("silent-one").getByRole("button", { name: /^Acknowledge/ })).toHaveCount(0, { timeout: 15_000 });
  await board.getByRole("button", { name: "1 new" }).click();
  await expect(alert("silent-two")).toBeVisible();
});

test("what waits for a person is one list: the question, who is asked, since when, and the way there", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("asks");
  await agent.register();
  await agent.startTask("asked-1", "refund");
  await agent.send({
    event_type: "approval_requested",
    task_id: "asked-1",
    task_run_id: "run-1",
    payload: { summary: "Refund of $500 to ACME", data: { approver: "support-lead" } },
  });
  await board.goto(`${server.url}/alerts?tab=waits&agent=${agent.id}`);
  const wait = board.getByRole("list", { name: "Waiting for an answer" }).getByRole("listitem");
  await expect(wait).toContainText("Refund of $500 to ACME");
  await expect(wait).toContainText("support-lead");
  await expect(wait).toContainText("refund");
  await wait.getByRole("link", { name: `Open asked-1 of ${agent.id}` }).click();
  await expect(board.getByRole("heading", { name: "asked-1" })).toBeVisible();

  await agent.send({
    event_type: "approval_received",
    task_id: "asked-1",
    task_run_id: "run-1",
    payload: { summary: "granted", data: { approved_by: "support-lead", decision: "approved" } },
  });
  await board.goto(`${server.url}/alerts?tab=waits&agent=${agent.id}`);
  await expect(board.getByText("Nobody waits for an answer")).toBeVisible();
});

test("a question that is answered under the pointer says so in its place", async ({ board, newAgent, server }) => {
  const agents = [newAgent("asks-first"), newAgent("asks-next")];
  for (const agent of agents) {
    await agent.register();
    await agent.startTask(`${agent.id}-1`);
    await agent.send({
      event_type: "approval_requested",
      task_id: `${agent.id}-1`,
      task_run_id: "run-1",
      payload: { summary: "May I?", data: { approver: "lead" } },
    });
  }
  await board.goto(`${server.url}/alerts?tab=waits`);
  const waits = board.getByRole("list", { name: "Waiting for an answer" }).getByRole("listitem");
  await expect(waits).toHaveCount(2);
  await expect(board.getByText("2 tasks wait for a person")).toBeVisible();
  await waits.first().hover();
  await agents[0]?.send({
    event_type: "approval_received",
    task_id: "asks-first-1",
    task_run_id: "run-1",
    payload: { summary: "yes", data: { approved_by: "lead", decision: "approved" } },
  });
  await expect(waits.first()).toContainText("Answered, processing");
  await expect(board.getByText("1 task waits for a person")).toBeVisible();
  await agents[0]?.completeTask("asks-first-1");
  await expect(waits.first()).toContainText("Answered, completed");
  await expect(waits).toHaveCount(2);
  await board.mouse.move(700, 5);
  await expect(waits).toHaveCount(1);
});

test("a question stays open when the agent that asked it falls silent", async ({ board, newAgent, server }) => {
  const agent = newAgent("asked-and-died", { stuck_threshold: 2 });
  await agent.register();
  await agent.startTask("refund-7");
  await agent.send({
    event_type: "approval_requested",
    task_id: "refund-7",
    task_run_id: "run-1",
    payload: { summary: "credit of $500", data: { approver: "support-lead" } },
  });
  await expect(card(board, agent)).toContainText("Stuck");
  await board.goto(`${server.url}/alerts?tab=waits`);
  const wait = board.getByRole("list", { name: "Waiting for an answer" }).getByRole("listitem");
  await expect(wait).toContainText("credit of $500");
  await expect(wait).toContainText("support-lead");
  await expect(wait).toContainText("its agent is stuck");
  await board.goto(server.url);
  await expect(board.getByRole("region", { name: "What needs you" })).toContainText("credit of $500");
});

test("more alerts than a page holds are counted as such, and can all be read", async ({ board, newAgent, server }) => {
  test.setTimeout(90_000);
  const count = 205;
  for (let number = 0; number < count; number++) await newAgent(`silent-${number}`, { stuck_threshold: 1 }).register();
  await board.goto(`${server.url}/alerts`);
  await expect(board.getByRole("navigation", { name: "Views" }).getByRole("link", { name: /Alerts/ })).toContainText(
    `${count}`,
  );
  const alerts = board.getByRole("list", { name: "Open alerts" }).getByRole("listitem");
  await expect(alerts).toHaveCount(200);
  await board.getByRole("button", { name: "Show more" }).click();
  await expect(alerts).toHaveCount(count);
});

test("who was stuck, when and how long is known after a reload, for the fleet and for the agent", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("faints", { stuck_threshold: 1 });
  await agent.register();
  await board.goto(`${server.url}/alerts?tab=outages&agent=${agent.id}`);
  const outage = board.getByRole("region", { name: "Outages" }).getByRole("row", { name: new RegExp(agent.id) });
  await expect(outage).toContainText("lasts", { timeout: 20_000 });
  await agent.heartbeat("back");
  await expect(async () => {
    await board.reload();
    await expect(outage.first()).toContainText("Stuck", { timeout: 2_000 });
    await expect(outage.first()).not.toContainText("lasts", { timeout: 500 });
  }).toPass({ timeout: 15_000 });
  await outage.first().getByRole("link", { name: agent.id }).click();
  await expect(board.getByRole("heading", { name: agent.id })).toBeVisible();
  await expect(board.getByRole("region", { name: "States" }).getByRole("row", { name: /Stuck/ }).first()).toBeVisible();
  await expect(board.getByRole("img", { name: /^States: .*Stuck/ })).toBeVisible();
});

test("a viewer is shown no button that the server would refuse", async ({ browser }) => {
  const { page: viewer, server, agent } = await newcomer(browser, "viewer");
  try {
    await agent.register();
    await viewer.goto(`${server.url}/alerts?tab=rules`);
    await expect(viewer.getByRole("list", { name: "Rules" })).toBeVisible();
    await expect(viewer.getByRole("button", { name: "New rule" })).toHaveCount(0);
    await expect(viewer.getByRole("button", { name: /^Edit/ })).toHaveCount(0);
    await expect(viewer.getByRole("button", { name: "Channels" })).toHaveCount(0);
    await viewer.goto(`${server.url}/settings`);
    const parts = viewer.getByRole("group", { name: "Part of the settings" });
    await expect(parts.getByRole("button")).toHaveText([
      "Sessions",
      "Projects",
      "Prices",
      "Storage",
      "Workspaces",
      "Appearance",
      "Server",
    ]);
    await parts.getByRole("button", { name: "Prices" }).click();
    await expect(viewer.getByRole("region", { name: "Price table" }).getByRole("row").nth(1)).toBeVisible();
    await expect(viewer.getByRole("button", { name: /^(Set a price|Override|Change|Remove)/ })).toHaveCount(0);
  } finally {
    await server.remove();
  }
});
