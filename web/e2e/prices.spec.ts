import { expect, test } from "./board";
import { violationsInBothThemes } from "./faults";

test("a model without a price is told, gets one, and its next call says how its cost comes about", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("unpriced");
  await agent.register();
  const model = `house-model-${agent.id}`;
  const call = (name: string) =>
    agent.send({
      event_type: "custom",
      task_id: "priced-1",
      task_run_id: "run-1",
      payload: { kind: "llm_call", summary: name, data: { name, model, tokens_in: 2_000_000, tokens_out: 1_000_000 } },
    });
  await agent.startTask("priced-1");
  await call("before");
  await board.goto(`${server.url}/settings?tab=prices`);
  const used = board.getByRole("region", { name: "Models in use" }).getByRole("row", { name: new RegExp(model) });
  await expect(used).toContainText("Unknown model.");
  await used.getByRole("button", { name: `Set a price for ${model}` }).click();
  const form = board.getByRole("form", { name: "Own price of a model" });
  expect((await form.getByText("for any text").boundingBox())?.height, "one line").toBeLessThan(30);
  await form.getByLabel("Input", { exact: true }).fill("1.5");
  await form.getByLabel("Output", { exact: true }).fill("4");
  await form.getByRole("button", { name: "Set the price" }).click();
  await expect(used).toContainText("exact name");

  await call("after");
  await board.goto(`${server.url}/cost?agent=${agent.id}`);
  const calls = board.getByRole("region", { name: "Calls" });
  const after = calls.getByRole("row", { name: /after/ });
  await after.getByRole("button", { name: "$7.00 est." }).click();
  const why = board.getByRole("dialog", { name: "How this cost comes about" });
  await expect(why.getByRole("row", { name: /^Input/ })).toContainText("$3.00");
  await expect(why.getByRole("row", { name: /^Output/ })).toContainText("$4.00");
  await expect(why).toContainText("the workspace's own row");
  expect(await violationsInBothThemes(board)).toEqual([]);
  await board.keyboard.press("Escape");
  await expect(why).toBeHidden();

  await calls
    .getByRole("row", { name: /before/ })
    .getByRole("button", { name: "unknown" })
    .click();
  await board.getByRole("link", { name: "Its row in the price table" }).click();
  const row = board.getByRole("region", { name: "Price table" }).getByRole("row", { name: new RegExp(model) });
  await expect(row).toContainText("own");
  await row.getByRole("button", { name: /^Remove/ }).click();
  await expect(row).toHaveCount(0);
  await expect(used).toContainText("Unknown model.");
});

test("costs are drilled into: stacked by agent, narrowed by a click, and a call opens in its row", async ({
  board,
  newAgent,
  server,
}) => {
  const [one, two] = [newAgent("drill-one"), newAgent("drill-two")];
  const models = [`model-a-${one.id}`, `model-b-${one.id}`] as const;
  for (const agent of [one, two]) {
    await agent.register();
    await agent.startTask("dig-1", "digging");
    for (const model of models) await agent.llmCall("dig-1", `dig with ${model}`, model);
  }
  await board.goto(`${server.url}/cost`);
  await board.getByRole("button", { name: /^Stacked by/ }).click();
  await board.getByRole("option", { name: "Agent" }).click();
  await expect(board).toHaveURL(/stack=agent/);

  const byModel = board.getByRole("region", { name: "Cost by model" });
  await byModel.getByRole("button", { name: models[0] }).click();
  await expect(board).toHaveURL(/model=model-a/);
  const calls = board.getByRole("region", { name: "Calls" });
  await expect(calls.getByRole("row", { name: /dig with model-a/ })).toHaveCount(2);
  await expect(calls.getByRole("row", { name: /dig with model-b/ })).toHaveCount(0);
  await board.getByRole("region", { name: "Cost by agent" }).getByRole("button", { name: one.id }).click();
  await expect(calls.getByRole("row", { name: /dig with model-a/ })).toHaveCount(1);
  await calls.getByRole("button", { name: `Open dig with ${models[0]}` }).click();
  await expect(calls).toContainText("The agent told neither prompt nor answer.");

  const whatIf = board.getByRole("region", { name: "What if" });
  await whatIf.getByRole("combobox").fill("claude-sonnet-4");
  // 12,000 in at 3 and 300 out at 15 dollars a million: what the agent says that it paid.
  await expect(whatIf).toContainText("$0.041 for the same call, the same");
  await whatIf.getByRole("combobox").fill("no-such-model-anywhere");
  await expect(whatIf).toContainText("No row of the price table");

  await board.getByRole("region", { name: "Narrowed to" }).getByRole("button", { name: /model/ }).click();
  await expect(calls.getByRole("row", { name: /dig with model-b/ })).toHaveCount(1);
});
