import { card, expect, stream, test } from "./board";

const MARKUP = "<img src=x onerror=\"document.title='broken into'\">";

test("markup in names and summaries is text", async ({ board, newAgent }) => {
  const agent = newAgent("marked");
  await agent.register();
  await agent.send({ event_type: "task_started", task_id: MARKUP, task_type: "<b>type</b>", task_run_id: "run-1" });
  await agent.send({
    event_type: "custom",
    task_id: MARKUP,
    task_run_id: "run-1",
    payload: { summary: `said ${MARKUP}` },
  });
  await agent.failTask(MARKUP, MARKUP);
  await expect(stream(board)).toContainText(`said ${MARKUP}`);
  await expect(board.getByRole("row").filter({ hasText: MARKUP })).toBeVisible();
  await board.getByRole("row").filter({ hasText: MARKUP }).click();
  await expect(board.getByRole("heading", { name: MARKUP })).toBeVisible();
  await expect(board.locator("img")).toHaveCount(0);
  expect(await board.title()).not.toContain("broken into");
  await expect(card(board, agent)).toBeVisible();
});

test("the page needs nothing inline and nothing from elsewhere", async ({ board, server }) => {
  const answer = await board.request.get(server.url);
  const policy = answer.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("unsafe-inline");
  const asked: string[] = [];
  board.on("request", (request) => asked.push(new URL(request.url()).host));
  await board.reload();
  await expect(board.getByRole("status").getByText("Live")).toBeVisible();
  expect([...new Set(asked)]).toEqual([new URL(server.url).host]);
});
