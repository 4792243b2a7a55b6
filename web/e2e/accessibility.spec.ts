import { card, expect, test } from "./board";
import { violations } from "./faults";

for (const theme of ["dark", "light"] as const) {
  test(`no view has a fault that axe finds, ${theme}`, async ({ board, newAgent, server }) => {
    // A dozen pages, each looked at from top to bottom.
    test.setTimeout(180_000);
    await board.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    const agent = newAgent("seen", { stuck_threshold: 2, agent_version: "1.2.0" });
    const waiting = newAgent("waits");
    for (const each of [agent, waiting]) {
      await each.register();
      await each.heartbeat("all well");
      await each.startTask("review-1");
      await each.llmCall("review-1", "summarise");
    }
    await agent.failTask("review-1", "the gateway did not answer");
    await waiting.send({
      event_type: "approval_requested",
      task_id: "review-1",
      task_run_id: "run-1",
      payload: { summary: "credit of $500", data: { approver: "support-lead" } },
    });
    await expect(card(board, agent)).toContainText("Stuck", { timeout: 10_000 });
    await expect(card(board, waiting)).toContainText("Waiting");
    expect(await violations(board)).toEqual([]);
    for (const path of [
      "/?task=review-1",
      "/cost",
      "/pipeline",
      "/errors",
      "/insights",
      "/alerts",
      "/alerts?tab=waits",
      "/alerts?tab=outages",
      "/alerts?tab=rules",
      "/settings",
      "/settings?tab=people",
      "/settings?tab=sessions",
      "/settings?tab=prices",
      "/settings?tab=storage",
      "/settings?tab=audit",
      "/settings?tab=appearance",
      "/tasks",
      `/agent?agent=${agent.id}`,
      `/agent?agent=${agent.id}&tab=metrics`,
      `/agent?agent=${agent.id}&tab=states`,
    ]) {
      await board.goto(`${server.url}${path}`);
      await expect(card(board, waiting)).toBeVisible();
      await board.waitForLoadState("networkidle");
      expect(await violations(board), path).toEqual([]);
    }
    await board.keyboard.press("Control+k");
    await expect(board.getByRole("dialog", { name: "Command palette" })).toBeVisible();
    expect(await violations(board), "palette").toEqual([]);
  });
}

test("the guide and the door have no fault that axe finds", async ({ board, server }) => {
  await board.goto(`${server.url}/?mode=test&environment=none`);
  expect(await violations(board)).toEqual([]);
  await board.context().clearCookies();
});

test("a narrow screen has one column with tabs", async ({ board, newAgent, server }) => {
  const agent = newAgent("small");
  await agent.register();
  await board.setViewportSize({ width: 400, height: 860 });
  await board.goto(server.url);
  await expect(board.getByRole("navigation", { name: "Panes" })).toBeVisible();
  expect(await violations(board)).toEqual([]);
  await board.getByRole("button", { name: /^Hive/ }).click();
  await expect(card(board, agent)).toBeVisible();
  expect(await violations(board)).toEqual([]);
  await board.getByRole("button", { name: "Activity", exact: true }).click();
  await expect(board.getByRole("complementary", { name: "Activity Stream" })).toContainText(agent.id);
  expect(await board.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
});
