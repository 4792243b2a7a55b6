import type { Page } from "@playwright/test";
import { test as base, expect } from "@playwright/test";
import { Agent } from "./agent";
import { type Server, startServer } from "./server";

/** A board of which the server answers some address wrongly: the browser complains of it, and is to. */
const test = base.extend<{ server: Server; board: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: the test runner reads the names of the fixtures from the pattern
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.remove();
  },
  board: async ({ page, server }, use) => {
    await page.goto(server.loginLink());
    await use(page);
  },
});

/** Three more tries come first. */
const TRIES = { timeout: 20_000 };

async function failing(board: Page, address: (url: URL) => boolean): Promise<void> {
  await board.route(
    (url) => url.pathname.startsWith("/v1/") && address(url),
    (route) =>
      route.fulfill({
        status: 500,
        contentType: "application/json",
        body: JSON.stringify({ error: { code: "internal_error", message: "the store did not answer" } }),
      }),
  );
}

test("the wall is not green on alerts that could not be read, and what needs you says so", async ({
  board,
  server,
}) => {
  await new Agent(server.url, server.liveKey, "well").register();
  await failing(board, (url) => url.pathname === "/v1/alerts");
  await board.goto(`${server.url}/wall`);
  await expect(board.getByRole("heading", { name: "Alerts cannot be read" })).toBeVisible(TRIES);
  await expect(board.getByRole("main")).not.toHaveAttribute("data-status", "success");
  await board.goto(server.url);
  const needs = board.getByRole("region", { name: "What needs you" });
  await expect(needs).toContainText("Open alerts could not be read", TRIES);
  await expect(needs).not.toContainText("Nothing needs you");
  await board.unrouteAll();
  await needs.getByRole("button", { name: "Try now" }).click();
  await expect(needs).toContainText("Nothing needs you");
});

for (const { what, address, says } of [
  { what: "its chart", address: (url: URL) => url.pathname === "/v1/cost/timeseries", says: "Cost over time" },
  {
    what: "a table",
    address: (url: URL) => url.pathname === "/v1/cost" && url.searchParams.get("group_by") === "agent",
    says: "Costs by agent",
  },
])
  test(`of the Cost Explorer ${what} alone is said not to be read, and nothing waits for ever`, async ({
    board,
    server,
  }) => {
    const agent = new Agent(server.url, server.liveKey, "spender");
    await agent.register();
    await agent.startTask("bill-1");
    await agent.llmCall("bill-1", "draft");
    await failing(board, address);
    await board.goto(`${server.url}/cost`);
    await expect(board.getByRole("alert")).toContainText(`${says} could not be read`, TRIES);
    await expect(board.getByRole("region", { name: "Sums of the period" })).toContainText("$0.041");
    await board.unrouteAll();
    await board.getByRole("button", { name: "Try now" }).click();
    await expect(board.getByRole("alert")).toHaveCount(0);
  });

test("a period before that could not be read is not one in which nothing was", async ({ board, server }) => {
  const agent = new Agent(server.url, server.liveKey, "spender");
  await agent.register();
  await agent.startTask("bill-1");
  await agent.llmCall("bill-1", "draft");
  await agent.completeTask("bill-1");
  const isOfBefore = (url: URL) =>
    (url.pathname === "/v1/metrics" || url.pathname === "/v1/cost") &&
    Date.parse(url.searchParams.get("until") ?? "") < Date.now() - 600_000;
  await failing(board, isOfBefore);
  await board.goto(server.url);
  const ribbon = board.getByRole("region", { name: /^Fleet now and over/ });
  await expect(ribbon).toContainText("before: not read", TRIES);
  await expect(ribbon).not.toContainText("none before");
  await board.goto(`${server.url}/cost`);
  const sums = board.getByRole("region", { name: "Sums of the period" });
  await expect(sums).toContainText("before: not read", TRIES);
  await board.unrouteAll();
  await board.goto(server.url);
  await expect(ribbon).toContainText("none before");
});

test("an agent's strip of states, and the invitations, say that they could not be read", async ({ board, server }) => {
  await new Agent(server.url, server.liveKey, "well").register();
  await failing(board, (url) => url.pathname.endsWith("/states") || url.pathname === "/v1/invitations");
  await board.goto(`${server.url}/agent?agent=well`);
  await expect(board.getByRole("alert")).toContainText("Its states could not be read", TRIES);
  await board.goto(`${server.url}/settings?tab=people`);
  await expect(board.getByRole("alert")).toContainText("The invitations could not be read", TRIES);
});

test("a workflow of which more tasks may come counts what was looked through, and says that it is at least so many", async ({
  board,
  server,
}) => {
  const agent = new Agent(server.url, server.liveKey, "part");
  await agent.register();
  await agent.send({ event_type: "task_started", task_id: "t-1", task_run_id: "run-1", correlation_id: "flow-1" });
  await board.goto(`${server.url}/workflow`);
  const row = board.getByRole("row", { name: /flow-1/ });
  await expect(row.getByRole("cell").nth(2)).toHaveText("1");
  await board.route(/\/v1\/tasks\?/, async (route) => {
    const answer = await route.fetch();
    const page = (await answer.json()) as { pagination: object };
    await route.fulfill({ response: answer, json: { ...page, pagination: { cursor: "next", has_more: true } } });
  });
  await board.reload();
  await expect(row.getByRole("cell").nth(2)).toHaveText("1+");
});
