import { card, expect, stream, test } from "./board";

test("an agent goes from processing to idle before the eyes", async ({ board, newAgent }) => {
  const agent = newAgent("worker");
  await agent.register();
  await agent.heartbeat("two orders queued");
  await expect(card(board, agent)).toContainText("Idle");

  await agent.startTask("order-1");
  await expect(card(board, agent)).toContainText("Processing");
  await expect(card(board, agent)).toContainText("order-1");
  await expect(card(board, agent)).toContainText("two orders queued");
  await expect(stream(board)).toContainText(`${agent.id} started order-1`);
  const row = board.getByRole("row", { name: `order-1 ${agent.id}` });
  await expect(row).toContainText("Processing");

  await agent.completeTask("order-1");
  await expect(card(board, agent)).toContainText("Idle");
  await expect(stream(board)).toContainText(`${agent.id} finished order-1`);
  await expect(row).toContainText("Completed");
});

test("an agent that comes while the board reads its agents has its card, whichever answer is the older", async ({
  board,
  newAgent,
  server,
}) => {
  await newAgent("first").register();
  const late = newAgent("late");
  // The server has answered without the agent; the answer comes when the stream has long told of it.
  let told = () => {};
  const later = new Promise<void>((resolve) => {
    told = resolve;
  });
  let asked = () => {};
  const answered = new Promise<void>((resolve) => {
    asked = resolve;
  });
  await board.route(
    (url) => url.pathname === "/v1/agents",
    async (route) => {
      const response = await route.fetch();
      asked();
      await later;
      await route.fulfill({ response });
    },
    { times: 1 },
  );
  await board.goto(server.url);
  await answered;
  await expect(board.getByText("Live", { exact: true })).toBeVisible();
  await late.register();
  await expect(stream(board)).toContainText(`${late.id} came to work`);
  // Longer than the board waits between two readings of its agents: what it was told it has acted on.
  await board.waitForTimeout(4_000);
  told();
  await expect(card(board, late)).toBeVisible();
});

test("an agent that falls silent becomes stuck without a reload", async ({ board, newAgent }) => {
  test.setTimeout(60_000);
  const agent = newAgent("silent", { stuck_threshold: 8 });
  await agent.register();
  await agent.heartbeat();
  await expect(card(board, agent)).toContainText("Idle");
  await expect(card(board, agent)).toContainText("Stuck", { timeout: 25_000 });
  await expect(board.getByText(/need(s)? you/).first()).toBeVisible();
  await expect(stream(board)).toContainText(`${agent.id} has gone silent`);

  await agent.heartbeat();
  await expect(card(board, agent)).toContainText("Idle");
});

test("a failed task puts its agent among those that need somebody", async ({ board, newAgent }) => {
  const agent = newAgent("failing");
  await agent.register();
  await agent.startTask("report-7");
  await agent.failTask("report-7", "the gateway did not answer");
  await expect(card(board, agent)).toContainText("Error");
  await expect(stream(board)).toContainText("failed report-7: the gateway did not answer");
});

test("the stream stands still while somebody reads, and says how much is new", async ({ board, newAgent }) => {
  const agent = newAgent("chatty");
  await agent.register();
  for (let index = 0; index < 40; index += 1)
    await agent.send({ event_type: "custom", payload: { summary: `note ${index}` } });
  await expect(stream(board)).toContainText("note 39");
  await stream(board).getByText("note 39").hover();
  await board.mouse.wheel(0, 400);
  await expect(stream(board).getByText("note 39")).not.toBeInViewport();
  const first = await stream(board).getByRole("listitem").first().textContent();

  await agent.send({ event_type: "custom", payload: { summary: "one more note" } });
  const unseen = stream(board).getByRole("button", { name: /^\d+ new$/ });
  await expect(unseen).toBeVisible();
  expect(await stream(board).getByRole("listitem").first().textContent()).toContain((first ?? "").slice(0, 20));
  await unseen.click();
  await expect(stream(board)).toContainText("one more note");
});

test("after a restart of the server the board goes on by itself and has missed nothing", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("patient");
  await agent.register();
  await expect(card(board, agent)).toBeVisible();
  await server.stop();
  await expect(board.getByText("Not live since")).toBeVisible();
  await server.start();
  await agent.send({ event_type: "custom", payload: { summary: "said while the board was away" } });
  await expect(stream(board)).toContainText("said while the board was away", { timeout: 25_000 });
  await expect(board.getByText("Not live since")).toBeHidden();
});

test("a page that was gone to during an outage opens once the server has the board again, and not before", async ({
  board,
  newAgent,
  server,
}) => {
  test.setTimeout(60_000);
  const agent = newAgent("restarts");
  await agent.register();
  await board.goto(server.url);
  await expect(card(board, agent)).toBeVisible();
  await server.stop();
  await board.getByRole("link", { name: "Cost Explorer" }).click();
  await expect(board.getByText("This page is not loaded yet")).toBeVisible();
  // As a server with much to read answers while it starts: alive, and nothing else yet.
  let asked = 0;
  await board.route(
    (url) => url.pathname === "/" || url.pathname === "/cost",
    (route) => {
      asked += 1;
      return route.fulfill({ status: 503, json: { error: "not_ready" } });
    },
  );
  await server.start();
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(2);
  await expect(board.getByText("This page is not loaded yet")).toBeVisible();
  await board.unrouteAll();
  await expect(board.getByRole("region", { name: "Sums of the period" })).toBeVisible({ timeout: 20_000 });
});
