import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import type { Agent } from "./agent";
import { card, expect, test } from "./board";
import { violations } from "./faults";

type NewAgent = (name: string, labels?: { stuck_threshold?: number; agent_version?: string }) => Agent;

/** A stuck agent that failed, one that waits, a task that was done in two runs, and work that belongs together. */
async function fleet(newAgent: NewAgent): Promise<{ seen: Agent; waits: Agent }> {
  const seen = newAgent("seen", { stuck_threshold: 2, agent_version: "1.2.0" });
  const waits = newAgent("waits");
  for (const each of [seen, waits]) {
    await each.register();
    await each.heartbeat("all well");
    await each.startTask("review-1");
    await each.llmCall("review-1", "summarise");
    await each.send({ event_type: "custom", task_id: "review-1", task_run_id: "run-1", correlation_id: "flow-1" });
  }
  const again = { task_id: "review-1", task_run_id: "run-0", correlation_id: "flow-1" };
  await seen.send({ event_type: "task_started", ...again }, { event_type: "task_completed", ...again });
  await seen.failTask("review-1", "the gateway did not answer");
  await seen.send(
    { event_type: "custom", payload: { kind: "issue", summary: "The key is refused", data: { severity: "critical" } } },
    { event_type: "custom", payload: { kind: "todo", summary: "Ask for a key", data: { todo_id: "t1" } } },
    {
      event_type: "custom",
      payload: { kind: "queue_snapshot", data: { depth: 7, items: [{ id: "q", summary: "One" }] } },
    },
    {
      event_type: "custom",
      payload: { kind: "scheduled", data: { items: [{ id: "s", name: "Nightly", interval: "1h", enabled: true }] } },
    },
  );
  await waits.send({
    event_type: "approval_requested",
    task_id: "review-1",
    task_run_id: "run-1",
    payload: { summary: "credit of $500", data: { approver: "support-lead" } },
  });
  return { seen, waits };
}

/** Every page with each of its parts. A test holds the list to the routes and to the parts that the sources name. */
const PAGES = [
  "/",
  "/?task=review-1&owner=seen&run=run-1",
  "/?task=review-1&owner=seen&run=run-1&look=waterfall&tab=task",
  "/?task=review-1&owner=seen&run=run-1&look=transcript&tab=task",
  "/tasks",
  "/tasks?status=failed",
  "/cost",
  "/cost?by=project",
  "/pipeline",
  "/errors",
  "/insights",
  "/workflow",
  "/workflow?correlation=flow-1",
  "/compare?task=review-1&owner=seen&run=run-0&against=run-1",
  "/wall",
  ...["open", "waits", "outages", "history", "rules", "channels"].map((tab) => `/alerts?tab=${tab}`),
  ...["keys", "people", "sessions", "projects", "prices", "storage", "workspaces", "audit", "appearance", "server"].map(
    (tab) => `/settings?tab=${tab}`,
  ),
  ...["tasks", "pipeline", "metrics", "events", "heartbeats", "states"].map((tab) => `/agent?agent=seen&tab=${tab}`),
  "/no-such-page",
] as const;

/** A page is there when nothing of it is still a skeleton. */
async function settled(board: Page): Promise<void> {
  await board.waitForLoadState("networkidle");
  await expect(board.locator("[aria-busy='true']")).toHaveCount(0);
}

for (const theme of ["dark", "light"] as const) {
  test(`no page has a fault that axe finds, ${theme}`, async ({ board, newAgent, server }) => {
    test.setTimeout(300_000);
    await board.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    const { seen, waits } = await fleet(newAgent);
    await expect(card(board, seen)).toContainText("Stuck", { timeout: 10_000 });
    await expect(card(board, waits)).toContainText("Waiting");
    const found: string[] = [];
    for (const path of PAGES) {
      await board.goto(`${server.url}${path}`);
      await settled(board);
      found.push(...(await violations(board)).map((fault) => `${path}: ${fault}`));
    }
    expect(found).toEqual([]);
  });

  test(`what opens over a page has no fault that axe finds, ${theme}`, async ({ board, newAgent, server }) => {
    test.setTimeout(90_000);
    await board.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await fleet(newAgent);
    await board.goto(`${server.url}/errors`);
    await board
      .getByRole("row", { name: /CheckError/ })
      .getByRole("button")
      .first()
      .click();
    await expect(board.getByRole("region", { name: "Error CheckError" })).toBeVisible();
    expect(await violations(board), "an error, opened").toEqual([]);
    await board.getByRole("button", { name: /^From – to/ }).click();
    expect(await violations(board), "from – to").toEqual([]);
    await board.keyboard.press("Escape");
    await board.getByRole("button", { name: "Saved views" }).click();
    await expect(board.getByRole("dialog", { name: "Saved views" })).toBeVisible();
    expect(await violations(board), "saved views").toEqual([]);
    await board.keyboard.press("Escape");
    await board.getByRole("button", { name: /^Environment/ }).click();
    expect(await violations(board), "a selector").toEqual([]);
    await board.keyboard.press("Escape");
    await board.keyboard.press("Control+k");
    await expect(board.getByRole("dialog", { name: "Command palette" })).toBeVisible();
    expect(await violations(board), "palette").toEqual([]);
    await board.keyboard.press("Escape");
    await board.keyboard.press("?");
    await expect(board.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
    expect(await violations(board), "keys").toEqual([]);
    await board.keyboard.press("Escape");
    await server.stop();
    await expect(board.getByText(/Not live since/)).toBeVisible({ timeout: 12_000 });
    expect(await violations(board), "not live").toEqual([]);
    await server.start();
  });

  test(`the guide and the door have no fault that axe finds, ${theme}`, async ({ board, server }) => {
    await board.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await expect(board.getByRole("heading", { name: "Your board is ready. Bring the first agent." })).toBeVisible();
    expect(await violations(board), "first run").toEqual([]);
    await board.goto(`${server.url}/set-up`);
    await expect(board.getByRole("button", { name: "Make me the owner" })).toBeVisible();
    expect(await violations(board), "set-up").toEqual([]);
    await board.context().clearCookies();
    const stranger = await board.context().newPage();
    for (const path of ["/", "/sign-in", "/forgotten", "/invitation#token=none", "/reset#token=none"]) {
      await stranger.goto(`${server.url}${path}`);
      await stranger.waitForLoadState("networkidle");
      expect(await violations(stranger), path).toEqual([]);
    }
    await stranger.close();
  });
}

test("the list of pages looked at is whole: every route, every part of a page", () => {
  const source = (path: string) => readFileSync(new URL(`../src/${path}`, import.meta.url), "utf8");
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? "");
  const routes = [...all(source("app/routes.tsx"), /page\("([^"]+)"/g), "/wall"];
  for (const route of routes)
    expect(
      PAGES.some((path) => path.split("?")[0] === route),
      route,
    ).toBe(true);
  for (const [page, file] of [
    ["/settings", "pages/settings/Settings.tsx"],
    ["/alerts", "pages/alerts/Alerts.tsx"],
    ["/agent", "pages/agent/AgentDetail.tsx"],
  ] as const)
    for (const part of all(source(file), /\{ value: "(\w+)", label/g))
      expect(
        PAGES.some((path) => path.startsWith(page) && path.includes(`tab=${part}`)),
        `${page}, ${part}`,
      ).toBe(true);
});

test("a narrow screen has one column with tabs, and nothing of a task's head is cut", async ({
  board,
  newAgent,
  server,
}) => {
  test.setTimeout(90_000);
  await board.setViewportSize({ width: 390, height: 844 });
  const { seen } = await fleet(newAgent);
  const long = "quarterly-report-of-the-northern-region-2026";
  await seen.startTask(long, "report");
  await board.goto(server.url);
  await expect(board.getByRole("navigation", { name: "Panes" })).toBeVisible();
  expect(await violations(board)).toEqual([]);
  await board.getByRole("button", { name: /^Hive/ }).click();
  await expect(card(board, seen)).toBeVisible();
  expect(await violations(board)).toEqual([]);
  await board.getByRole("button", { name: "Activity", exact: true }).click();
  await expect(board.getByRole("complementary", { name: "Activity Stream" })).toContainText(seen.id);
  expect(await board.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  for (const look of ["story", "waterfall", "transcript"]) {
    await board.goto(`${server.url}/?task=${long}&owner=${seen.id}&look=${look}&tab=task`);
    const name = board.getByRole("heading", { name: long });
    await expect(name).toBeVisible();
    const cut = await name.evaluate(
      (head) => head.scrollWidth > head.clientWidth + 1 || head.scrollHeight > head.clientHeight + 1,
    );
    expect(cut, `the name is cut, ${look}`).toBe(false);
    for (const button of ["Copy link", "Back to Mission Control", "Close this task"]) {
      const box = await board.getByRole("button", { name: button, exact: true }).boundingBox();
      expect((box?.x ?? 999) + (box?.width ?? 0), button).toBeLessThanOrEqual(390);
    }
    expect(await violations(board), look).toEqual([]);
  }
});
