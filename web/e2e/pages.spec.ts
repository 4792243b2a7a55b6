import { expect, test } from "./board";

test("the Cost Explorer tells what was spent, by whom, and which prompts are bloated", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("spender");
  await agent.register();
  await agent.startTask("essay-1");
  await agent.llmCall("essay-1", "outline", "model-of-the-test");
  await agent.completeTask("essay-1");
  await board.goto(`${server.url}/cost?agent=${agent.id}`);
  await expect(board.getByRole("region", { name: "Sums of the period" })).toContainText("$0.041");
  await expect(
    board.getByRole("region", { name: "Cost by model" }).getByRole("row", { name: /model-of-the-test/ }),
  ).toContainText("40 : 1");
  const call = board.getByRole("region", { name: "Calls" }).getByRole("row", { name: /outline/ });
  await expect(call).toContainText("prompt bloat");
  // Both columns at its sides are open: the table of calls has room all the same.
  const beyond = await call.evaluate((row) => {
    const scroller = row.closest("table")?.parentElement;
    return scroller == null ? null : scroller.scrollWidth - scroller.clientWidth;
  });
  expect(beyond).toBeLessThanOrEqual(0);

  await agent.llmCall("essay-1", "title", "model-of-the-test");
  await expect(board.getByRole("region", { name: "Calls" }).getByRole("row", { name: /title/ })).toBeVisible({
    timeout: 12_000,
  });

  await call.getByRole("link", { name: "essay-1" }).click();
  await expect(board).toHaveURL(/task=essay-1/);
  await expect(board.getByRole("heading", { name: "essay-1" })).toBeVisible();
});

test("a click on any row of the Cost Explorer narrows to it, versions of agents, too", async ({
  board,
  newAgent,
  server,
}) => {
  for (const [version, calls] of [
    ["4.7.1", 3],
    ["4.8.0", 1],
  ] as const) {
    const agent = newAgent(`spends-${version}`, { agent_version: version });
    await agent.register();
    await agent.startTask(`essay-${version}`);
    for (let call = 0; call < calls; call += 1)
      await agent.llmCall(`essay-${version}`, `outline-${version}`, "a-model");
  }
  await board.goto(`${server.url}/cost?by=version`);
  const calls = board.getByRole("region", { name: "Sums of the period" });
  const versions = board.getByRole("region", { name: "Cost by version" });
  await versions.getByRole("button", { name: "4.8.0" }).click();
  await expect(board).toHaveURL(/version=4\.8\.0/);
  await expect(calls).toContainText("$0.041");
  await expect(board.getByRole("region", { name: "Calls", exact: true }).getByText("outline-4.7.1")).toHaveCount(0);
  await expect(board.getByRole("region", { name: "Calls", exact: true }).getByText("outline-4.8.0")).toHaveCount(1);
  // Told apart by anything else it stays narrowed, until that is taken away.
  await board.getByRole("group", { name: "Group by" }).getByRole("button", { name: "Agent", exact: true }).click();
  const agents = board.getByRole("region", { name: "Cost by agent" });
  await expect(agents.getByRole("button", { name: /spends-4\.8\.0/ })).toBeVisible();
  await expect(agents.getByRole("button", { name: /spends-4\.7\.1/ })).toHaveCount(0);
  await board.getByRole("button", { name: "Remove filter version" }).click();
  await expect(agents.getByRole("button", { name: /spends-4\.7\.1/ })).toBeVisible();
});

test("the pipeline shows queue, to-dos, schedule and issues as they come", async ({ board, newAgent, server }) => {
  const agent = newAgent("planner");
  await agent.register();
  await board.goto(`${server.url}/pipeline`);
  const report = (kind: string, data: Record<string, unknown>, summary = kind) =>
    agent.send({ event_type: "custom", payload: { kind, summary, data } });
  await report(
    "issue",
    { issue_id: "i1", severity: "critical", category: "credentials", action: "reported" },
    "The key is refused",
  );
  await report("todo", { todo_id: "t1", action: "created", priority: "high" }, "Ask for a new key");
  await report("queue_snapshot", {
    depth: 7,
    oldest_age_seconds: 90,
    items: [{ id: "q1", priority: "high", summary: "Order 4711" }],
  });
  await report("scheduled", {
    items: [
      {
        id: "s1",
        name: "Nightly sync",
        next_run: new Date(Date.now() - 3_600_000).toISOString(),
        interval: "1h",
        enabled: true,
      },
    ],
  });
  const part = (name: string) => board.getByRole("region", { name, exact: true });
  const row = (name: string, text: string) => part(name).getByRole("listitem").filter({ hasText: text });
  await expect(row("Issues", "The key is refused")).toContainText("critical");
  await expect(row("Issues", "The key is refused")).toContainText(agent.id);
  await expect(row("To-dos", "Ask for a new key")).toBeVisible();
  await expect(row("Queue", "Order 4711")).toBeVisible();
  await expect(row("Scheduled", "Nightly sync")).toContainText("overdue");

  await report("issue", { issue_id: "i1", severity: "critical", action: "resolved" }, "Works again");
  await expect(row("Issues", "The key is refused")).toBeHidden({ timeout: 10_000 });
});

test("a key made in the settings works at once and stops when it is revoked", async ({ board, server }) => {
  await board.goto(`${server.url}/settings`);
  const keys = board.getByRole("region", { name: "Keys" });
  await keys.getByRole("textbox", { name: "What the key is for" }).fill("from the board");
  await keys.getByRole("button", { name: "Create key" }).click();
  const secret = (await keys.getByText(/^hb_live_\w{32}$/).textContent()) ?? "";
  const reads = () => fetch(`${server.url}/v1/agents`, { headers: { Authorization: `Bearer ${secret}` } });
  expect((await reads()).status).toBe(200);
  await keys.getByRole("button", { name: "Done" }).click();
  await expect(board.getByText(secret)).toHaveCount(0);

  const row = keys.getByRole("row", { name: /from the board/ });
  await row.getByRole("button", { name: /^Revoke/ }).click();
  await row.getByRole("button", { name: "Revoke it" }).click();
  await expect(row).toContainText("revoked");
  await expect(async () => expect((await reads()).status).toBe(401)).toPass({ timeout: 3_000 });
});

test("a project is made in the settings before an event names it, called otherwise, and put away", async ({
  board,
  server,
  newAgent,
}) => {
  await newAgent("any").register();
  await board.goto(`${server.url}/settings?tab=projects`);
  const projects = board.getByRole("region", { name: "Projects" });
  await projects.getByLabel("Name of a new project").fill("   ");
  await projects.getByRole("button", { name: "Create project" }).click();
  await expect(projects.getByRole("row")).toHaveCount(2);
  await projects.getByLabel("Name of a new project").fill("Sales EU");
  await projects.getByRole("button", { name: "Create project" }).click();
  const row = projects.getByRole("row", { name: /sales-eu/ });
  await expect(row).toContainText("Sales EU");
  await row.getByRole("button", { name: "Rename Sales EU" }).click();
  await row.getByLabel("Name of the project").fill("Sales Europe");
  await row.getByRole("button", { name: "Rename" }).click();
  await expect(row).toContainText("Sales Europe");
  await row.getByRole("button", { name: "Archive Sales Europe" }).click();
  await expect(row).toContainText("archived");
  await row.getByRole("button", { name: "Take back Sales Europe" }).click();
  await expect(row).not.toContainText("archived");
});
