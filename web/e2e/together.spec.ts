import type { Agent } from "./agent";
import { expect, test } from "./board";
import { drag } from "./drag";
import { violationsInBothThemes } from "./faults";

const AGO_MS = 600_000;

/** A run of a task with its steps in a row, some minutes ago. */
async function ran(
  agent: Agent,
  task: string,
  run: string,
  {
    at_s,
    steps,
    fails,
    correlation,
  }: { at_s: number; steps: [string, number][]; fails?: string; correlation?: string },
) {
  const start_ms = Date.now() - AGO_MS + at_s * 1_000;
  const when = (seconds: number) => new Date(start_ms + seconds * 1_000).toISOString();
  const own = {
    task_id: task,
    task_run_id: run,
    task_type: "report",
    ...(correlation === undefined ? {} : { correlation_id: correlation }),
  };
  let second = 0;
  const inside = steps.flatMap(([name, seconds]) => {
    const action = { ...own, action_id: `${task}-${run}-${name}`, payload: { action_name: name } };
    const events = [
      { event_type: "action_started", timestamp: when(second), ...action },
      { event_type: "action_completed", timestamp: when(second + seconds), duration_ms: seconds * 1_000, ...action },
    ];
    second += seconds;
    return events;
  });
  await agent.send(
    { event_type: "task_started", timestamp: when(0), ...own },
    ...inside,
    fails === undefined
      ? { event_type: "task_completed", timestamp: when(second), duration_ms: second * 1_000, ...own }
      : {
          event_type: "task_failed",
          timestamp: when(second),
          duration_ms: second * 1_000,
          payload: { exception_type: "CheckError", exception_message: fails },
          ...own,
        },
  );
}

test("two runs of a task are compared: figures, and step by step where they part", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("reporter");
  await agent.register();
  const fast: [string, number][] = [
    ["fetch", 5],
    ["rank", 10],
    ["write", 5],
  ];
  await ran(agent, "nightly-1", "run-1", { at_s: 0, steps: fast });
  await ran(agent, "nightly-1", "run-2", {
    at_s: 60,
    steps: [
      ["fetch", 5],
      ["rank", 30],
      ["write", 5],
      ["check", 5],
    ],
    fails: "totals differ",
  });
  await board.goto(`${server.url}/?task=nightly-1&owner=${agent.id}&run=run-1`);
  await board.getByRole("link", { name: "Compare its runs" }).click();
  await expect(board).toHaveURL(/\/compare\?/);
  await expect(board.getByRole("region", { name: "First run" })).toContainText("Completed");
  await expect(board.getByRole("region", { name: "Second run" })).toContainText("CheckError: totals differ");
  const figures = board.getByRole("table", { name: "Figures" });
  await expect(figures.getByRole("row", { name: /^Took/ })).toContainText("▲ 125 %");
  const steps = board.getByRole("table", { name: "Steps" });
  await expect(steps.getByRole("row", { name: /fetch/ })).toContainText("same");
  await expect(steps.getByRole("row", { name: /rank/ })).toContainText("▲ 200 %");
  await expect(steps.getByRole("row", { name: /check/ })).toContainText("only in the second");
  expect(await violationsInBothThemes(board)).toEqual([]);

  await board.getByRole("button", { name: "Second run" }).click();
  await board.getByRole("option").filter({ hasText: "completed" }).click();
  await expect(figures.getByRole("row", { name: /^Took/ })).toContainText("same");
  await expect(board).toHaveURL(/against=run-1/);
});

test("a failure that ended the task is two errors and one cause, in the table, the head and the comparison alike", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("one-cause");
  await agent.register();
  const wrong = { exception_type: "TimeoutError", exception_message: "no answer" };
  const action = { action_id: "a1", task_id: "fetch-1", task_run_id: "run-2", project_id: "web-e2e" };
  await ran(agent, "fetch-1", "run-1", { at_s: 0, steps: [["fetch", 2]] });
  await agent.send(
    { event_type: "task_started", task_id: "fetch-1", task_run_id: "run-2", project_id: "web-e2e" },
    { event_type: "action_started", ...action, payload: { action_name: "fetch" } },
    { event_type: "action_failed", ...action, payload: { action_name: "fetch", ...wrong } },
    { event_type: "task_failed", task_id: "fetch-1", task_run_id: "run-2", project_id: "web-e2e", payload: wrong },
  );
  await board.goto(`${server.url}/?task=fetch-1&owner=${agent.id}&run=run-2&columns=errors`);
  const row = board.getByRole("region", { name: "Tasks" }).getByRole("row", { name: /fetch-1 2$/ });
  await expect(row).toHaveCount(1);
  // Whoever wonders is told what is counted, there and over the chart.
  for (const errors of [
    board.getByRole("columnheader", { name: "Errors" }),
    board.getByRole("region", { name: "Timeline of fetch-1" }).getByTitle(/counts each cause once/),
  ])
    await expect(errors).toHaveAttribute("title", /what fails around a failure counts again/);
  const head = board.getByRole("region", { name: "Timeline of fetch-1" });
  await expect(head.getByRole("button", { name: "2 errors, 1 cause: go to the next" })).toHaveText("2");
  await board.goto(`${server.url}/compare?task=fetch-1&owner=${agent.id}&run=run-1&against=run-2`);
  const figures = board.getByRole("table", { name: "Figures" });
  await expect(figures.getByRole("row", { name: /^Errors/ })).toHaveText("Errors02▲ new");
  await expect(figures.getByRole("row", { name: /^Causes/ })).toHaveText("Causes01▲ new");
});

test("where agents share a task id what failed is opened, and all are offered", async ({ board, newAgent, server }) => {
  const lead = newAgent("lead");
  const sub = newAgent("sub");
  await lead.register();
  await sub.register();
  const task = `shared-${lead.id}`;
  await ran(lead, task, "run-1", { at_s: 0, steps: [["plan", 60]], fails: "the plan did not hold" });
  await ran(sub, task, "run-1", { at_s: 20, steps: [["look", 10]] });
  await board.goto(`${server.url}/?task=${task}`);
  const timeline = board.getByRole("region", { name: `Timeline of ${task}` });
  await expect(timeline).toContainText("the plan did not hold");
  const owners = timeline.getByRole("group", { name: "Agents with this task" });
  await expect(owners.getByRole("button", { name: new RegExp(lead.id) })).toHaveAttribute("aria-pressed", "true");
  await owners.getByRole("button", { name: new RegExp(sub.id) }).click();
  await expect(timeline).not.toContainText("the plan did not hold");
  await expect(board).toHaveURL(new RegExp(`owner=${sub.id}`));
});

test("a workflow shows its agents in lanes, and who gave work to whom", async ({ board, newAgent, server }) => {
  const lead = newAgent("orchestrates");
  const sub = newAgent("searches");
  await lead.register();
  await sub.register();
  const correlation = `flow-${lead.id}`;
  await ran(lead, "book-trip", "run-1", { at_s: 0, steps: [["ask", 60]], correlation });
  await ran(sub, "find-hotel", "run-1", { at_s: 10, steps: [["search", 20]], correlation });
  await board.goto(`${server.url}/workflow`);
  await board.getByRole("button", { name: correlation }).click();
  await expect(board).toHaveURL(new RegExp(`correlation=${correlation}`));
  await expect(board.getByRole("heading", { name: correlation })).toBeVisible();
  const lanes = board.getByRole("region", { name: "Swimlanes" });
  await expect(lanes.getByRole("link", { name: lead.id, exact: true })).toBeVisible();
  const [giver, taker] = [
    await lanes.getByRole("link", { name: /^book-trip of/ }).boundingBox(),
    await lanes.getByRole("link", { name: /^find-hotel of/ }).boundingBox(),
  ];
  if (giver === null || taker === null) throw new Error("both runs are drawn");
  expect(taker.x).toBeGreaterThan(giver.x);
  expect(taker.x + taker.width).toBeLessThan(giver.x + giver.width);
  expect(taker.y).toBeGreaterThan(giver.y);
  // There and back.
  await expect(lanes.locator('[data-kind="waits"] path')).toHaveCount(2);
  // Every mark of the axis is a round stretch of time.
  await expect(lanes.getByText("+10.0\u00a0s")).toBeVisible();
  // A drag on the axis narrows to the beginning, in which only one of them was at work; the chip leads back.
  await drag(board, lanes.getByRole("button", { name: /^Narrow to/ }), 0.002, 0.1);
  await expect(board).toHaveURL(/since=.*until=/);
  await expect(lanes.getByRole("link", { name: /^find-hotel of/ })).toHaveCount(0);
  await expect(lanes.getByRole("link", { name: /^book-trip of/ })).toBeVisible();
  await board.goBack();
  await expect(lanes.getByRole("link", { name: /^find-hotel of/ })).toBeVisible();
  const late = "a-summary-for-the-customer-of-all-that-was-booked-and-of-what-it-cost";
  await ran(sub, late, "run-1", { at_s: 58, steps: [["write", 2]], correlation });
  const words = lanes.getByRole("link", { name: new RegExp(`^${late} of`) }).getByText(late);
  const [told, page] = [await words.boundingBox(), await lanes.boundingBox()];
  if (told === null || page === null) throw new Error("the late run is drawn with its name");
  expect(told.width).toBeGreaterThan(100);
  expect(told.x + told.width).toBeLessThan(page.x + page.width);
  // What is still open has given nothing back, and says whom it waits for.
  await sub.send(
    { event_type: "task_started", task_id: "pay", task_run_id: "run-1", correlation_id: correlation },
    {
      event_type: "approval_requested",
      task_id: "pay",
      task_run_id: "run-1",
      correlation_id: correlation,
      payload: { summary: "Pay $420?", data: { approver: "travel-desk" } },
    },
  );
  await expect(lanes.getByRole("link", { name: /^pay of searches.* waits for travel-desk$/ })).toBeVisible();
  expect(await violationsInBothThemes(board)).toEqual([]);
  await lanes.getByRole("link", { name: /^find-hotel of/ }).click();
  await expect(board.getByRole("heading", { name: "find-hotel" })).toBeVisible();
  await board.getByRole("link", { name: "Workflow", exact: true }).click();
  await expect(lanes).toBeVisible();
});

test("an older workflow is found by looking further back", async ({ board, newAgent, server }) => {
  const agent = newAgent("prolific");
  await agent.register();
  await ran(agent, "long-ago", "run-1", { at_s: 0, steps: [["ask", 5]], correlation: "flow-of-old" });
  const alone = Array.from({ length: 230 }, (_, index) => ({
    event_type: "task_completed",
    task_id: `alone-${index}`,
    task_run_id: "run-1",
  }));
  await agent.send(...alone);
  await board.goto(`${server.url}/workflow`);
  await expect(board.getByText("among the newest 200 tasks")).toBeVisible();
  await expect(board.getByText("None of the newest 200 tasks belong together")).toBeVisible();
  await board.route("**/v1/tasks?*cursor=*", async (route) => {
    // Under way the button has the focus still.
    await expect(board.getByRole("button", { name: "Look further back" })).toBeDisabled();
    await expect(board.getByRole("button", { name: "Look further back" })).toBeFocused();
    await route.continue();
  });
  await board.getByRole("button", { name: "Look further back" }).focus();
  await board.keyboard.press("Enter");
  await expect(board.getByRole("button", { name: "flow-of-old" })).toBeVisible();
  await expect(board.getByText("among all 231 tasks")).toBeVisible();
  await expect(board.locator("main :focus, main:focus")).toHaveCount(1);
});

test("a view is kept under a name, opened from the list and from the palette, and forgotten", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("kept");
  await agent.register();
  await board.goto(`${server.url}/tasks?agent=${agent.id}&status=failed`);
  await board.getByRole("button", { name: "Saved views" }).click();
  const panel = board.getByRole("dialog", { name: "Saved views" });
  await panel.getByRole("textbox", { name: "Name of this view" }).fill("What failed last");
  await panel.getByRole("button", { name: "Save view" }).click();
  await expect(panel.getByRole("link", { name: /What failed last/ })).toBeVisible();
  expect(await violationsInBothThemes(board)).toEqual([]);
  await board.keyboard.press("Escape");

  await board.goto(`${server.url}/cost`);
  await board.getByRole("button", { name: "Saved views" }).click();
  await panel.getByRole("link", { name: /What failed last/ }).click();
  await expect(board).toHaveURL(new RegExp(`/tasks\\?agent=${agent.id}&status=failed`));

  await board.goto(`${server.url}/cost`);
  await board.getByRole("button", { name: "Search and commands" }).click();
  await board.getByRole("combobox", { name: /^Search/ }).fill("what failed last");
  await board.getByRole("option", { name: /What failed last/ }).click();
  await expect(board).toHaveURL(/status=failed/);
  await board.getByRole("button", { name: "Saved views" }).click();
  await panel.getByRole("button", { name: "Forget What failed last" }).click();
  await expect(panel.getByRole("link", { name: /What failed last/ })).toHaveCount(0);
});
