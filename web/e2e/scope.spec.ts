import { card, expect, test } from "./board";

for (const width of [1024, 390])
  test(`environment, project and group are chosen on a screen of ${width} px, too`, async ({
    board,
    newAgent,
    server,
  }) => {
    const here = newAgent("of-staging", { environment: "staging", group: "eu" });
    const there = newAgent("of-production", { environment: "production", group: "us" });
    await here.register();
    await there.register();
    await board.setViewportSize({ width, height: 844 });
    await board.goto(server.url);
    await board.getByRole("button", { name: "Environment, project and group" }).click();
    const panel = board.getByRole("dialog", { name: "Environment, project and group" });
    await panel.getByRole("button", { name: /^Environment/ }).click();
    await board.getByRole("option", { name: /staging/ }).click();
    await expect(board).toHaveURL(/environment=staging/);
    await panel.getByRole("button", { name: /^Group/ }).click();
    await board.getByRole("option", { name: /eu/ }).click();
    await expect(board).toHaveURL(/group=eu/);
    await board.keyboard.press("Escape");
    await board.goto(`${board.url()}&pane=hive`);
    await expect(card(board, here)).toBeVisible();
    await expect(card(board, there)).toHaveCount(0);
    if (width > 720) {
      const settings = board.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Settings" });
      const [link, bar] = [await settings.boundingBox(), await settings.locator("..").boundingBox()];
      expect((link?.x ?? 0) + (link?.width ?? 0)).toBeLessThanOrEqual((bar?.x ?? 0) + (bar?.width ?? 0) + 1);
    }
  });
