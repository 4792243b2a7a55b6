import { expect, stream, test } from "./board";

/** Of the window's height and width, times how far: what Chromium measures as layout shift. */
const MOST_SHIFT = 0.01;

test("a board that nobody touches does not move while agents work", async ({ board, newAgent }) => {
  test.setTimeout(90_000);
  const agents = Array.from({ length: 6 }, (_, index) => newAgent(`calm${index}`));
  for (const [index, agent] of agents.entries()) {
    await agent.register();
    for (let task = 0; task < 8; task += 1) {
      await agent.startTask(`before-${index}-${task}`);
      if (task % 2 === 0) await agent.failTask(`before-${index}-${task}`, "the gateway did not answer");
      else await agent.completeTask(`before-${index}-${task}`);
    }
  }
  await board.reload();
  await expect(board.getByRole("row", { name: /before-5-7/ })).toBeVisible();
  await board.waitForLoadState("networkidle");
  await board.evaluate(() => {
    const shifts: { value: number; of: string[] }[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        sources: { node: Node | null }[];
      })[])
        shifts.push({
          value: entry.value,
          of: entry.sources.map(({ node }) => node?.textContent?.slice(0, 40) ?? "gone"),
        });
    }).observe({ type: "layout-shift" });
  });
  for (let round = 0; round < 10; round += 1) {
    for (const [index, agent] of agents.entries()) {
      await agent.startTask(`now-${index}-${round}`);
      await agent.llmCall(`now-${index}-${round}`, "draft");
      if ((index + round) % 3 === 0) await agent.failTask(`now-${index}-${round}`, "no answer");
      else await agent.completeTask(`now-${index}-${round}`);
    }
    await board.waitForTimeout(600);
  }
  await expect(stream(board)).toContainText("now-5-9");
  const shifts = await board.evaluate(
    () => (window as unknown as { shifts: { value: number; of: string[] }[] }).shifts,
  );
  const sum = shifts.reduce((all, shift) => all + shift.value, 0);
  expect(sum, JSON.stringify(shifts.filter((shift) => shift.value > 0.001))).toBeLessThanOrEqual(MOST_SHIFT);
});
