import type { Agent, SentEvent } from "./agent";
import { expect, test } from "./board";

/** Two searches that go on at once, each with an answer of a model inside. */
async function searches(agent: Agent, task: string): Promise<void> {
  const start_ms = Date.now() - 60_000;
  const part = { task_id: task, task_run_id: "run-1" };
  const at = (seconds: number) => ({ ...part, timestamp: new Date(start_ms + seconds * 1_000).toISOString() });
  const action = (name: string, from: number, to: number): SentEvent[] => [
    { event_type: "action_started", action_id: name, payload: { action_name: name }, ...at(from) },
    {
      event_type: "action_completed",
      action_id: name,
      duration_ms: (to - from) * 1_000,
      payload: { action_name: name },
      ...at(to),
    },
  ];
  const call = (name: string, inside: string, ended: number): SentEvent => ({
    event_type: "custom",
    action_id: inside,
    payload: { kind: "llm_call", summary: name, data: { name, model: "gpt-4o", duration_ms: 1_000 } },
    ...at(ended),
  });
  await agent.register();
  await agent.send(
    { event_type: "task_started", ...at(0) },
    ...action("search_web", 1, 10),
    ...action("search_mail", 2, 7.5),
    call("rank_web", "search_web", 4),
    call("rank_mail", "search_mail", 6),
    call("sum_web", "search_web", 9),
    { event_type: "task_completed", duration_ms: 12_000, ...at(12) },
  );
}

test("branches that go on at once are told in order of time, each line with its branch", async ({
  board,
  newAgent,
  server,
}) => {
  await searches(newAgent("parallel"), "ask-1");
  await board.goto(`${server.url}/?task=ask-1&owner=parallel&look=transcript&tab=task`);
  const lines = board.getByRole("list", { name: "Transcript of ask-1" }).getByRole("listitem");
  await expect(lines).toHaveCount(9);
  const words = (await lines.allTextContents()).map((line) => line.replace(/\s+/g, " "));
  const told = [
    "search_web",
    "search_mail",
    "rank_web",
    "rank_mail",
    "search_mail was done",
    "sum_web",
    "search_web was done",
  ];
  for (const [index, part] of told.entries()) expect(words[index + 1]).toContain(part);
  expect(words[3]).toContain("in search_web");
  expect(words[4]).toContain("in search_mail");
  expect(words[6]).toContain("in search_web");

  await board.goto(`${server.url}/?task=ask-1&owner=parallel&tab=task`);
  const story = board.getByRole("group", { name: /^Story of ask-1/ });
  await expect(story).toContainText("in search_mail");
  const names = await story
    .getByRole("button")
    .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
  const order = ["search_web", "search_mail", "rank_web", "rank_mail", "sum_web"];
  expect(order.map((name) => names.findIndex((label) => label?.includes(name)))).toEqual([1, 2, 3, 4, 5]);
  // Folded, a branch is one line, and the others no longer need to say theirs.
  await board.goto(`${server.url}/?task=ask-1&owner=parallel&look=transcript&tab=task`);
  await board.getByRole("button", { name: "1 inside" }).click();
  await expect(lines).toHaveCount(7);
});
