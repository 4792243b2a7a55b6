import { Agent } from "./agent";
import { card, expect, test } from "./board";

test("figures that cannot be read are unknown, and never zero", async ({ page, server }) => {
  await new Agent(server.url, server.liveKey, "unread").register();
  await page.goto(server.loginLink());
  await page.route(/\/v1\/(agents|tasks|metrics|alerts)\b/, (route) =>
    route.fulfill({ status: 500, json: { error: "internal_error", message: "Something broke.", status: 500 } }),
  );
  await page.goto(server.url);
  await expect(page.getByRole("region", { name: "What needs you" })).toContainText("could not be read");
  const ribbon = page.getByRole("region", { name: /^Fleet now/ });
  for (const name of ["Agents", "Processing", "Waiting", "Stuck", "Errors"])
    await expect(ribbon.getByRole("button", { name })).toHaveText(`${name}–`);
  await page.goto(`${server.url}/wall`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nothing can be read");
  for (const name of ["Agents", "Failed, 1 h", "Alerts"])
    await expect(page.locator(`dt:text-is("${name}") + dd`)).toHaveText("–");
});

test("the rows of one agent never stand under the name of another", async ({ board, newAgent, server }) => {
  const [first, second] = [newAgent("first"), newAgent("second")];
  for (const agent of [first, second]) {
    await agent.register();
    await agent.startTask(`task of ${agent.id}`);
    await agent.completeTask(`task of ${agent.id}`);
  }
  await board.goto(`${server.url}/agent?agent=first`);
  const rows = board.getByRole("region", { name: "Tasks" }).locator("tbody tr");
  await expect(rows.first()).toContainText("task of first");
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await board.route(/\/v1\/tasks\?.*agent_id=second/, async (route) => {
    await held;
    await route.continue();
  });
  await card(board, second).click();
  await expect(board.getByRole("heading", { level: 1, name: "second" })).toBeVisible();
  await expect(board.getByRole("main").getByText("task of first")).toHaveCount(0);
  answer();
  await expect(rows.first()).toContainText("task of second");
});

test("a server that takes its time is told of, instead of an empty page", async ({ page, server }) => {
  await page.goto(server.loginLink());
  await page.route(/\/v1\/session\b/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await route.continue();
  });
  await page.goto(server.url, { waitUntil: "commit" });
  await expect(page.getByRole("status").getByText("Opening the board")).toBeVisible();
});
