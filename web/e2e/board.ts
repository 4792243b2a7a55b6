import { test as base, expect, type Page } from "@playwright/test";
import { legible } from "../src/format/legible";
import { Agent, type AgentLabels } from "./agent";
import { type Server, startServer } from "./server";

interface Fixtures {
  /** A real server of this test alone: nothing that another test did can stand in its lists. */
  server: Server;
  /** A page of a browser that has entered the board, at `/`, and that may not report any error. */
  board: Page;
  /** An agent that reports to this test's server. */
  newAgent: (name: string, labels?: AgentLabels & { mode?: "live" | "test" }) => Agent;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the test runner reads the names of the fixtures from the pattern
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.remove();
  },
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
  newAgent: async ({ server }, use) => {
    await use(
      (name, { mode = "live", ...labels } = {}) =>
        new Agent(server.url, mode === "live" ? server.liveKey : server.testKey, name, labels),
    );
  },
});

/** The card of an agent in the Hive. */
export function card(board: Page, agent: Agent) {
  return board.getByRole("complementary", { name: "The Hive" }).getByRole("button", { name: legible(agent.id) });
}

export function stream(board: Page) {
  return board.getByRole("complementary", { name: "Activity Stream" });
}

export { expect };
