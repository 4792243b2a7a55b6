import type { Page } from "@playwright/test";
import { expect, stream, test } from "./board";

/** Of the window's height and width, times how far: what Chromium measures as layout shift. */
const MOST_SHIFT = 0.01;

interface Shift {
  value: number;
  of: string[];
}

/** Begins to measure. */
function watch(board: Page): Promise<void> {
  return board.evaluate(() => {
    const shifts: Shift[] = [];
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
}

async function expectCalm(board: Page): Promise<void> {
  const shifts = await board.evaluate(() => (window as unknown as { shifts: Shift[] }).shifts);
  const sum = shifts.reduce((all, shift) => all + shift.value, 0);
  expect(sum, JSON.stringify(shifts.filter((shift) => shift.value > 0.001))).toBeLessThanOrEqual(MOST_SHIFT);
}

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
  await watch(board);
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
  await expectCalm(board);
});

for (const { path, list } of [
  { path: "/", list: "What needs you" },
  { path: "/alerts", list: "Open alerts" },
])
  test(`alerts that come and go push nothing about: ${path}`, async ({ board, newAgent, server }) => {
    test.setTimeout(90_000);
    const failing = newAgent("calm-failing");
    await failing.register();
    for (let task = 0; task < 12; task += 1) {
      await failing.startTask(`before-${task}`);
      await failing.failTask(`before-${task}`, "the gateway did not answer");
    }
    const silent = Array.from({ length: 3 }, (_, index) => newAgent(`silent-${index}`, { stuck_threshold: 2 }));
    for (const agent of silent) await agent.register();
    await silent[0]?.startTask("first");
    await board.goto(`${server.url}${path}`);
    const place = path === "/" ? board.getByRole("region", { name: list }) : board.getByRole("list", { name: list });
    await expect(place).toContainText("silent-0", { timeout: 20_000 });
    await board.waitForTimeout(2_500);
    await watch(board);
    for (const agent of silent.slice(1)) await agent.startTask(`job-of-${agent.id}`);
    await expect(place).toContainText("silent-2", { timeout: 20_000 });
    // Who leaves something open would be stuck again.
    for (const [index, agent] of silent.entries()) {
      await agent.completeTask(index === 0 ? "first" : `job-of-${agent.id}`);
      await agent.leave();
    }
    await expect(place.or(board.getByText("Nothing fires"))).not.toContainText("silent-2", { timeout: 20_000 });
    await expectCalm(board);
  });

test("the stream stands still under a resting pointer, and goes on when it has left", async ({ board, newAgent }) => {
  const agent = newAgent("talks");
  await agent.register();
  await agent.startTask("before-1");
  const entry = stream(board).getByRole("listitem").first();
  await expect(entry).toContainText("before-1");
  await entry.hover();
  await agent.startTask("while-1");
  await expect(stream(board).getByRole("button", { name: /new$/ })).toBeVisible();
  await expect(entry).toContainText("before-1");
  await board.getByRole("region", { name: "Tasks" }).getByRole("heading", { name: "Tasks" }).hover();
  await expect(entry).toContainText("while-1");
});

test("issues stay under a resting pointer, and say how many have come", async ({ board, newAgent, server }) => {
  const agent = newAgent("worries");
  await agent.register();
  const report = (id: string, severity: string, action = "reported") =>
    agent.send({
      event_type: "custom",
      payload: { kind: "issue", summary: `Trouble ${id}`, data: { issue_id: id, severity, action } },
    });
  await report("mild", "medium");
  await board.goto(`${server.url}/pipeline`);
  const issues = board.getByRole("region", { name: "Issues" });
  const first = issues.getByRole("listitem").first();
  await expect(first).toContainText("Trouble mild");
  await first.hover();
  await report("grave", "critical");
  await expect(issues.getByRole("button", { name: "1 new" })).toBeVisible();
  await expect(first).toContainText("Trouble mild");
  // What is over says so where it stands.
  await report("mild", "medium", "resolved");
  await expect(first).toContainText("resolved");
  await issues.getByRole("button", { name: "1 new" }).click();
  await expect(first).toContainText("Trouble grave");
});
