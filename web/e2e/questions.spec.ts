import type { Agent, SentEvent } from "./agent";
import { card, expect, test } from "./board";

const HOUR_MS = 3_600_000;

/** A run that ended so long ago, for so much, so fast. */
function ran(task: string, ago_ms: number, took_ms: number, cost: number, failed = false): SentEvent[] {
  const part = { task_id: task, task_run_id: "run-1", task_type: "order", project_id: "shop" };
  const at = (later_ms: number) => ({ timestamp: new Date(Date.now() - ago_ms - took_ms + later_ms).toISOString() });
  const data = { name: "decide", model: "m-1", tokens_in: 1_000, tokens_out: 500, cost, duration_ms: 100 };
  const raised = { payload: { exception_type: "Timeout", exception_message: "no answer" } };
  return [
    { event_type: "task_started", ...part, ...at(0) },
    { event_type: "custom", ...part, ...at(took_ms / 2), payload: { kind: "llm_call", summary: "decide", data } },
    {
      event_type: failed ? "task_failed" : "task_completed",
      duration_ms: took_ms,
      ...part,
      ...at(took_ms),
      ...(failed ? raised : {}),
    },
  ];
}

const report = (agent: Agent, kind: string, data: Record<string, unknown>, summary = kind) =>
  agent.send({ event_type: "custom", payload: { kind, summary, data } });

test("are they running, does anything need me, is anything stuck: five counts, each right", async ({
  board,
  newAgent,
  server,
}) => {
  const [idle, busy, waits, failed, silent] = ["idles", "works", "waits", "fails", "silent"].map((name) =>
    newAgent(name, name === "silent" ? { stuck_threshold: 2 } : {}),
  ) as [Agent, Agent, Agent, Agent, Agent];
  for (const agent of [idle, busy, waits, failed, silent]) await agent.register();
  await busy.startTask("job-1");
  await waits.startTask("job-2");
  await waits.send({ event_type: "approval_requested", task_id: "job-2", task_run_id: "run-1", payload: {} });
  await failed.startTask("job-3");
  await failed.failTask("job-3", "no answer");
  await board.goto(server.url);
  await expect(card(board, silent)).toContainText("Stuck", { timeout: 10_000 });
  const ribbon = board.getByRole("region", { name: /^Fleet now/ });
  const counts = { Agents: 5, Processing: 1, Waiting: 1, Stuck: 1, Errors: 1 };
  for (const [word, count] of Object.entries(counts))
    await expect(ribbon.getByRole("button", { name: new RegExp(`^${word} ?${count}\\b`) })).toBeVisible();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText("3 need you");
  const needs = board.getByRole("region", { name: "What needs you" });
  await expect(needs.getByRole("listitem").filter({ hasText: /job-2 waiting/ })).toHaveCount(1);
  await expect(needs.getByRole("listitem").filter({ hasText: /job-3 failed/ })).toHaveCount(1);
  await expect(needs).not.toContainText("job-1");
});

test("is its heartbeat healthy: fresh, then late past half of the threshold, then missing", async ({
  board,
  newAgent,
  server,
}) => {
  test.setTimeout(120_000);
  const agent = newAgent("beats", { stuck_threshold: 30 });
  await agent.register();
  await agent.heartbeat("all well");
  await board.goto(server.url);
  const mark = card(board, agent).getByTitle(/^Last heartbeat/);
  await expect(mark).toHaveAttribute("data-status", "success");
  await expect(mark).toHaveAttribute("data-status", "waiting", { timeout: 25_000 });
  await expect(mark).toHaveAttribute("data-status", "stuck", { timeout: 25_000 });
  await agent.heartbeat("back");
  await expect(mark).toHaveAttribute("data-status", "success");
});

test("what is it doing: at what, since when, what it last said; and all of the page is about it", async ({
  board,
  newAgent,
  server,
}) => {
  const [agent, other] = [newAgent("asked-about"), newAgent("another")];
  for (const each of [agent, other]) await each.register();
  await agent.startTask("order-77");
  await agent.heartbeat("waiting for the bank");
  await other.startTask("order-88");
  await board.goto(server.url);
  await expect(card(board, agent)).toContainText("Processing");
  await expect(card(board, agent)).toContainText("order-77");
  await expect(card(board, agent)).toContainText("waiting for the bank");
  await card(board, agent).click();
  const rows = board.getByRole("region", { name: "Tasks" }).locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("order-77");
  await expect(board.getByRole("complementary", { name: "Activity Stream" })).not.toContainText("order-88");
});

test("has it pending work, has it reported problems: how much and how grave stands on its card", async ({
  board,
  newAgent,
  server,
}) => {
  const [grave, light, fine] = [newAgent("grave"), newAgent("light"), newAgent("fine")];
  for (const agent of [grave, light, fine]) await agent.register();
  await report(grave, "queue_snapshot", { depth: 7 });
  await report(grave, "issue", { issue_id: "i1", severity: "low", action: "reported" }, "a typo");
  await report(grave, "issue", { issue_id: "i2", severity: "critical", action: "reported" }, "The key is refused");
  await report(light, "issue", { issue_id: "i3", severity: "low", action: "reported" }, "a typo");
  await board.goto(server.url);
  await expect(card(board, grave)).toContainText("Q:7");
  await expect(card(board, grave)).toContainText("2 critical");
  await expect(card(board, grave).getByTitle("2 open issues, the gravest critical")).toHaveAttribute(
    "data-severity",
    "critical",
  );
  await expect(card(board, light)).toContainText("1 issue");
  await expect(card(board, light)).not.toContainText("critical");
  await expect(card(board, fine)).not.toContainText(/Q:|issue/);
  await report(grave, "issue", { issue_id: "i2", severity: "critical", action: "resolved" }, "works again");
  await expect(card(board, grave)).toContainText("1 issue", { timeout: 10_000 });
  await expect(card(board, grave)).not.toContainText("critical");
});

test("is it better or worse, faster or slower, dearer or cheaper: against the hour before, with the right figures", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("compared");
  await agent.register();
  for (let index = 0; index < 4; index += 1)
    await agent.send(...ran(`before-${index}`, HOUR_MS + 600_000 + index * 60_000, 1_000, 0.25));
  await agent.send(...ran("now-1", 600_000, 3_000, 1.5), ...ran("now-2", 300_000, 3_000, 0.5, true));
  await board.goto(server.url);
  const ribbon = board.getByRole("region", { name: /^Fleet now/ });
  await expect(ribbon).toContainText(/Success, 1 h ?50%/);
  await expect(ribbon).toContainText("▼ 50.0 pt");
  await expect(ribbon).toContainText(/Average ?3\.0 s/);
  await expect(ribbon).toContainText("▲ 200 %");
  await expect(ribbon).toContainText(/Cost, 1 h ?\$2\.00/);
  await expect(ribbon).toContainText("▲ 100 %");
  await board.goto(`${server.url}/cost`);
  const sums = board.getByRole("region", { name: "Sums of the period" });
  await expect(sums).toContainText("$2.00");
  await expect(sums).toContainText("▲ 100 % from $1.00");
  await expect(sums).toContainText("▼ 50 % from 4");
});

test("is work flowing: how much ended, and of whom nothing did", async ({ board, newAgent, server }) => {
  const [busy, lazy] = [newAgent("busy"), newAgent("lazy")];
  for (const agent of [busy, lazy]) await agent.register();
  for (let index = 0; index < 5; index += 1)
    await busy.send(...ran(`done-${index}`, 240_000 + index * 300_000, 500, 0));
  const throughput = board.getByRole("figure").filter({ hasText: "Throughput" });
  await board.goto(server.url);
  await expect(throughput).toContainText("5 / h");
  await board.goto(`${server.url}/?agent=lazy`);
  await expect(throughput).toContainText("0 / min");
});

test("what was the plan, and where did it fail: the step, and those that were never begun", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("plans");
  await agent.register();
  await agent.startTask("move-1");
  const part = { task_id: "move-1", task_run_id: "run-1" };
  const tell = (kind: string, data: Record<string, unknown>, summary: string) =>
    agent.send({ event_type: "custom", ...part, payload: { kind, summary, data } });
  const steps = ["Pack", "Load", "Drive"].map((description, index) => ({ index, description }));
  await tell("plan_created", { goal: "Move house", revision: 0, steps }, "Move house");
  await tell("plan_step", { step_index: 0, total_steps: 3, action: "completed" }, "packed");
  await tell("plan_step", { step_index: 1, total_steps: 3, action: "failed" }, "the van is too small");
  await agent.failTask("move-1", "the van is too small");
  await board.goto(`${server.url}/?task=move-1&owner=plans`);
  const plan = board.getByRole("list", { name: "Plan: Move house, 1 of 3 done" }).getByRole("listitem");
  await expect(plan).toHaveCount(3);
  for (const [index, state] of ["completed", "failed"].entries())
    await expect(plan.nth(index)).toHaveAttribute("data-state", state);
  await expect(plan.nth(1)).toContainText("2 Load");
  await expect(plan.nth(2)).toHaveAttribute("data-state", /pending|skipped/);
  await expect(plan.nth(1)).toHaveAttribute("title", /the van is too small/);
});

test("which agents are in production: told apart in the Hive, and looked at alone", async ({
  board,
  newAgent,
  server,
}) => {
  const names = { "pays-bills": "production", "writes-mail": "production", "tries-out": "staging" };
  for (const [name, environment] of Object.entries(names)) await newAgent(name, { environment }).register();
  await board.goto(server.url);
  const hive = board.getByRole("complementary", { name: "The Hive" });
  await expect(hive).toContainText("tries-out");
  await hive.getByRole("button", { name: "Group agents" }).click();
  await board
    .getByRole("menuitemradio", { name: /environment/i })
    .or(board.getByRole("menuitem", { name: /environment/i }))
    .click();
  await expect(hive).toContainText(/production ?2/);
  await expect(hive).toContainText(/staging ?1/);
  await board.goto(`${server.url}/?environment=production`);
  await expect(hive).toContainText("pays-bills");
  await expect(hive).toContainText("writes-mail");
  await expect(hive).not.toContainText("tries-out");
  await expect(
    board.getByRole("region", { name: /^Fleet now/ }).getByRole("button", { name: /^Agents ?2/ }),
  ).toBeVisible();
});
