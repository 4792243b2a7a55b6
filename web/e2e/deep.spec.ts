import { expect, test } from "./board";

const LEVELS = 40;

test("an action keeps its name in the waterfall, however deep it lies", async ({ board, newAgent, server }) => {
  const agent = newAgent("deep");
  await agent.register();
  await agent.startTask("deep-1");
  const part = { task_id: "deep-1", task_run_id: "run-1" };
  for (let level = 0; level < LEVELS; level++)
    await agent.send({
      event_type: "action_started",
      action_id: `a${level}`,
      ...(level === 0 ? {} : { parent_action_id: `a${level - 1}` }),
      ...part,
      payload: { action_name: `level_${level}_of_many` },
    });
  for (const width of [1600, 1024, 390]) {
    await board.setViewportSize({ width, height: 900 });
    await board.goto(`${server.url}/?task=deep-1&owner=deep&look=waterfall&tab=task`);
    const name = board.getByRole("treeitem").getByText("level_12_of_many");
    await name.scrollIntoViewIfNeeded();
    const box = await name.boundingBox();
    expect(box?.width, `at ${width} px`).toBeGreaterThan(40);
  }
});
