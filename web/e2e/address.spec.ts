import { card, expect, stream, test } from "./board";

test("the address holds the view: click, back, reload, copy", async ({ board, newAgent, context, server }) => {
  const agent = newAgent("narrow");
  const other = newAgent("other");
  for (const each of [agent, other]) {
    await each.register();
    await each.startTask(`job-of-${each.id}`);
  }
  await card(board, agent).click();
  await expect(board).toHaveURL(new RegExp(`agent=${agent.id}`));
  await expect(board.getByRole("region", { name: "Narrowed to" })).toContainText(agent.id);
  await expect(card(board, agent)).toHaveAttribute("aria-pressed", "true");
  await expect(board.getByRole("row", { name: new RegExp(`job-of-${agent.id}`) })).toBeVisible();
  await expect(board.getByRole("row", { name: new RegExp(`job-of-${other.id}`) })).toBeHidden();
  await expect(stream(board)).not.toContainText(other.id);

  await board.getByRole("row", { name: new RegExp(`job-of-${agent.id}`) }).click();
  await expect(board).toHaveURL(new RegExp(`task=job-of-${agent.id}`));

  await board.reload();
  await expect(card(board, agent)).toHaveAttribute("aria-pressed", "true");
  await expect(board.getByRole("heading", { name: `job-of-${agent.id}` })).toBeVisible();

  const copied = await context.newPage();
  await copied.goto(board.url());
  await expect(copied.getByRole("heading", { name: `job-of-${agent.id}` })).toBeVisible();
  await copied.close();

  await board.goBack();
  await expect(board).not.toHaveURL(/task=/);
  await board.goBack();
  await expect(board).toHaveURL(`${server.url}/`);
  await expect(card(board, agent)).toHaveAttribute("aria-pressed", "false");
});

test("clicking an agent again releases it, and so does its chip", async ({ board, newAgent }) => {
  const agent = newAgent("twice");
  await agent.register();
  await card(board, agent).click();
  await expect(card(board, agent)).toHaveAttribute("aria-pressed", "true");
  // Two clicks within the double click's time open the agent; these are two decisions.
  await board.waitForTimeout(600);
  await card(board, agent).click();
  await expect(board).not.toHaveURL(/agent=/);
  await card(board, agent).click();
  await board.getByRole("button", { name: "Remove filter agent" }).click();
  await expect(board).not.toHaveURL(/agent=/);
});

test("a double click opens the agent, and the way back leads back", async ({ board, newAgent }) => {
  const agent = newAgent("opened.with/odd name?");
  await agent.register();
  await agent.heartbeat();
  await card(board, agent).dblclick();
  await expect(board).toHaveURL(/\/agent\?agent=/);
  await expect(board.getByRole("heading", { level: 1, name: agent.id })).toBeVisible();
  await board.reload();
  await expect(board.getByRole("heading", { level: 1, name: agent.id })).toBeVisible();
  await board.getByRole("link", { name: "Its tasks" }).click();
  await expect(board).toHaveURL(/\/\?agent=/);
  await board.goBack();
  await expect(board.getByRole("heading", { level: 1, name: agent.id })).toBeVisible();
});

test("environment and range are part of the address", async ({ board, newAgent }) => {
  const staging = newAgent("staging", { environment: "staging" });
  const production = newAgent("production");
  await staging.register();
  await production.register();
  await expect(card(board, production)).toBeVisible();
  await board.getByRole("button", { name: /^Environment/ }).click();
  await board.getByRole("option", { name: /staging/ }).click();
  await expect(board).toHaveURL(/environment=staging/);
  await expect(card(board, staging)).toBeVisible();
  await expect(card(board, production)).toBeHidden();
  await board.getByRole("button", { name: /^Time range/ }).click();
  await board.getByRole("option", { name: "last 24 h" }).click();
  await expect(board).toHaveURL(/range=24h/);
});

test("the keyboard reaches what the pointer does", async ({ board, newAgent }) => {
  const agent = newAgent("typed");
  await agent.register();
  await expect(card(board, agent)).toBeVisible();
  await board.keyboard.press("Control+k");
  await board.getByRole("combobox").fill(agent.id);
  await expect(board.getByRole("option", { name: new RegExp(agent.id) })).toBeVisible();
  await board.keyboard.press("Enter");
  await expect(board).toHaveURL(new RegExp(`agent=${agent.id}`));
  await board.keyboard.press("g");
  await board.keyboard.press("c");
  await expect(board).toHaveURL(/\/cost\?agent=/);
  await board.keyboard.press("?");
  await expect(board.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
});

test("a link to what is no longer there says so, and leads on", async ({ page, server, newAgent }) => {
  await page.goto(server.loginLink());
  const agent = newAgent("here");
  await agent.register();
  await agent.startTask("once");
  await agent.completeTask("once");
  for (const [path, words, step, left] of [
    ["/agent?agent=long-gone", "No agent long-gone here", "Look at all agents", /\/$/],
    ["/?task=long-gone&owner=here", "No task long-gone here", "Clear the selection", /\/$/],
    ["/?task=once&owner=here&run=run-9", "No task once here", "Clear the selection", /\/$/],
    ["/compare?task=long-gone&owner=here", "No task long-gone here", "Clear the selection", /\/compare$/],
    ["/compare?task=once&owner=here&against=run-9", "No such run of once here", "Clear the selection", /owner=here$/],
    ["/errors?error=0000", "No such error here", "Clear the selection", /\/errors$/],
    ["/workflow?correlation=long-gone", "No task has this correlation id", null, /long-gone$/],
  ] as const) {
    await page.goto(`${server.url}${path}`);
    await expect(page.getByText(words)).toBeVisible();
    await expect(page.getByText("It may be older than what is kept")).toBeVisible();
    await expect(page.locator("main")).not.toContainText(/404|\/v1\//);
    if (step !== null) await page.getByRole("main").getByText(step, { exact: true }).click();
    await expect(page).toHaveURL(left);
  }
});
