import type { Page } from "@playwright/test";
import type { Agent } from "./agent";
import { expect, stream, test } from "./board";
import type { Server } from "./server";
import { startWire, type Wire } from "./wire";

/** What happened while nobody could hear it. */
const MISSED = 30;

async function enter(page: Page, wire: Wire, loginLink: string): Promise<void> {
  const link = new URL(loginLink);
  await page.goto(`${wire.url}${link.pathname}${link.search}`);
  await expect(page.getByRole("status").getByText("Live")).toBeVisible();
}

/** Every task that an agent did while the board was away, by the stream and by the table. */
async function nothingIsMissed(page: Page, agent: Agent): Promise<void> {
  const tasks = page.getByRole("region", { name: "Tasks" });
  await expect(tasks).toContainText(String(MISSED + 1), { timeout: 30_000 });
  await expect(stream(page)).toContainText(`${agent.id} finished missed-${MISSED - 1}`, { timeout: 30_000 });
  await expect(page.getByRole("complementary", { name: "The Hive" })).toContainText("Idle");
  await agent.startTask("after-1");
  await expect(stream(page)).toContainText(`${agent.id} started after-1`);
}

/** A board that is entered over a wire which `cut` and `mend` are about, with an agent that did one task before. */
async function away(
  page: Page,
  newAgent: (id: string) => Agent,
  server: Server,
  whatHappens: (wire: Wire, agent: Agent) => Promise<void>,
): Promise<void> {
  const wire = await startWire(server.url);
  try {
    const agent = newAgent("far");
    await agent.register();
    await agent.startTask("before-1");
    await agent.completeTask("before-1");
    await enter(page, wire, server.loginLink());
    await expect(stream(page)).toContainText("far finished before-1");
    await whatHappens(wire, agent);
    await nothingIsMissed(page, agent);
  } finally {
    await wire.close();
  }
}

async function work(agent: Agent): Promise<void> {
  for (let index = 0; index < MISSED; index += 1) {
    await agent.startTask(`missed-${index}`);
    await agent.completeTask(`missed-${index}`);
  }
}

test.beforeEach(() => {
  test.setTimeout(120_000);
});

test("a network that falls silent is told of within ten seconds, and afterwards nothing is missing", async ({
  page,
  newAgent,
  server,
}) => {
  await away(page, newAgent, server, async (wire, agent) => {
    wire.cut();
    await expect(page.getByText(/Not live since .*figures are as of then/)).toBeVisible({ timeout: 12_000 });
    await work(agent);
    await expect(stream(page)).not.toContainText("missed-0");
    wire.mend();
    await expect(page.getByText("Not live since")).toBeHidden({ timeout: 30_000 });
  });
});

test("a machine that slept wakes to a board that has missed nothing", async ({ page, newAgent, server }) => {
  await away(page, newAgent, server, async (wire, agent) => {
    // Asleep: the page's timers stand still and its connections die unseen.
    const session = await page.context().newCDPSession(page);
    await session.send("Page.enable");
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    wire.cut();
    await work(agent);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    wire.mend();
    await session.send("Page.setWebLifecycleState", { state: "active" });
  });
});

test("what hangs on connections that died, on as many as a browser opens, keeps no board from the truth", async ({
  page,
  newAgent,
  server,
}) => {
  await away(page, newAgent, server, async (wire, agent) => {
    wire.cut();
    // Scripts and styles cannot be abandoned as reads can.
    await page.evaluate(() => {
      for (let number = 0; number < 6; number += 1) {
        const style = document.createElement("link");
        style.rel = "stylesheet";
        style.href = `/assets/missing-${number}.css`;
        document.head.append(style);
      }
    });
    await work(agent);
    wire.mend();
  });
});
