import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import type { Agent, SentEvent } from "./agent";
import { expect, test } from "./board";
import { touching } from "./touching";

const RUN = { task_run_id: "run-1", project_id: "web-e2e" } as const;

/** Stamps events one after the other: `[seconds after the start, event]`, the start lying so far back that all is past. */
function script(task: string, steps: readonly [number, Omit<SentEvent, "timestamp">][]): SentEvent[] {
  const lastMs = Math.max(...steps.map(([second]) => second)) * 1_000;
  const startMs = Date.now() - lastMs - 2_000;
  return steps.map(([second, event]) => ({
    task_id: task,
    ...RUN,
    ...event,
    timestamp: new Date(startMs + second * 1_000).toISOString(),
  }));
}

/** A run with a plan, a call, an approval, a retry and a failure. */
async function sendFailedRun(agent: Agent, task: string): Promise<void> {
  const timeout = { action_name: "charge_card", exception_type: "GatewayTimeout", exception_message: "no answer" };
  await agent.register();
  await agent.send(
    ...script(task, [
      [0, { event_type: "task_started", task_type: "refund" }],
      [0.02, { event_type: "action_started", action_id: `${task}-a`, payload: { action_name: "load_order" } }],
      [
        0.03,
        {
          event_type: "action_started",
          action_id: `${task}-b`,
          parent_action_id: `${task}-a`,
          payload: { action_name: "get_row" },
        },
      ],
      [
        0.06,
        {
          event_type: "action_completed",
          action_id: `${task}-b`,
          parent_action_id: `${task}-a`,
          duration_ms: 30,
          payload: { action_name: "get_row" },
        },
      ],
      [
        0.08,
        {
          event_type: "action_completed",
          action_id: `${task}-a`,
          duration_ms: 60,
          payload: { action_name: "load_order" },
        },
      ],
      [
        0.1,
        {
          event_type: "custom",
          payload: {
            kind: "plan_created",
            summary: "Refund the order",
            data: {
              goal: "Refund the order",
              revision: 0,
              steps: [
                { index: 0, description: "Decide" },
                { index: 1, description: "Pay back" },
              ],
            },
          },
        },
      ],
      [
        0.2,
        {
          event_type: "custom",
          payload: { kind: "plan_step", data: { step_index: 0, total_steps: 2, action: "completed" } },
        },
      ],
      [
        2,
        {
          event_type: "custom",
          payload: {
            kind: "llm_call",
            summary: "decide",
            data: {
              name: "decide_refund",
              model: "claude-sonnet-4-20250514",
              tokens_in: 1200,
              tokens_out: 90,
              cost: 0.004,
              duration_ms: 1_700,
              prompt_preview: "May we refund?",
              response_preview: '{"decision": "yes"}',
            },
          },
        },
      ],
      [2.1, { event_type: "approval_requested", payload: { summary: "refund of $40", data: { approver: "lead" } } }],
      [
        95,
        {
          event_type: "approval_received",
          payload: { summary: "fine", data: { approved_by: "mara", decision: "approved" } },
        },
      ],
      [
        95.2,
        {
          event_type: "custom",
          payload: { kind: "plan_step", data: { step_index: 1, total_steps: 2, action: "failed" } },
        },
      ],
      [95.3, { event_type: "action_started", action_id: `${task}-1`, payload: { action_name: "charge_card" } }],
      [97.3, { event_type: "action_failed", action_id: `${task}-1`, duration_ms: 2_000, payload: timeout }],
      [97.4, { event_type: "retry_started", payload: { summary: "again", data: { attempt: 2, backoff_seconds: 2 } } }],
      [99.5, { event_type: "action_started", action_id: `${task}-2`, payload: { action_name: "charge_card" } }],
      [
        101.5,
        {
          event_type: "action_failed",
          action_id: `${task}-2`,
          duration_ms: 2_000,
          payload: { ...timeout, request: { order: "A-17", amount: 40 } },
        },
      ],
      [
        101.6,
        {
          event_type: "task_failed",
          duration_ms: 101_600,
          payload: { exception_type: "GatewayTimeout", exception_message: "no answer" },
        },
      ],
    ]),
  );
}

async function open(board: Page, task: string): Promise<void> {
  await board.getByRole("row", { name: new RegExp(`^${task} `) }).click();
  await expect(board.getByRole("heading", { name: task })).toBeVisible();
}

const look = (board: Page, name: string) =>
  board.getByRole("group", { name: "How to look at it" }).getByRole("button", { name, exact: true });
const pinned = (board: Page, name: string) => board.getByRole("complementary", { name: `Pinned: ${name}` });

test("a failed run opens at its failure and tells what led there", async ({ board, newAgent }) => {
  await sendFailedRun(newAgent("payer"), "refund-1");
  await open(board, "refund-1");
  const story = board.getByRole("group", { name: /Story of refund-1/ });
  await expect(story.getByRole("button", { name: "Action attempt 2, 2.0 s, failed: GatewayTimeout" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await expect(pinned(board, "charge_card")).toContainText("Attempt 1: GatewayTimeout");
  await expect(pinned(board, "charge_card")).toContainText("backed off 2.0 s");
  await expect(story).toContainText("1m 33s");
  await expect(board.getByRole("list", { name: "Plan: Refund the order, 1 of 2 done" })).toBeVisible();
  await expect(board.getByRole("region", { name: "Where the time went" })).toContainText("People 1m 33s");
});

test("story, waterfall and transcript share one selection, and the address keeps it", async ({ board, newAgent }) => {
  await sendFailedRun(newAgent("looker"), "refund-2");
  await open(board, "refund-2");
  await board.getByRole("button", { name: /LLM call decide_refund/ }).click();
  await expect(pinned(board, "decide_refund")).toContainText("May we refund?");
  await expect(board).toHaveURL(/node=/);

  await look(board, "Waterfall").click();
  await expect(board.getByRole("treeitem", { name: /decide_refund/ })).toHaveAttribute("aria-selected", "true");
  await look(board, "Transcript").click();
  await expect(board.getByRole("button", { name: /It asked claude-sonnet-4/ })).toHaveAttribute("aria-pressed", "true");
  await expect(board.getByRole("list", { name: "Transcript of refund-2" })).toContainText(
    "1m 33s waiting for a person",
  );

  await board.reload();
  await expect(board.getByRole("button", { name: /It asked claude-sonnet-4/ })).toHaveAttribute("aria-pressed", "true");
  await expect(pinned(board, "decide_refund")).toBeVisible();
  await board.getByRole("button", { name: "Unpin" }).click();
  await expect(pinned(board, "decide_refund")).toHaveCount(0);
});

test("the arrow keys walk the story, Enter pins", async ({ board, newAgent }) => {
  await sendFailedRun(newAgent("walker"), "refund-3");
  await open(board, "refund-3");
  await board.getByRole("button", { name: /LLM call decide_refund/ }).click();
  await board.keyboard.press("ArrowRight");
  const asked = board.getByRole("button", { name: /Approval asked of lead/ });
  await expect(asked).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(asked).toHaveAttribute("aria-pressed", "true");
  await expect(pinned(board, "approval")).toContainText("mara");

  await board.getByRole("button", { name: /Action load_order.*1 nested/ }).focus();
  await board.keyboard.press("ArrowDown");
  await expect(board.getByRole("button", { name: /^Nested get_row/ })).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(pinned(board, "get_row")).toContainText("load_order");
});

test("a payload is a tree that can be searched", async ({ board, newAgent }) => {
  await sendFailedRun(newAgent("reader"), "refund-4");
  await open(board, "refund-4");
  const payload = pinned(board, "charge_card").getByRole("region", { name: "Payload" });
  await expect(payload).toContainText('"A-17"');
  await payload.getByRole("button", { name: "Search payload" }).click();
  await payload.getByRole("searchbox").fill("amount");
  await expect(payload).toContainText("amount 40");
  await expect(payload).not.toContainText("A-17");
});

test("an open task grows before the eyes, and ends", async ({ board, newAgent }) => {
  const agent = newAgent("grower");
  await agent.register();
  await agent.startTask("growing-1");
  await open(board, "growing-1");
  const story = board.getByRole("group", { name: /Story of growing-1/ });
  await expect(story.getByRole("button", { name: "Still running" })).toBeVisible();
  await agent.send({
    event_type: "action_started",
    task_id: "growing-1",
    ...RUN,
    action_id: "g-1",
    payload: { action_name: "fetch_orders" },
  });
  await expect(story.getByRole("button", { name: /Action fetch_orders.*running/ })).toBeVisible();
  await agent.send({
    event_type: "action_completed",
    task_id: "growing-1",
    ...RUN,
    action_id: "g-1",
    duration_ms: 500,
    payload: { action_name: "fetch_orders" },
  });
  await agent.completeTask("growing-1");
  await expect(story.getByRole("button", { name: "Task completed" })).toBeVisible();
  await expect(story.getByRole("button", { name: "Still running" })).toHaveCount(0);
});

test("the table sorts, finds, narrows, and is walked with j and k", async ({ board, newAgent }) => {
  const agent = newAgent("lister");
  await agent.register();
  for (const [task, cost] of [
    ["cheap", 0.01],
    ["dear", 0.5],
  ] as const) {
    await agent.send(
      ...script(`${task}-${agent.id}`, [
        [0, { event_type: "task_started" }],
        [1, { event_type: "custom", payload: { kind: "llm_call", data: { name: "think", model: "m", cost } } }],
        [2, { event_type: task === "dear" ? "task_failed" : "task_completed", duration_ms: 2_000 }],
      ]),
    );
  }
  const tasks = board.getByRole("region", { name: "Tasks" });
  const rows = tasks.locator("tbody tr");
  await tasks.getByRole("searchbox", { name: "Find a task" }).fill(agent.id);
  await expect(rows).toHaveCount(2);
  await tasks.getByRole("columnheader", { name: /Cost/ }).getByRole("button").click();
  await expect(rows.first()).toContainText("$0.500");
  await expect(tasks.getByRole("columnheader", { name: /Cost/ })).toHaveAttribute("aria-sort", "descending");
  await tasks.getByRole("heading", { name: "Tasks" }).click();
  await board.keyboard.press("j");
  await board.keyboard.press("j");
  await board.keyboard.press("Enter");
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  await expect(board).toHaveURL(new RegExp(`task=cheap-${agent.id}`));
  await tasks.getByRole("button", { name: /^Failed/ }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText(`dear-${agent.id}`);
});

test("a click into a chart narrows the tasks to that slice, a second one releases it", async ({ board, newAgent }) => {
  const agent = newAgent("slicer");
  await agent.register();
  await agent.startTask("slice-1");
  await agent.completeTask("slice-1");
  // Before its figures are there a chart has no bucket to choose.
  const chart = board.getByRole("img", { name: /^Throughput: .*lowest/ });
  await chart.click({ position: { x: 30, y: 20 } });
  await expect(board).toHaveURL(/since=.*until=/);
  await expect(board.getByText(/No task between/)).toBeVisible();
  await chart.click({ position: { x: 30, y: 20 } });
  await expect(board).not.toHaveURL(/since=/);
});

test("a chart says the period's figure, under the pointer a bucket's, and that the last one is not over", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("charted");
  await agent.register();
  await agent.startTask("charted-1");
  await agent.completeTask("charted-1");
  await board.goto(`${server.url}/?agent=${agent.id}`);
  const chart = board.getByRole("figure").filter({ hasText: "Success rate" });
  const success = board.getByRole("region", { name: /^Fleet now/ });
  await expect(success).toContainText("100%");
  await expect(chart).toContainText("100 %");
  const plot = chart.getByRole("img", { name: /lowest/ });
  const { width } = (await plot.boundingBox()) ?? { width: 0 };
  await plot.hover({ position: { x: width - 2, y: 20 } });
  await expect(chart).toContainText("now, so far");
  await plot.hover({ position: { x: 20, y: 20 } });
  await expect(chart).not.toContainText("so far");
  // Nothing ended then: no rate, and not one of nothing.
  await expect(chart.locator("figcaption")).toContainText("–");
  await expect(chart.locator("figcaption")).not.toContainText("0 %");
});

test("ten thousand events open, scroll and are mostly not drawn", async ({ board, newAgent, server }) => {
  const agent = newAgent("bulk");
  await agent.register();
  const steps: [number, Omit<SentEvent, "timestamp">][] = [[0, { event_type: "task_started" }]];
  for (let index = 0; index < 5_000; index += 1) {
    const action_id = `bulk-${index}`;
    // A turn of more steps than are folded: each of them is a node.
    const payload = { action_name: `step_${index % 13}` };
    steps.push([index + 0.1, { event_type: "action_started", action_id, payload }]);
    steps.push([index + 0.9, { event_type: "action_completed", action_id, duration_ms: 800, payload }]);
  }
  steps.push([5_000.5, { event_type: "task_completed", duration_ms: 5_000_500 }]);
  const events = script("bulk-1", steps);
  for (let from = 0; from < events.length; from += 500) await agent.send(...events.slice(from, from + 500));

  await board.goto(`${server.url}/?task=bulk-1&range=6h`);
  const story = board.getByRole("group", { name: "Story of bulk-1, 5,002 steps" });
  await expect(story).toBeVisible();
  expect(await story.getByRole("button").count()).toBeLessThan(120);
  await story.getByRole("button", { name: "Task started" }).focus();
  await board.keyboard.press("End");
  await expect(story.getByRole("button", { name: "Task completed" })).toBeFocused();
  await look(board, "Waterfall").click();
  await expect(board.getByText("5,000 spans")).toBeVisible();
  expect(await board.getByRole("treeitem").count()).toBeLessThan(120);
  await look(board, "Transcript").click();
  await expect(board.getByRole("list", { name: "Transcript of bulk-1" })).toContainText("It ran step_0");
});

test("a large run has its overview, folds what repeats, and leads from failure to failure", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("large");
  await agent.register();
  const steps: [number, Omit<SentEvent, "timestamp">][] = [[0, { event_type: "task_started" }]];
  for (let index = 0; index < 200; index += 1) {
    const failed = index % 80 === 40;
    const action_id = `large-${index}`;
    const payload = failed
      ? { action_name: "load_day", exception_type: "IntegrityError", exception_message: `day ${index}` }
      : { action_name: "load_rows" };
    steps.push([index + 0.1, { event_type: "action_started", action_id, payload }]);
    steps.push([index + 0.9, { event_type: failed ? "action_failed" : "action_completed", action_id, payload }]);
  }
  steps.push([201, { event_type: "task_completed", duration_ms: 201_000 }]);
  await agent.send(...script("large-1", steps));

  await board.goto(`${server.url}/?task=large-1&owner=${agent.id}&look=waterfall`);
  const timeline = board.getByRole("region", { name: "Timeline of large-1" });
  await expect(timeline).toContainText("2 failed");
  const tree = timeline.getByRole("tree");
  await expect(tree.getByRole("treeitem", { name: /load_rows ×40/ })).toHaveAttribute("aria-expanded", "false");
  await tree.getByRole("treeitem", { name: /load_rows ×40/ }).press("ArrowRight");
  await expect(tree.getByRole("treeitem", { name: /^load_rows 0/ }).first()).toBeVisible();
  await timeline.getByRole("button", { name: "Next failure" }).click();
  await expect(timeline.getByRole("complementary", { name: /Pinned/ })).toContainText("day 40");
  await timeline.getByRole("button", { name: /2 errors: go to the next/ }).click();
  await expect(timeline.getByRole("complementary", { name: /Pinned/ })).toContainText("day 120");

  const edge = timeline.getByRole("separator", { name: "Width of the names" });
  const before = Number(await edge.getAttribute("aria-valuenow"));
  await edge.press("ArrowRight");
  await expect(edge).not.toHaveAttribute("aria-valuenow", String(before));
  await board.reload();
  await expect(edge).not.toHaveAttribute("aria-valuenow", String(before));

  await look(board, "Transcript").click();
  const tale = board.getByRole("list", { name: "Transcript of large-1" });
  await expect(tale).toContainText("It ran load_rows 40 times.");
  await expect(tale).toContainText("It ran load_day: IntegrityError, day 40.");

  // The story folds the same rows; what is opened there is open in every look, and closes again although one of it is pinned.
  await look(board, "Story").click();
  const story = board.getByRole("group", { name: /Story of large-1, 7 steps/ });
  const anyStory = board.getByRole("group", { name: /Story of large-1/ });
  const row = anyStory.getByRole("button", { name: "The same 40 times: load_rows" }).first();
  await expect(story).toBeVisible();
  await expect(row).toHaveAttribute("aria-expanded", "false");
  await row.press("Enter");
  await expect(row).toHaveAttribute("aria-expanded", "true");
  await expect(board.getByRole("group", { name: /Story of large-1, 47 steps/ })).toBeVisible();
  await board.getByRole("button", { name: "Action load_rows, 0.80 s" }).nth(2).click();
  await look(board, "Waterfall").click();
  await expect(tree.getByRole("treeitem", { name: /load_rows ×40/ })).toHaveAttribute("aria-expanded", "true");
  await look(board, "Story").click();
  await row.click();
  await expect(story).toBeVisible();
  await expect(timeline.getByRole("complementary", { name: /Pinned/ })).toBeHidden();
});

test("a folded row says what all of it comes to, in every look, and notes of progress are one", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("loops");
  await agent.register();
  const data = { name: "judge", model: "gpt-4o-mini", tokens_in: 1_000, tokens_out: 50, cost: 0.25, duration_ms: 500 };
  const steps: [number, Omit<SentEvent, "timestamp">][] = [[0, { event_type: "task_started" }]];
  for (let index = 0; index < 20; index += 1) {
    const action = { action_id: `loop-${index}`, payload: { action_name: "fetch" } };
    steps.push([2 * index + 0.1, { event_type: "action_started", ...action }]);
    steps.push([2 * index + 0.9, { event_type: "action_completed", ...action }]);
    steps.push([2 * index + 1.8, { event_type: "custom", payload: { kind: "llm_call", summary: "judge", data } }]);
  }
  for (let index = 0; index < 60; index += 1)
    steps.push([41 + index, { event_type: "custom", payload: { kind: "progress", summary: `page ${index} of 60` } }]);
  steps.push([
    101,
    { event_type: "custom", severity: "warn", payload: { kind: "progress", summary: "no page is left" } },
  ]);
  steps.push([102, { event_type: "task_completed", duration_ms: 102_000 }]);
  await agent.send(...script("loop-1", steps));
  const sums = /\$5\.00.*20k → 1k.*\d\d:\d\d:\d\d\s–\s\d\d:\d\d:\d\d/;

  await board.goto(`${server.url}/?task=loop-1&owner=${agent.id}&look=waterfall`);
  const timeline = board.getByRole("region", { name: "Timeline of loop-1" });
  const tree = timeline.getByRole("tree");
  await expect(tree.getByRole("treeitem")).toHaveCount(4);
  await expect(tree.getByRole("treeitem", { name: /fetch, judge ×20/ })).toHaveAttribute("title", sums);
  await expect(timeline.locator("svg text").filter({ hasText: sums })).toBeVisible();
  await expect(tree.getByRole("treeitem", { name: /^progress ×60/ })).toBeVisible();
  await expect(tree.getByRole("treeitem", { name: "progress: no page is left" })).toBeVisible();

  await look(board, "Story").click();
  const story = board.getByRole("group", { name: /Story of loop-1, 5 steps/ });
  await expect(story.getByRole("button", { name: "The same 20 times: fetch, judge" })).toHaveAccessibleName(sums);
  await expect(story.getByText("20k → 1k", { exact: true })).toBeVisible();
  await expect(story.getByText("$5.00", { exact: true })).toBeVisible();

  await look(board, "Transcript").click();
  const tale = board.getByRole("list", { name: "Transcript of loop-1" });
  await expect(tale.getByRole("listitem").filter({ hasText: "It went through fetch, judge 20 times." })).toContainText(
    sums,
  );
  await expect(tale).toContainText("It noted progress 60 times.");
  await expect(tale).toContainText("It noted progress: no page is left.");

  // Upright, too, nothing lies over what stands below it.
  await board.setViewportSize({ width: 390, height: 844 });
  await board.goto(`${server.url}/?task=loop-1&owner=${agent.id}&tab=task`);
  const lines = board.getByRole("list").filter({ hasText: "the same 20 times" }).getByRole("button");
  await expect(lines).toHaveCount(5);
  const boxes = await Promise.all((await lines.all()).map((line) => line.boundingBox()));
  for (const [index, box] of boxes.slice(1).entries()) {
    const above = boxes[index];
    expect(box?.y).toBeGreaterThanOrEqual((above?.y ?? 0) + (above?.height ?? 0) - 1);
  }
});

test("the transcript tells what is inside of an action before what the action came to", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("inside");
  await agent.register();
  const call = { name: "decide_refund", model: "gpt-4o-mini", tokens_in: 100, tokens_out: 10, duration_ms: 400 };
  const wrong = { exception_type: "PolicyError", exception_message: "not allowed" };
  await agent.send(
    ...script("inside-1", [
      [0, { event_type: "task_started" }],
      [1, { event_type: "action_started", action_id: "outer", payload: { action_name: "handle_refund" } }],
      [2, { event_type: "custom", action_id: "outer", payload: { kind: "llm_call", summary: "s", data: call } }],
      [3, { event_type: "action_failed", action_id: "outer", payload: { action_name: "handle_refund", ...wrong } }],
      [4, { event_type: "task_completed", duration_ms: 4_000 }],
    ]),
  );
  await board.goto(`${server.url}/?task=inside-1&owner=${agent.id}&look=transcript`);
  const lines = board.getByRole("list", { name: "Transcript of inside-1" }).getByRole("listitem");
  await expect(lines).toContainText([
    "took up inside-1",
    "It began handle_refund",
    "It asked gpt-4o-mini for decide_refund.",
    "handle_refund failed: PolicyError, not allowed.",
    "It was done",
  ]);
});

for (const theme of ["dark", "light"] as const) {
  test(`no look of the timeline has a fault that axe finds, ${theme}`, async ({ board, newAgent, server }) => {
    await sendFailedRun(newAgent(`axe-${theme}`), `refund-${theme}`);
    await board.goto(`${server.url}/?task=refund-${theme}&theme=${theme}`);
    for (const name of ["Story", "Waterfall", "Transcript"]) {
      await look(board, name).click();
      await expect(pinned(board, "charge_card")).toBeVisible();
      const { violations } = await new AxeBuilder({ page: board })
        .include("[aria-label^='Timeline of']")
        .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
        .analyze();
      expect(
        violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(" ")}`),
      ).toEqual([]);
    }
  });
}

test("tries with work inside are told without their words running over each other", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("tries");
  const part = { task_id: "tries-1", task_run_id: "run-1" };
  const at = (seconds: number) => ({ timestamp: new Date(Date.now() - (60 - seconds) * 1_000).toISOString() });
  const failure = { exception_type: "ModuleNotFoundError", exception_message: "No module named x" };
  const events: SentEvent[] = [{ event_type: "task_started", ...part, ...at(0) }];
  for (const attempt of [1, 2, 3]) {
    const begun = attempt * 6;
    const [outer, inner] = [`write-${attempt}`, `run-${attempt}`];
    const [write, run] = [{ action_name: "write_and_test" }, { action_name: "run_tests" }];
    const call = { name: "write_code", model: "claude-opus-4", tokens_in: 5_500, tokens_out: 74, duration_ms: 900 };
    events.push(
      { event_type: "action_started", action_id: outer, ...part, ...at(begun), payload: write },
      { event_type: "custom", action_id: outer, ...part, ...at(begun + 1), payload: { kind: "llm_call", data: call } },
      {
        event_type: "action_started",
        action_id: inner,
        parent_action_id: outer,
        ...part,
        ...at(begun + 2),
        payload: run,
      },
      { event_type: "action_failed", action_id: inner, ...part, ...at(begun + 3), payload: { ...run, ...failure } },
      { event_type: "action_failed", action_id: outer, ...part, ...at(begun + 3.1), payload: { ...write, ...failure } },
      {
        event_type: "retry_started",
        ...part,
        ...at(begun + 3.2),
        payload: { summary: "again", data: { attempt: attempt + 1, backoff_seconds: 1 } },
      },
    );
  }
  await agent.send(...events.slice(0, -1), { event_type: "task_failed", ...part, ...at(25), payload: failure });
  await board.goto(`${server.url}/?task=tries-1&owner=${agent.id}`);
  const story = board.getByRole("region", { name: "Timeline of tries-1" }).locator("svg[role='group']");
  await expect(story.getByText("attempt 3", { exact: true })).toBeVisible();
  await expect(story.getByText("back-off", { exact: true }).first()).toBeVisible();
  expect(await touching(story)).toEqual([]);
});
