import { expect, test } from "./board";
import { violationsInBothThemes } from "./faults";

test("an error is one thing: grouped, searched for, opened, and known again on the next failure", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("fails", { agent_version: "2.0.1" });
  const place = `charge-${agent.id}`;
  await agent.register();
  const fail = async (task: string, message: string) => {
    await agent.startTask(task, "order");
    const raised = { exception_type: "CardError", exception_message: message };
    await agent.send(
      {
        event_type: "action_started",
        task_id: task,
        task_run_id: "run-1",
        action_id: `${task}-a`,
        payload: { action_name: place },
      },
      {
        event_type: "action_failed",
        task_id: task,
        task_run_id: "run-1",
        action_id: `${task}-a`,
        duration_ms: 20,
        payload: { action_name: place, ...raised },
      },
      { event_type: "task_failed", task_id: task, task_run_id: "run-1", duration_ms: 30, payload: raised },
    );
  };
  await fail("order-7", "declined by the bank");
  await board.goto(`${server.url}/?task=order-7&owner=${agent.id}`);
  await expect(board.getByRole("region", { name: "Seen before" })).toContainText("New.");

  await fail("order-8", "declined by the issuer");
  await board.goto(`${server.url}/errors?agent=${agent.id}`);
  const row = board.getByRole("row", { name: new RegExp(place) });
  // The action and the task that it ended: one cause, told twice, counts once.
  await expect(board.getByRole("table").getByRole("row")).toHaveCount(2);
  await expect(row).toContainText("CardError");
  await expect(row).toContainText("declined by the issuer");
  // Anywhere in its row.
  await row.getByRole("cell").nth(2).click();
  const detail = board.getByRole("region", { name: "Error CardError" });
  await expect(detail).toContainText("2 in this time, 2 in all");
  await expect(detail).toContainText("2.0.1");
  expect(await violationsInBothThemes(board)).toEqual([]);
  await detail.getByRole("link", { name: "order-7" }).click();
  await expect(board.getByRole("heading", { name: "order-7" })).toBeVisible();
  const seen = board.getByRole("region", { name: "Seen before" });
  await expect(seen).toContainText("Seen 2 times");
  await seen.getByRole("link", { name: "All of this error" }).click();
  await expect(board).toHaveURL(/\/errors\?.*error=/);
  await expect(detail).toBeVisible();

  await board.goto(`${server.url}/errors?q=by%20the%20ISSUER`);
  await expect(row).toBeVisible();
  await board.keyboard.press("Control+k");
  await board.getByRole("combobox", { name: /^Search/ }).fill("declined by the issuer");
  await expect(board.getByRole("group", { name: "Errors" }).getByRole("option")).toContainText("CardError");
  await expect(board.getByRole("group", { name: "Tasks" }).getByRole("option")).toContainText("order-8");
  await board.keyboard.press("Escape");

  await board.goto(`${server.url}/tasks?status=failed&agent=${agent.id}`);
  await expect(board.getByRole("row", { name: /order-8/ })).toContainText("CardError: declined by the issuer");
});

test("the trend of an error says how often when, and is dragged over as any chart", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("fails");
  await agent.register();
  await agent.startTask("order-7", "order");
  await agent.failTask("order-7", "declined");
  await board.goto(`${server.url}/errors?range=24h`);
  await board
    .getByRole("row", { name: /CheckError/ })
    .getByRole("cell")
    .nth(2)
    .click();
  const trend = board.getByRole("region", { name: "Error CheckError" }).getByRole("button", { name: /^Narrow to/ });
  const box = await trend.boundingBox();
  if (box === null) throw new Error("the trend is not drawn");
  await board.mouse.move(box.x + box.width - 2, box.y + 5);
  await expect(trend).toHaveAccessibleName(/: 1 failure$/);
  await board.mouse.down();
  await board.mouse.move(box.x + box.width * 0.7, box.y + 5, { steps: 3 });
  await expect(trend).toHaveAccessibleName(/: 1 failure$/);
  await board.mouse.up();
  await expect(board).toHaveURL(/since=.*until=/);
});
