import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { shareThatDiffers } from "./alike";
import { test as base, expect } from "./board";
import { seedFleet } from "./fleet";
import { type Server, startServer } from "./server";

const COMMITTED = fileURLToPath(new URL("../../docs/pictures", import.meta.url));
/** Other clocks, other fonts and a bar more or less differ by less; a column that is gone, or a table that broke, by far more. */
const MOST_DIFFERING = 0.12;

interface Picture {
  name: string;
  /** Below the board's root. */
  path: string;
  theme?: "dark" | "light";
  size?: { width: number; height: number };
  /** What must be there before the picture is taken. */
  ready: (page: Page) => Promise<void>;
}

const TICKET = "task=ticket-48213&owner=support-triage";
const NARROW = { width: 390, height: 844 };

const timeline = (page: Page) =>
  expect(page.getByRole("region", { name: "Timeline of ticket-48213" })).toContainText("DuplicateCreditError");
const rows = (page: Page) => expect(page.getByRole("row").nth(8)).toBeVisible();
const region = (name: string | RegExp) => (page: Page) =>
  expect(page.getByRole("region", { name }).first()).toBeVisible();

/** Every picture of the README and of docs/, and how it is come by. */
const PICTURES: readonly Picture[] = [
  { name: "mission-control", path: `/?${TICKET}`, ready: timeline },
  { name: "mission-control-light", path: `/?${TICKET}`, theme: "light", ready: timeline },
  { name: "overview", path: "/", ready: rows },
  { name: "waterfall", path: `/?${TICKET}&look=waterfall&tab=task`, ready: timeline },
  { name: "transcript", path: `/?${TICKET}&look=transcript&tab=task`, ready: timeline },
  { name: "cost-explorer", path: "/cost", ready: region("Cost by agent") },
  { name: "pipeline", path: "/pipeline", ready: region("Issues") },
  { name: "agent", path: "/agent?agent=support-triage", ready: region("Tasks") },
  {
    name: "settings-light",
    path: "/settings",
    theme: "light",
    ready: (page) => expect(page.getByRole("main")).toContainText("Projects"),
  },
  { name: "narrow", path: "/", size: NARROW, ready: (page) => expect(page.getByText("Throughput")).toBeVisible() },
  { name: "narrow-story", path: `/?${TICKET}&tab=task`, size: NARROW, ready: timeline },
];

/** A server of its own, so that no other test's agents are in the pictures. */
const test = base.extend<Record<never, never>, { seeded: Server }>({
  seeded: [
    // biome-ignore lint/correctness/noEmptyPattern: the test runner reads the names of the fixtures from the pattern
    async ({}, use) => {
      const server = await startServer();
      await seedFleet(server);
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test.describe("pictures", () => {
  for (const picture of PICTURES) {
    test(`${picture.name} looks as it did`, async ({ browser, seeded }) => {
      const context = await browser.newContext({
        viewport: picture.size ?? { width: 1440, height: 900 },
        colorScheme: picture.theme ?? "dark",
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.goto(seeded.loginLink());
      await page.goto(`${seeded.url}${picture.path}`);
      await picture.ready(page);
      await page.waitForLoadState("networkidle");
      await page.evaluate(() => document.fonts.ready);
      const taken = await page.screenshot({ animations: "disabled" });
      const committed = `${COMMITTED}/${picture.name}.png`;
      if (process.env.UPDATE_PICTURES === "1" && !existsSync(committed)) {
        mkdirSync(COMMITTED, { recursive: true });
        writeFileSync(committed, taken);
      }
      expect(existsSync(committed), `docs/pictures/${picture.name}.png is missing: make screenshots makes it`).toBe(
        true,
      );
      expect(
        await shareThatDiffers(page, committed, taken),
        `the share of the picture that is another than in docs/pictures/${picture.name}.png; after a change that is meant, make screenshots`,
      ).toBeLessThanOrEqual(MOST_DIFFERING);
      await context.close();
    });
  }
});
