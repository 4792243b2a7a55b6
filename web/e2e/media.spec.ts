import { expect, test } from "./board";

test("on paper a transcript is whole, light, and without what serves the screen", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("printed");
  await agent.register();
  const part = { task_id: "long-1", task_run_id: "run-1" };
  const steps = Array.from({ length: 58 }, (_, index) => ({
    event_type: "action_completed",
    action_id: `step-${index}`,
    duration_ms: 5,
    payload: { action_name: `step_${index}` },
    ...part,
  }));
  await agent.send({ event_type: "task_started", ...part }, ...steps, { event_type: "task_completed", ...part });
  await board.goto(`${server.url}/?task=long-1&owner=printed&look=transcript&tab=task`);
  const tale = board.getByRole("list", { name: "Transcript of long-1" });
  await expect(tale).toContainText("step_0");
  expect(await tale.getByRole("listitem").count()).toBeLessThan(50);

  await board.emulateMedia({ media: "print" });
  await expect(tale.getByRole("listitem")).toHaveCount(60);
  await expect(board.locator("html")).toHaveAttribute("data-theme", "light");
  await expect(board.getByRole("navigation", { name: "Views" })).toBeHidden();
  await expect(board.getByRole("complementary", { name: "Activity Stream" })).toBeHidden();
  const end = await tale.getByRole("listitem").last().boundingBox();
  const page = await board.evaluate(() => document.documentElement.scrollHeight);
  expect(end?.y).toBeLessThan(page);
  expect(page, "it flows over the pages, rather than being cut at the first").toBeGreaterThan(2_000);

  await board.emulateMedia({ media: "screen" });
  await expect(board.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await tale.getByRole("listitem").count()).toBeLessThan(50);
});

test("with the colours of the system what is chosen is marked, and bars keep theirs", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("forced");
  await agent.register();
  await agent.startTask("a-1");
  await agent.llmCall("a-1", "ask");
  await board.emulateMedia({ forcedColors: "active" });
  await board.goto(`${server.url}/cost`);
  const chosen = board.getByRole("group", { name: "Voice" }).getByRole("button", { pressed: true });
  await expect(chosen).toHaveCSS("outline-style", "solid");
  await expect(board.getByRole("navigation", { name: "Views" }).locator("[aria-current]")).toHaveCSS(
    "outline-style",
    "solid",
  );
  const marks = board.getByRole("cell").locator("i[data-shade]");
  await expect(marks.first()).toBeAttached();
  const shades = await marks.evaluateAll((all) => all.map((mark) => getComputedStyle(mark).forcedColorAdjust));
  expect(new Set(shades)).toEqual(new Set(["none"]));
});

test("zoomed to twice its size the bar has the open view in sight", async ({ board, server }) => {
  await board.setViewportSize({ width: 720, height: 450 });
  await board.goto(`${server.url}/settings`);
  const open = board.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Settings" });
  await expect(open).toBeInViewport({ ratio: 0.9 });
  await board.goto(`${server.url}/tasks`);
  await expect(board.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Tasks" })).toBeInViewport({
    ratio: 0.9,
  });
});
