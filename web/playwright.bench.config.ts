import { defineConfig } from "@playwright/test";
import tests from "./playwright.config";

/** `npm run bench`: what the board costs its browser, measured and printed; nothing is asserted about speed. */
export default defineConfig({
  ...tests,
  testDir: "bench",
  timeout: 1_800_000,
  expect: { timeout: 120_000 },
  reporter: [["line"]],
  use: { ...tests.use, screenshot: "off" },
});
