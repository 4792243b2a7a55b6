import { card, expect, test } from "./board";

test("the Hive is one stop of the Tab key, with arrows inside", async ({ board, newAgent, server }) => {
  const agents = ["one", "two", "three"].map((name) => newAgent(`${name}-keys`));
  for (const agent of agents) await agent.register();
  await board.goto(server.url);
  for (const agent of agents) await expect(card(board, agent)).toBeVisible();
  const hive = board.getByRole("complementary", { name: "The Hive" });
  await expect(hive.locator("button[data-agent][tabindex='0']")).toHaveCount(1);
  await hive.locator("button[data-agent][tabindex='0']").focus();
  const first = await board.evaluate(() => (document.activeElement as HTMLElement).dataset.agent);
  await board.keyboard.press("ArrowDown");
  const second = await board.evaluate(() => (document.activeElement as HTMLElement).dataset.agent);
  expect(second).not.toBe(first);
  await expect(hive.locator("button[data-agent][tabindex='0']")).toHaveAttribute("data-agent", second ?? "");
  await board.keyboard.press("Home");
  await expect(hive.locator("button[data-agent]").first()).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(board).toHaveURL(/agent=/);
});

test("the first stops of the Tab key lead over the bar", async ({ board, newAgent, server }) => {
  const agent = newAgent("skipped");
  await agent.register();
  await board.goto(server.url);
  await expect(card(board, agent)).toBeVisible();
  await board.keyboard.press("Tab");
  await expect(board.getByRole("button", { name: "To the view" })).toBeFocused();
  await board.keyboard.press("Enter");
  await expect(board.getByRole("main")).toBeFocused();
  await board.goto(server.url);
  await expect(card(board, agent)).toBeVisible();
  await board.keyboard.press("Tab");
  await board.keyboard.press("Tab");
  await board.keyboard.press("Enter");
  await expect(board.getByRole("complementary", { name: "The Hive" }).locator("button[data-agent]:focus")).toHaveCount(
    1,
  );
});

test("one task alone has the page, and its columns come when they are asked for", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("alone-keys");
  await agent.register();
  await agent.startTask("whole-1");
  await agent.completeTask("whole-1");
  await board.goto(`${server.url}/?task=whole-1&owner=${agent.id}`);
  await board.getByRole("button", { name: "Full view" }).click();
  await expect(board.getByRole("button", { name: "Unfold the Hive" })).toBeVisible();
  await board.keyboard.press("[");
  await expect(board.getByRole("button", { name: "Fold the Hive" })).toBeVisible();
  await board.getByRole("button", { name: "Back to Mission Control" }).click();
  await expect(card(board, agent)).toBeVisible();
});

test("a palette that cannot be loaded says so, and Escape closes it", async ({ page, server }) => {
  await page.goto(server.loginLink());
  await expect(page.getByText("Waiting for the first heartbeat")).toBeVisible();
  await page.context().setOffline(true);
  // Once the silence has lasted, the frame says so beside it.
  const notice = page.getByRole("alert").filter({ hasText: "This is not loaded yet." });
  for (const key of ["/", "?"]) {
    await page.keyboard.press(key);
    await expect(notice).toContainText("The server does not answer.");
    await page.keyboard.press("Escape");
    await expect(notice).toHaveCount(0);
  }
});

test("the focus is where the palette led, and back where it was after the list of keys", async ({ board, server }) => {
  await board.goto(`${server.url}/settings`);
  const search = board.getByRole("button", { name: "Search and commands" });
  await search.focus();
  await board.keyboard.press("Enter");
  await board.getByRole("combobox").fill("Cost Explorer");
  await board.keyboard.press("Enter");
  await expect(board.getByRole("dialog")).toHaveCount(0);
  await expect(board.getByRole("main")).toBeFocused();
  await search.focus();
  await board.keyboard.press("?");
  await expect(board.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await board.keyboard.press("Escape");
  await expect(board.getByRole("dialog")).toHaveCount(0);
  await expect(search).toBeFocused();
  await search.evaluate((button) => (button as HTMLElement).blur());
  await board.keyboard.press("?");
  await expect(board.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await board.keyboard.press("Escape");
  await expect(board.getByRole("main")).toBeFocused();
});

test("what is typed right after / is searched for, although the palette is still on its way", async ({
  board,
  newAgent,
}) => {
  const agent = newAgent("gc-worker");
  await agent.register();
  await expect(board.getByRole("status").getByText("Live", { exact: true })).toBeVisible();
  let pass = () => {};
  const asked = new Promise<void>((resolve) => {
    pass = resolve;
  });
  await board.route(/\/assets\/Palette-.*\.js/, async (route) => {
    await asked;
    await route.continue();
  });
  await board.keyboard.press("/");
  await board.keyboard.type("gcx");
  await board.keyboard.press("Backspace");
  await board.keyboard.type("-w");
  pass();
  const field = board.getByRole("combobox", { name: /^Search agents/ });
  await expect(field).toHaveValue("gc-w");
  await expect(field).toBeFocused();
  await expect(board.getByRole("option", { name: /gc-worker/ })).toBeVisible();
  expect(new URL(board.url()).pathname).toBe("/");
});
