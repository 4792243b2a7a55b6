import { expect, test } from "./board";

test("the Hive keeps its fold button beside “1 needs you”", async ({ board, newAgent, server }) => {
  const mode = "test";
  const agent = newAgent("alone", { mode });
  await agent.register();
  await agent.startTask("lonely-1");
  await agent.failTask("lonely-1", "the gateway did not answer");
  await board.goto(`${server.url}/tasks?mode=${mode}`);
  const hive = board.getByRole("complementary", { name: "The Hive" });
  await expect(hive).toContainText("1 needs you");
  const fold = hive.getByRole("button", { name: "Fold the Hive" });
  const [button, column] = [await fold.boundingBox(), await hive.boundingBox()];
  expect((button?.x ?? 0) + (button?.width ?? 0)).toBeLessThanOrEqual((column?.x ?? 0) + (column?.width ?? 0));
  await fold.click();
  await expect(hive.getByRole("button", { name: "Unfold the Hive" })).toBeVisible();
});

test("a card has room for its queue and its gravest issue, whole", async ({ board, newAgent, server }) => {
  const agent = newAgent("burdened");
  await agent.register();
  await agent.startTask("heavy-1");
  await agent.send(
    ...[1, 2].map((number) => ({
      event_type: "custom",
      payload: {
        kind: "issue",
        summary: `The key ${number} is refused`,
        data: { issue_id: `i${number}`, severity: "critical", action: "reported" },
      },
    })),
    {
      event_type: "custom",
      payload: { kind: "queue_snapshot", summary: "Queue: 12345 items", data: { depth: 12_345 } },
    },
  );
  await board.goto(server.url);
  const card = board.locator("[data-agent=burdened]");
  const issues = card.getByTitle("2 open issues, the gravest critical");
  await expect(card).toContainText("Q:12345");
  await expect(issues).toBeVisible();
  const [marked, whole] = [await issues.boundingBox(), await card.boundingBox()];
  expect((marked?.x ?? 0) + (marked?.width ?? 0)).toBeLessThanOrEqual((whole?.x ?? 0) + (whole?.width ?? 0));
  const cut = await issues.evaluate((mark) => {
    const foot = mark.parentElement;
    return foot === null ? 0 : foot.scrollWidth - foot.clientWidth;
  });
  expect(cut).toBeLessThanOrEqual(0);
});

test("the sign for a space is whole on a card, whatever stands under it", async ({ board, newAgent, server }) => {
  const agent = newAgent("  ", { agent_type: " a ", agent_version: "\u00a0" });
  await agent.register();
  await agent.startTask(" t ");
  await agent.failTask(" t ", "no answer");
  await board.goto(server.url);
  const card = board.locator("[data-agent]");
  await expect(card).toContainText("␣␣");
  await expect(card).toContainText("␣a␣ · ⟨U+00A0⟩");
  const signs = card.locator(".ell", { hasText: "␣" });
  expect(await signs.count()).toBeGreaterThanOrEqual(2);
  for (const sign of await signs.all()) {
    const { deep, room } = await sign.evaluate((part) => {
      const baseline = document.createElement("i");
      baseline.style.display = "inline-block";
      part.append(baseline);
      const room = part.getBoundingClientRect().bottom - baseline.getBoundingClientRect().bottom;
      baseline.remove();
      const pen = document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
      pen.font = getComputedStyle(part).font;
      return { deep: pen.measureText("␣").actualBoundingBoxDescent, room };
    });
    expect(room).toBeGreaterThan(deep + 3);
  }
});

test("agents are grouped by what a menu with words says, and stay so", async ({ board, newAgent, server }) => {
  for (const [name, agent_type] of [
    ["g-one", "sales"],
    ["g-two", "support"],
  ] as const)
    await newAgent(name, { agent_type }).register();
  await board.goto(server.url);
  const hive = board.getByRole("complementary", { name: "The Hive" });
  await hive.getByRole("button", { name: "Group agents" }).click();
  const entry = board.getByRole("menuitemradio", { name: "By type" });
  // As wide as its words: none of them is cut.
  expect(await entry.evaluate((part) => part.scrollWidth - part.clientWidth)).toBeLessThanOrEqual(0);
  expect((await entry.boundingBox())?.width).toBeGreaterThan(100);
  await entry.click();
  await expect(hive.getByRole("heading", { level: 3 })).toHaveText(["sales", "support"]);
  await board.reload();
  await expect(hive.getByRole("heading", { level: 3 })).toHaveText(["sales", "support"]);
});
