import { expect, test } from "./board";

const KILOBYTE = 1_024;
/** What may travel before the board is usable, and in all. */
const USABLE_KB = 190;
const WHOLE_KB = 250;

interface Loaded {
  name: string;
  bytes: number;
}

test("the board is usable before the timeline and the charts are loaded, and all of it stays within its budget", async ({
  board,
  newAgent,
  server,
}) => {
  await newAgent("first").register();
  // Nothing may come from the browser's cache, and the parts that come later are held back.
  const held: (() => void)[] = [];
  let released = false;
  await board.route(/TimelineView-|SmallChart-/, async (route) => {
    if (!released) await new Promise<void>((resolve) => held.push(resolve));
    await route.continue();
  });
  const session = await board.context().newCDPSession(board);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await board.goto(server.url);
  await expect(board.getByRole("complementary", { name: "The Hive" })).toContainText("first");
  await expect(board.getByRole("region", { name: "Tasks" })).toBeVisible();
  await expect(board.getByRole("region", { name: /^Fleet now/ })).toContainText("1");
  const loaded = () =>
    board.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name, responseEnd }) => /\.(js|css)(\?|$)/.test(name) && responseEnd > 0)
        .map(({ name, encodedBodySize }) => ({ name: name.split("/").at(-1) ?? "", bytes: encodedBodySize })),
    );
  const sum = (parts: readonly Loaded[]) => parts.reduce((total, { bytes }) => total + bytes, 0) / KILOBYTE;
  const usable = await loaded();
  expect(
    usable.map(({ name }) => name).filter((name) => /TimelineView|SmallChart|CostExplorer|Settings-/.test(name)),
  ).toEqual([]);
  expect(sum(usable), JSON.stringify(usable)).toBeLessThanOrEqual(USABLE_KB);

  await expect.poll(() => held.length).toBeGreaterThan(1);
  // What is asked for only now is held back no more.
  released = true;
  for (const release of held) release();
  // All that was asked for has come: waiting for a network at rest would be over at once, for it rested before they were asked for.
  const parts = async () => (await loaded()).map(({ name }) => name.split("-")[0]);
  await expect.poll(parts).toEqual(expect.arrayContaining(["TimelineView", "SmallChart"]));
  await expect
    .poll(async () => {
      const before = (await loaded()).length;
      await board.waitForTimeout(500);
      return (await loaded()).length - before;
    })
    .toBe(0);
  const whole = await loaded();
  expect(sum(whole), JSON.stringify(whole)).toBeLessThanOrEqual(WHOLE_KB);
});

test("the document asks for its entry alone: what is split out is not preloaded", async ({ server }) => {
  const document = await (await fetch(server.url)).text();
  expect(document).toMatch(/assets\/index-.*\.js/);
  expect(document).not.toMatch(/TimelineView|SmallChart|CostExplorer/);
});
