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
