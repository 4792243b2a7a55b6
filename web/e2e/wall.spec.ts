import { Agent } from "./agent";
import { expect, test } from "./board";
import { violationsInBothThemes } from "./faults";

test("the wall says in one word how the fleet is, who it is about and since when", async ({ board, server }) => {
  const group = "by-the-door";
  const agent = new Agent(server.url, server.liveKey, "wall-worker", { group });
  await agent.register();
  await board.goto(`${server.url}/wall?group=${group}`);
  await expect(board.getByRole("heading", { name: "The agent is well" })).toBeVisible();
  await expect(board.getByRole("navigation")).toHaveCount(0);
  await expect(board.getByRole("button")).toHaveCount(0);

  await agent.startTask("pay-1");
  await agent.send({
    event_type: "approval_requested",
    task_id: "pay-1",
    task_run_id: "run-1",
    payload: { summary: "Pay $10?" },
  });
  await expect(board.getByRole("heading", { name: "1 waits for a person" })).toBeVisible();
  await expect(board.getByRole("listitem")).toContainText("wall-worker");
  expect(await violationsInBothThemes(board)).toEqual([]);
  await agent.failTask("pay-1", "no money");
  await expect(board.getByRole("heading", { name: "1 of 1 is in trouble" })).toBeVisible();
  await expect(board.getByRole("listitem")).toContainText("error");
  expect(await violationsInBothThemes(board)).toEqual([]);

  await server.stop();
  await expect(board.getByRole("heading", { name: "Not live" })).toBeVisible({ timeout: 15_000 });
  await server.start();
  await expect(board.getByRole("heading", { name: "1 of 1 is in trouble" })).toBeVisible({ timeout: 20_000 });
});

test("the wall tells those it has no line for apart as its headline counts, and offers no tour", async ({
  board,
  server,
}) => {
  // Of the demo fleet's framework, whose board offers one.
  const workers = Array.from(
    { length: 9 },
    (_, index) => new Agent(server.url, server.liveKey, `worker-${index}`, { framework: "hiveboard-demo" }),
  );
  for (const [index, worker] of workers.entries()) {
    await worker.register();
    await worker.startTask(`job-${index}`);
    if (index < 7) await worker.failTask(`job-${index}`, "no money");
    else
      await worker.send({
        event_type: "approval_requested",
        task_id: `job-${index}`,
        task_run_id: "run-1",
        payload: { summary: "Pay $10?" },
      });
  }
  await board.goto(server.url);
  await expect(board.getByText("A fleet at work")).toBeVisible();
  await board.goto(`${server.url}/wall`);
  await expect(board.getByRole("heading", { name: "7 of 9 are in trouble" })).toBeVisible();
  await expect(board.getByRole("listitem").last()).toHaveText("1 more in trouble, 2 wait for a person");
  await expect(board.getByText("A fleet at work")).toHaveCount(0);
  await expect(board.getByRole("button")).toHaveCount(0);
});
