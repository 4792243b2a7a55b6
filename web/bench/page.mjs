// What the first load of any page costs: bytes of scripts and styles as they travel, time until it is still, heap afterwards.
//
//   node web/bench/page.mjs URL [TEXT]     TEXT: what stands there when the page can be used
//
// For pages of others beside ours, which `browser.spec.ts` measures with a fleet.
import { chromium } from "playwright-core";

const [url, text] = process.argv.slice(2);
if (url === undefined) throw new Error("which page? node web/bench/page.mjs URL [TEXT]");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
const session = await page.context().newCDPSession(page);
await session.send("Network.enable");
const kinds = new Map();
let bytes = 0;
session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
  if (["Script", "Stylesheet"].includes(kinds.get(requestId))) bytes += encodedDataLength;
});
const began = performance.now();
await page.goto(url);
if (text !== undefined) await page.getByText(text).first().waitFor();
const usable = performance.now() - began;
await page.waitForLoadState("networkidle");
await session.send("HeapProfiler.enable");
await session.send("HeapProfiler.collectGarbage");
const { usedSize } = await session.send("Runtime.getHeapUsage");
const kilobytes = Math.round(bytes / 1_000);
console.log(
  `${kilobytes} KB of scripts and styles, usable after ${Math.round(usable)} ms, heap ${(usedSize / 1e6).toFixed(1)} MB`,
);
await browser.close();
