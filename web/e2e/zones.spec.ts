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

for (const [zone, midnight] of [
  ["America/Los_Angeles", "T08:00:00Z"],
  ["Asia/Kolkata", "T18:30:00Z"],
] as const)
  test(`a bar beside midnight carries its own day, in every chart: ${zone}`, async ({ browser, server, newAgent }) => {
    const context = await browser.newContext({ timezoneId: zone, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto(server.loginLink());
    // Ten minutes before and after a midnight of the viewer's, two days ago.
    const at = Date.parse(`${new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)}${midnight}`);
    const agent: Agent = newAgent("night");
    await agent.register();
    for (const [name, minutes] of [
      ["before", -10],
      ["after", 10],
    ] as const) {
      const task = { task_id: name, task_run_id: "run-1" };
      const stamp = (seconds: number) => new Date(at + minutes * 60_000 + seconds * 1_000).toISOString();
      const data = { name: "ask", model: "m-1", cost: name === "before" ? 1 : 2, duration_ms: 10 };
      await agent.send(
        { event_type: "task_started", ...task, timestamp: stamp(0) },
        { event_type: "custom", ...task, timestamp: stamp(1), payload: { kind: "llm_call", summary: "ask", data } },
        { event_type: "task_completed", ...task, timestamp: stamp(2), duration_ms: 2_000 },
      );
    }
    const day = (at_ms: number) =>
      page.evaluate((at) => new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }).format(at), at_ms);
    const [before, after] = [await day(at - 1), await day(at)];
    const since = new Date(at - 3_600_000).toISOString();
    const until = new Date(at + 3_600_000).toISOString();
    await page.goto(`${server.url}/cost?since=${since}&until=${until}`);
    const chart = page.getByRole("region", { name: "Cost over time" });
    const plot = await chart.getByRole("img").boundingBox();
    if (plot === null) throw new Error("no chart");
    await expect(chart.getByRole("img")).toHaveAccessibleName(new RegExp(`most at ${after} 00:`));
    const bars = await chart.locator("rect[data-shade]").all();
    const middles = await Promise.all(bars.map(async (bar) => (await bar.boundingBox()) ?? plot));
    await page.mouse.move((middles[0]?.x ?? 0) + (middles[0]?.width ?? 0) / 2, plot.y + 100);
    await expect(chart).toContainText(`${before} 23:`);
    await expect(chart).toContainText("$1.00 in 1 call");
    await page.mouse.move((middles.at(-1)?.x ?? 0) + (middles.at(-1)?.width ?? 0) / 2, plot.y + 100);
    await expect(chart).toContainText(`${after} 00:`);
    await expect(chart).toContainText("$2.00 in 1 call");
    // The small charts say the day as well.
    await page.goto(`${server.url}/?since=${since}&until=${until}`);
    const small = page.getByRole("figure").filter({ hasText: "Throughput" });
    const box = await small.getByRole("img").boundingBox();
    if (box === null) throw new Error("no small chart");
    await page.mouse.move(box.x + 3, box.y + 20);
    await expect(small).toContainText(`${before} 23:0`);
    await page.mouse.move(box.x + box.width - 3, box.y + 20);
    await expect(small).toContainText(`${after} 00:`);
    await context.close();
  });

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
