import type { Agent, SentEvent } from "./agent";
import { card, expect, test } from "./board";
import { hands } from "./hand";

const RUN = { task_run_id: "run-1", project_id: "shop" };

function at(secondsAgo: number): { timestamp: string } {
  return { timestamp: new Date(Date.now() - secondsAgo * 1_000).toISOString() };
}

/** An order that fails at its payment: the card is declined after a model said to charge it. */
async function failingOrder(agent: Agent, task: string, secondsAgo: number): Promise<void> {
  const declined = { exception_type: "CardDeclined", exception_message: "the issuer said no" };
  const part = { task_id: task, ...RUN };
  await agent.send(
    { event_type: "task_started", task_type: "order", ...part, ...at(secondsAgo) },
    {
      event_type: "custom",
      ...part,
      ...at(secondsAgo - 3),
      payload: {
        kind: "llm_call",
        summary: "decide",
        data: {
          name: "decide_payment",
          model: "gpt-4o",
          tokens_in: 1_200,
          tokens_out: 40,
          cost: 0.01,
          duration_ms: 2_000,
          prompt_preview: "Shall we charge the card of order A-17?",
          response_preview: "charge it",
        },
      },
    },
    {
      event_type: "action_started",
      action_id: `${task}-pay`,
      payload: { action_name: "charge_card" },
      ...part,
      ...at(secondsAgo - 4),
    },
    {
      event_type: "action_failed",
      action_id: `${task}-pay`,
      duration_ms: 1_000,
      payload: { action_name: "charge_card", request: { order: "A-17" }, ...declined },
      ...part,
      ...at(secondsAgo - 5),
    },
    { event_type: "task_failed", duration_ms: 6_000, payload: declined, ...part, ...at(secondsAgo - 6) },
  );
}

const call = (name: string, model: string, cost: number, prompt: string): SentEvent => ({
  event_type: "custom",
  task_id: "summary-1",
  ...RUN,
  payload: {
    kind: "llm_call",
    summary: name,
    data: { name, model, tokens_in: 90_000, tokens_out: 100, cost, duration_ms: 900, prompt_preview: prompt },
  },
});

for (const how of ["mouse", "keyboard"] as const) {
  test(`from a failure to its cause, and to where it was seen before, by ${how}`, async ({
    board,
    newAgent,
    server,
  }) => {
    test.setTimeout(90_000);
    const hand = hands(board).find(({ name }) => name === how);
    if (hand === undefined) throw new Error("no such hand");
    const agent = newAgent("cashier", { agent_version: "3.1.0" });
    await agent.register();
    await failingOrder(agent, "order-16", 400);
    await failingOrder(agent, "order-17", 60);
    await board.goto(server.url);
    const needs = board.getByRole("region", { name: "What needs you" });
    await expect(needs).toContainText("CardDeclined: the issuer said no");
    await hand.press(needs.getByRole("button", { name: /order-17/ }));

    // It opens at what ended it: which tool, with what, why.
    const pinned = board.getByRole("complementary", { name: "Pinned: charge_card" });
    await expect(pinned).toContainText("CardDeclined");
    await expect(pinned).toContainText("the issuer said no");
    await expect(pinned.getByRole("region", { name: "Payload" })).toContainText('"A-17"');

    // Which model was asked, and what it saw.
    await hand.press(board.getByRole("button", { name: /^LLM call decide_payment/ }));
    const asked = board.getByRole("complementary", { name: "Pinned: decide_payment" });
    await expect(asked).toContainText("Shall we charge the card of order A-17?");
    await expect(asked).toContainText("charge it");
    await expect(board).toHaveURL(/node=/);

    // Seen before: in which task, how often, since when.
    await hand.press(board.getByRole("button", { name: /: go to the next$/ }));
    const seen = board.getByRole("region", { name: "Seen before" });
    await expect(seen).toContainText("Seen 2 times");
    await expect(seen).toContainText("3.1.0");
    await hand.press(seen.getByRole("link", { name: "All of this error" }));
    const detail = board.getByRole("region", { name: "Error CardDeclined" });
    await expect(detail).toContainText("2 in this time, 2 in all");
    await hand.press(detail.getByRole("link", { name: "order-16" }));
    await expect(board.getByRole("heading", { name: "order-16" })).toBeVisible();
    await board.goBack();
    await expect(detail).toBeVisible();
    await board.reload();
    await expect(detail).toContainText("2 in this time, 2 in all");
  });

  test(`from a dear hour to the prompt that made it dear, by ${how}`, async ({ board, newAgent, server }) => {
    test.setTimeout(90_000);
    const hand = hands(board).find(({ name }) => name === how);
    if (hand === undefined) throw new Error("no such hand");
    const [thrifty, spender] = [newAgent("thrifty"), newAgent("spender")];
    for (const agent of [thrifty, spender]) {
      await agent.register();
      await agent.startTask("summary-1", "summary");
    }
    await thrifty.send(call("outline", "gpt-4o-mini", 0.02, "Outline it."));
    await spender.send(call("outline", "gpt-4o-mini", 0.03, "Outline it."));
    await spender.send(call("condense", "claude-opus-4", 4.5, "The whole archive, page after page"));
    await board.goto(server.url);
    await hand.press(board.getByRole("link", { name: "Cost Explorer" }));
    const sums = board.getByRole("region", { name: "Sums of the period" });
    await expect(sums).toContainText("$4.55");
    const byModel = board.getByRole("region", { name: "Cost by model" });
    await hand.press(byModel.getByRole("button", { name: "claude-opus-4" }));
    await expect(sums).toContainText("$4.50");
    await hand.press(board.getByRole("region", { name: "Cost by agent" }).getByRole("button", { name: "spender" }));
    await expect(board).toHaveURL(/agent=spender/);
    const calls = board.getByRole("region", { name: "Calls" });
    await expect(calls.getByRole("row", { name: /condense/ })).toContainText("prompt bloat");
    await hand.press(calls.getByRole("button", { name: "Open condense" }));
    await expect(calls).toContainText("The whole archive, page after page");
    await hand.press(calls.getByRole("link", { name: "summary-1" }));
    await expect(board.getByRole("heading", { name: "summary-1" })).toBeVisible();
    await expect(board.getByRole("button", { name: /^LLM call condense/ })).toBeVisible();
  });

  test(`from a silent agent to when it fell silent and what it was doing, by ${how}`, async ({
    board,
    newAgent,
    server,
  }) => {
    test.setTimeout(90_000);
    const hand = hands(board).find(({ name }) => name === how);
    if (hand === undefined) throw new Error("no such hand");
    const agent = newAgent("quiet", { stuck_threshold: 2 });
    await newAgent("lively").register();
    await agent.register();
    await agent.heartbeat("3 orders in hand");
    await agent.startTask("order-30");
    await board.goto(server.url);
    await expect(card(board, agent)).toContainText("Stuck", { timeout: 10_000 });
    // The ribbon says how many; pressing it leaves those alone.
    await hand.press(board.getByRole("region", { name: /^Fleet now/ }).getByRole("button", { name: /Stuck/ }));
    await expect(board).toHaveURL(/status=stuck/);
    await hand.press(card(board, agent));
    await expect(board).toHaveURL(/agent=quiet/);
    await hand.press(board.getByRole("link", { name: "Agent detail" }));
    await expect(board.getByRole("heading", { level: 1, name: "quiet" })).toBeVisible();
    await hand.press(board.getByRole("main").getByRole("button", { name: "States", exact: true }));
    await expect(
      board.getByRole("region", { name: "States" }).getByRole("row", { name: /Stuck/ }).first(),
    ).toBeVisible();
    await hand.press(board.getByRole("main").getByRole("button", { name: "Heartbeats", exact: true }));
    await expect(board.getByRole("region", { name: "Last heartbeats" })).toContainText("3 orders in hand");
    await hand.press(board.getByRole("main").getByRole("button", { name: "Events", exact: true }));
    await expect(board.getByRole("region", { name: "Events" })).toContainText("started order-30");
  });

  test(`from what waits to the question and who was asked, by ${how}`, async ({ board, newAgent, server }) => {
    test.setTimeout(90_000);
    const hand = hands(board).find(({ name }) => name === how);
    if (hand === undefined) throw new Error("no such hand");
    const agent = newAgent("asks");
    await agent.register();
    await agent.startTask("refund-8", "refund");
    await agent.send({
      event_type: "approval_requested",
      task_id: "refund-8",
      ...RUN,
      payload: { summary: "Refund of $500 to ACME", data: { approver: "support-lead" } },
    });
    await board.goto(server.url);
    await hand.press(board.getByRole("link", { name: /^Alerts/ }));
    await hand.press(board.getByRole("main").getByRole("button", { name: /^Waiting/ }));
    const wait = board.getByRole("list", { name: "Waiting for an answer" }).getByRole("listitem");
    await expect(wait).toContainText("Refund of $500 to ACME");
    await hand.press(wait.getByRole("link", { name: /^Open refund-8/ }));
    const timeline = board.getByRole("region", { name: "Timeline of refund-8" });
    await expect(timeline).toContainText("Waits for support-lead: “Refund of $500 to ACME”");
    await hand.press(timeline.getByRole("button", { name: /^Approval asked of support-lead/ }));
    await expect(board.getByRole("complementary", { name: "Pinned: approval" })).toContainText("support-lead");
  });
}
