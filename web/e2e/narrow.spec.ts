import type { Page } from "@playwright/test";
import { expect, test } from "./board";
import { sideways } from "./sideways";

const LONG = "W".repeat(256);
const TASK = `task=${LONG}&owner=${LONG}`;

/** Every view that lists or draws something, on a phone. */
const PAGES = [
  "/",
  "/?pane=hive",
  "/?pane=activity",
  `/?${TASK}&tab=task`,
  `/?${TASK}&tab=task&look=waterfall`,
  `/?${TASK}&tab=task&look=transcript`,
  "/tasks",
  "/cost",
  "/pipeline",
  "/errors",
  "/insights",
  "/workflow",
  `/workflow?correlation=${LONG}`,
  `/compare?${TASK}&run=run-1&against=run-2`,
  ...["open", "waits", "outages&by=error", "rules", "channels"].map((tab) => `/alerts?tab=${tab}`),
  ...["keys", "people", "sessions", "projects", "prices", "storage", "workspaces", "audit"].map(
    (tab) => `/settings?tab=${tab}`,
  ),
  ...["tasks", "pipeline", "metrics", "heartbeats", "states"].map((tab) => `/agent?agent=${LONG}&tab=${tab}`),
];

test.use({ viewport: { width: 390, height: 844 } });

async function fleet(newAgent: (name: string, labels?: object) => import("./agent").Agent): Promise<void> {
  const agent = newAgent(LONG, { agent_version: LONG.slice(0, 100) });
  await agent.register();
  for (const task_run_id of ["run-1", "run-2"]) {
    const part = { task_id: LONG, task_run_id, task_type: LONG, correlation_id: LONG, project_id: LONG.slice(0, 128) };
    const call = { name: LONG, model: LONG, tokens_in: 12_000, tokens_out: 10, cost: 0.04 };
    await agent.send(
      { event_type: "task_started", ...part },
      { event_type: "custom", ...part, payload: { kind: "llm_call", summary: LONG, data: call } },
      { event_type: "approval_requested", ...part, payload: { summary: LONG, data: { approver: LONG } } },
      ...(task_run_id === "run-1"
        ? [{ event_type: "task_failed", ...part, payload: { exception_type: LONG, exception_message: LONG } }]
        : []),
    );
  }
  const items = Array.from({ length: 8 }, (_, index) => ({
    id: `${index}`,
    priority: LONG,
    source: LONG,
    summary: LONG,
  }));
  await agent.send({ event_type: "custom", payload: { kind: "queue_snapshot", data: { depth: 8, items } } });
}

const cells = (board: Page, region: string) => board.getByRole("region", { name: region }).locator("tbody td");

test("on a phone nothing scrolls sideways, whatever the names", async ({ board, newAgent, server }) => {
  test.setTimeout(120_000);
  await fleet(newAgent);
  for (const path of PAGES) {
    await board.goto(`${server.url}${path}`);
    await board.waitForLoadState("networkidle");
    expect(await sideways(board), path.replaceAll(LONG, "W…")).toEqual([]);
  }
});

test("what the page is narrowed to can be taken away, however long its name", async ({ board, newAgent, server }) => {
  await fleet(newAgent);
  await board.goto(`${server.url}/?agent=${LONG}&project=${LONG.slice(0, 128)}`);
  for (const name of ["agent", "project"])
    await expect(board.getByRole("button", { name: `Remove filter ${name}` })).toBeInViewport({ ratio: 1 });
  await board.getByRole("button", { name: "Remove filter agent" }).click();
  await expect(board.getByRole("button", { name: "Remove filter agent" })).toHaveCount(0);
});

test("a call is told whole on a phone, and the calls can be sorted there", async ({ board, newAgent, server }) => {
  const agent = newAgent("caller");
  await agent.register();
  await agent.startTask("letter-1");
  await agent.llmCall("letter-1", "outline");
  await board.goto(`${server.url}/cost`);
  for (const word of ["caller", "outline", "$0.041", "12,000", "letter-1"]) {
    const cell = cells(board, "Calls").filter({ hasText: word }).first();
    await cell.scrollIntoViewIfNeeded();
    await expect(cell).toBeInViewport({ ratio: 1 });
  }
  await board.getByRole("button", { name: "Tokens in" }).click();
  await expect(board).toHaveURL(/sort=tokens/);
});

test("who the money went to keeps its name, however long", async ({ board, newAgent, server }) => {
  await fleet(newAgent);
  await board.goto(`${server.url}/cost`);
  const name = board.getByRole("region", { name: "Cost by model" }).getByRole("button", { name: LONG });
  expect((await name.boundingBox())?.width ?? 0).toBeGreaterThan(80);
});

test("a task is found by its text on a phone, too", async ({ board, newAgent, server }) => {
  const agent = newAgent("pocket");
  await agent.register();
  await agent.startTask("order-17");
  await agent.startTask("refund-4");
  await board.goto(`${server.url}/tasks`);
  await board.getByRole("searchbox", { name: "Find a task" }).fill("refund");
  const tasks = board.getByRole("region", { name: "Tasks" });
  await expect(tasks.getByRole("button", { name: /order-17/ })).toHaveCount(0);
  await tasks.getByRole("button", { name: /refund-4/ }).click();
  await expect(board.getByRole("region", { name: "Timeline of refund-4" })).toBeInViewport();
  expect(await sideways(board)).toEqual([]);
});
