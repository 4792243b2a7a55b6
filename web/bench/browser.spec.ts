import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { type Page, test } from "@playwright/test";
import { type Server, startServer } from "../e2e/server";
import { Load } from "./load";
import { bytesLoaded, type Cost, Probe } from "./probe";

const QUICK = process.env.QUICK !== undefined && process.env.QUICK !== "";
const LIVE_SECONDS = QUICK ? 30 : 300;
const WARM_SECONDS = QUICK ? 10 : 30;
const AGENTS = 1_000;
const RATE = 500;
const MANY_AGENTS = QUICK ? 2_000 : 10_000;
const LONG_RUN_EVENTS = 10_000;

interface Row {
  what: string;
  measured: string;
  goal: string;
}
const rows: Row[] = [];

function note(what: string, measured: string, goal = ""): void {
  rows.push({ what, measured, goal });
  console.log(`${what}: ${measured}${goal === "" ? "" : ` (to reach: ${goal})`}`);
}

const kilobytes = (bytes: number) => `${(bytes / 1_024).toFixed(0)} KB`;
const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;

function noteFrames(of: string, cost: Cost, goal: string): void {
  const due = cost.frames + cost.dropped;
  note(`${of}: frames dropped of 10,000`, `${Math.round((cost.dropped / Math.max(1, due)) * 10_000)}`);
  note(`${of}: longest run of dropped frames`, `${cost.longest_run}`, goal);
  note(`${of}: longest task of the main thread`, `${cost.longest_task_ms} ms`, "200 ms");
}

async function enter(page: Page, server: Server): Promise<void> {
  await page.goto(server.loginLink());
  await page
    .getByRole("complementary", { name: "The Hive" })
    .getByRole("button", { name: /^worker-/ })
    .first()
    .waitFor();
}

test.describe.configure({ mode: "serial" });

test("first load, 1,000 agents and 500 events a second", async ({ page }) => {
  const server = await startServer();
  try {
    const load = new Load(server.url, server.liveKey);
    await load.fleet(AGENTS);
    await enter(page, server);
    const probe = await Probe.on(page);

    await page.goto(`${server.url}/settings`);
    await page.waitForLoadState("networkidle");
    await page.goto(server.url, { waitUntil: "commit" });
    const began_ms = Date.now();
    await page.getByRole("row").nth(5).waitFor();
    const usable_ms = Date.now() - began_ms;
    note("first load: scripts and styles, as they travel", kilobytes(await bytesLoaded(page)), "250 KB");
    note("first load: until the Hive and the tasks of 1,000 agents are there", `${usable_ms} ms`, "1,000 ms");

    let stop = false;
    const sending = load.steady(RATE, AGENTS, () => stop);
    await page.waitForTimeout(WARM_SECONDS * 1_000);
    const heapBefore = await probe.heap();
    const nodesBefore = await probe.nodes();
    const sentBefore = load.sent;
    await probe.begin();
    await page.waitForTimeout(LIVE_SECONDS * 1_000);
    const cost = await probe.end();
    const events = load.sent - sentBefore;
    const grown = (await probe.heap()) - heapBefore;
    const nodes = (await probe.nodes()) - nodesBefore;
    stop = true;
    await sending;
    note("live: events a second that were acknowledged", `${Math.round(events / cost.seconds)}`, `${RATE}`);
    note("live: main thread for 1,000 events", `${((cost.main_ms / events) * 1_000).toFixed(0)} ms`);
    note("live: share of the main thread", `${Math.round((cost.main_ms / (cost.seconds * 1_000)) * 100)} %`);
    noteFrames("live", cost, "");
    note(
      "live: heap",
      `${megabytes(heapBefore)}, ${megabytes(grown)} more after ${Math.round(cost.seconds)} s`,
      "flat",
    );
    note("live: nodes of the document", `${nodes >= 0 ? "+" : ""}${nodes}`, "flat");
  } finally {
    await server.remove();
  }
});

test("a run of 10,000 events", async ({ page }) => {
  const server = await startServer();
  try {
    const load = new Load(server.url, server.liveKey);
    await load.fleet(20);
    await load.longRun("long-1", LONG_RUN_EVENTS);
    await enter(page, server);
    const probe = await Probe.on(page);
    await probe.begin();
    const began_ms = Date.now();
    await page.evaluate(() => {
      history.pushState(null, "", "?task=long-1&range=24h&tab=task");
      dispatchEvent(new PopStateEvent("popstate"));
    });
    await page.getByRole("group", { name: /^Story of long-1/ }).waitFor();
    const open_ms = Date.now() - began_ms;
    note("10,000 events: until the story is there", `${open_ms} ms`, "500 ms");
    note("10,000 events: main thread until then", `${(await probe.end()).main_ms.toFixed(0)} ms`);
    await page
      .getByRole("radio", { name: "Waterfall" })
      .or(page.getByRole("button", { name: "Waterfall" }))
      .first()
      .click();
    const tree = page.getByRole("tree");
    await tree.getByRole("treeitem").first().waitFor();
    await tree.hover({ position: { x: 40, y: 60 } });
    await probe.begin();
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.wheel(0, 240);
      await page.waitForTimeout(16);
    }
    noteFrames("10,000 events, scrolled", await probe.end(), "3");
  } finally {
    await server.remove();
  }
});

test("many agents", async ({ page }) => {
  const server = await startServer();
  try {
    const load = new Load(server.url, server.liveKey);
    await load.fleet(MANY_AGENTS);
    const began_ms = Date.now();
    await enter(page, server);
    const probe = await Probe.on(page);
    const of = `${MANY_AGENTS.toLocaleString("en-US")} agents`;
    note(`${of}: until the Hive is there`, `${Date.now() - began_ms} ms`);
    note(`${of}: heap`, megabytes(await probe.heap()));
    await page.getByRole("complementary", { name: "The Hive" }).hover({ position: { x: 100, y: 400 } });
    await probe.begin();
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.wheel(0, 400);
      await page.waitForTimeout(16);
    }
    noteFrames(`${of}, scrolled`, await probe.end(), "3");
  } finally {
    await server.remove();
  }
});

test.afterAll(() => {
  const table = ["| what | measured | to reach |", "|---|---|---|"];
  for (const { what, measured, goal } of rows) table.push(`| ${what} | ${measured} | ${goal} |`);
  console.log(`\n${table.join("\n")}\n\n${cpus().length} processors, ${QUICK ? "quick" : "whole"} run`);
  const place = fileURLToPath(new URL("../test-results", import.meta.url));
  mkdirSync(place, { recursive: true });
  writeFileSync(`${place}/bench-browser.json`, `${JSON.stringify(rows, null, 2)}\n`);
});
