import { test as base, expect, type Page } from "@playwright/test";
import { Agent, type AgentLabels } from "./agent";
import { type Server, startServer } from "./server";

interface Fixtures {
  /** A page of a browser that has entered the board, at `/`, and that may not report any error. */
  board: Page;
  /** An agent of this test: its name is its own, so that tests do not see each other's. */
  newAgent: (name: string, labels?: AgentLabels & { mode?: "live" | "test" }) => Agent;
}

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: the test runner reads the names of the fixtures from the pattern
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.remove();
    },
    { scope: "worker" },
  ],
  board: async ({ page, server }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      // The board asks a server whether it has alerts and insights, and leaves them out where it has not.
      const asks = message.text().includes("404") && /\/v1\/(alerts|insights)\b/.test(message.location().url);
      if (message.type() === "error" && !asks) errors.push(message.text());
    });
    await page.goto(server.loginLink());
    await use(page);
    // A test that stops the server sees the browser complain, and then the server say that it is not ready yet.
    const wasAway = errors.some((text) => text.includes("ERR_CONNECTION_REFUSED"));
    const own = errors.filter((text) => !text.includes("ERR_CONNECTION_REFUSED") && !(wasAway && text.includes("503")));
    expect(own, "errors in the browser's console").toEqual([]);
  },
  newAgent: async ({ server }, use, info) => {
    const suffix = `${info.workerIndex}${info.testId.slice(-5)}`;
    const agents: Agent[] = [];
    await use((name, { mode = "live", ...labels } = {}) => {
      const key = mode === "live" ? server.liveKey : server.testKey;
      const agent = new Agent(server.url, key, `${name}-${suffix}`, labels);
      agents.push(agent);
      return agent;
    });
    // The Hive draws what is in sight: cards that ask for attention would push those of the next tests below its edge.
    for (const agent of agents) await agent.leave();
  },
});

/** The card of an agent in the Hive. */
export function card(board: Page, agent: Agent) {
  return board.getByRole("complementary", { name: "The Hive" }).getByRole("button", { name: agent.id });
}

export function stream(board: Page) {
  return board.getByRole("complementary", { name: "Activity Stream" });
}

export { expect };
