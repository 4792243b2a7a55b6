import type { Agent } from "./agent";
import { expect, test } from "./board";

for (const zone of ["America/Los_Angeles", "Asia/Kolkata"] as const) {
  test(`a day of a chart is the viewer's day, and its zone is named: ${zone}`, async ({
    browser,
    server,
    newAgent,
  }) => {
    const context = await browser.newContext({ timezoneId: zone, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto(server.loginLink());
    const agent: Agent = newAgent("daily");
    await agent.register();
    await agent.startTask("bill-1", "billing");
    await agent.llmCall("bill-1", "draft");
    await page.goto(`${server.url}/cost?range=90d&agent=${agent.id}`);
    const chart = page.getByRole("region", { name: "Cost over time" });
    await expect(chart.getByRole("heading", { name: "Cost per day" })).toBeVisible();
    await expect(chart).not.toContainText("UTC");
    await expect(chart.getByRole("img")).toHaveAccessibleName(/Cost over time, \$0\.041 in all/);
    // The last bar is today in the viewer's zone, whatever day it is in Greenwich.
    const box = await chart.getByRole("img").boundingBox();
    if (box === null) throw new Error("no chart");
    await page.mouse.move(box.x + box.width - 4, box.y + box.height / 2);
    const today = await page.evaluate(() =>
      new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }).format(new Date()),
    );
    await expect(chart).toContainText(`${today} $0.041`);
    await context.close();
  });
}

test("a stretch of time is the viewer's, also on the day on which the clock changes", async ({ browser, server }) => {
  const context = await browser.newContext({ timezoneId: "America/Los_Angeles", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(server.loginLink());
  await page.goto(`${server.url}/tasks`);
  await page.getByRole("button", { name: /^From – to; times are in/ }).click();
  const stretch = page.getByRole("dialog", { name: "From – to" });
  // At two the clock is set to three: between these there is one hour, not two.
  await stretch.getByLabel("From", { exact: true }).fill("2026-03-08T01:30");
  await stretch.getByLabel("To", { exact: true }).fill("2026-03-08T00:30");
  await expect(stretch).toContainText("It ends before it begins");
  await expect(stretch.getByRole("button", { name: "Show" })).toBeDisabled();
  await stretch.getByLabel("To", { exact: true }).fill("2026-03-08T03:30");
  await stretch.getByRole("button", { name: "Show" }).click();
  await expect(stretch).toBeHidden();
  const address = new URL(page.url()).searchParams;
  expect([address.get("since"), address.get("until")]).toEqual([
    "2026-03-08T09:30:00.000Z",
    "2026-03-08T10:30:00.000Z",
  ]);
  await page.getByRole("button", { name: /^From – to/ }).click();
  await expect(stretch.getByLabel("To", { exact: true })).toHaveValue("2026-03-08T03:30");
  await stretch.getByRole("button", { name: "Back to the range" }).click();
  await expect(page).not.toHaveURL(/since=/);
  await context.close();
});
