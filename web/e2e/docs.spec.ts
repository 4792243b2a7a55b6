import { expect, test } from "./board";

test("the documentation is one command away, and finds what one asks", async ({ board, server }) => {
  await expect(board.getByRole("complementary", { name: "The Hive" }).or(board.getByRole("main"))).not.toHaveCount(0);
  await board.keyboard.press("Control+k");
  await board.getByRole("combobox").fill("documentation");
  await board.keyboard.press("Enter");
  await expect(board).toHaveURL(`${server.url}/docs/index.html`);
  await expect(board.getByRole("heading", { level: 1 })).toContainText("HiveBoard");
  // The search is a script and an index of the site's own; the fixture fails on whatever the content policy refuses.
  await board.getByRole("textbox", { name: "Search" }).fill("storage_full");
  await board.keyboard.press("Enter");
  const found = board.getByRole("link", { name: "Every error code" }).last();
  await expect(found).toBeVisible();
  await found.click();
  await expect(board.getByRole("heading", { name: /Of a request/ })).toBeVisible();
});
