import { expect, test } from "./board";

test("without a session the board says how to enter; a link works once", async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "This board is entered by a link." })).toBeVisible();
  await expect(page.getByText("hiveboard login-link")).toBeVisible();

  const link = server.loginLink();
  await page.goto(link);
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole("status").getByText("Live")).toBeVisible();
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "This link has been used." })).toBeVisible();
});

test("an empty board is a guide, and opens itself when the first agent comes", async ({ board, newAgent, server }) => {
  await board.goto(`${server.url}/?mode=test`);
  await expect(board.getByRole("heading", { name: "Your board is ready. Bring the first agent." })).toBeVisible();
  await board.getByRole("button", { name: "Create a test key" }).click();
  await expect(board.getByText(/^hb_test_\w{32}$/)).toBeVisible();

  const agent = newAgent("first", { mode: "test" });
  await agent.register();
  await agent.heartbeat();
  await expect(board.getByRole("heading", { name: "It is alive" })).toBeVisible();
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText(agent.id);
  await expect(board.getByRole("button", { name: "Data mode: test" })).toBeVisible();
});
