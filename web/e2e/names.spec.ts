import { legible } from "../src/format/legible";
import type { Agent } from "./agent";
import { card, expect, stream, test } from "./board";
import type { Server } from "./server";
import { sideways } from "./sideways";
import { touching } from "./touching";

/** What people and models put into names, at its worst. `told` is what of it must be read on the board, as it was written. */
const NAMES = [
  {
    what: "markup",
    name: `<img src=x onerror="document.title='broken into'"><script>document.title='broken into'</script>`,
  },
  { what: "letters from right to left", name: "وكيل الدعم\u202Eevil\u202C — סוכן" },
  { what: "emoji", name: "🐝🏳️‍🌈👩🏽‍🚀 e\u0301 ﷽ \u{1F1EE}\u{1F1F3}" },
  { what: "256 W", name: "W".repeat(256) },
  { what: "nothing to be seen", name: "\u200B\u3164 \u2800" },
] as const;

const LIMITS = { environment: 64, group: 128, project: 128 };

/** An agent all of whose names, of every kind, are this one. */
async function reportAll(agent: Agent, name: string): Promise<void> {
  const part = {
    task_id: name,
    task_run_id: name,
    task_type: name,
    correlation_id: name,
    project_id: [...name].slice(0, LIMITS.project).join(""),
  };
  const kind = (kind: string, data: Record<string, unknown>) =>
    agent.send({ event_type: "custom", ...part, payload: { kind, summary: name, data } });
  await agent.register();
  await agent.heartbeat(name);
  await agent.send({ event_type: "task_started", ...part });
  await kind("plan_created", { goal: name, revision: 0, steps: [{ index: 0, description: name }] });
  await kind("plan_step", { step_index: 0, total_steps: 1, action: "failed", summary: name });
  await kind("llm_call", {
    name,
    model: name,
    tokens_in: 12_000,
    tokens_out: 10,
    cost: 0.04,
    prompt_preview: name,
    response_preview: name,
  });
  await kind("issue", {
    issue_id: name,
    severity: "critical",
    category: name,
    action: "reported",
    context: { [name]: name },
  });
  await kind("todo", { todo_id: name, action: "created", priority: name });
  await kind("queue_snapshot", { depth: 7, items: [{ id: name, priority: name, source: name, summary: name }] });
  await kind("scheduled", { items: [{ id: name, name, interval: name, enabled: true }] });
  await kind(name.slice(0, 60), { [name]: { [name]: name } });
  await agent.send(
    { event_type: "action_started", action_id: name, ...part, payload: { action_name: name } },
    {
      event_type: "action_failed",
      action_id: name,
      ...part,
      payload: { action_name: name, exception_type: name, exception_message: name },
    },
    { event_type: "escalated", ...part, payload: { summary: name, data: { assigned_to: name, reason: name } } },
    { event_type: "approval_requested", ...part, payload: { summary: name, data: { approver: name } } },
    {
      event_type: "approval_received",
      ...part,
      payload: { summary: name, data: { approved_by: name, decision: name } },
    },
    { event_type: "task_failed", ...part, payload: { exception_type: name, exception_message: name } },
  );
  // Another run, which waits for somebody.
  const open = { ...part, task_run_id: "open" };
  await agent.send(
    { event_type: "task_started", ...open },
    { event_type: "approval_requested", ...open, payload: { summary: name, data: { approver: name } } },
  );
}

/** What people name on the board itself: a key, a workspace. */
async function makeAll(server: Server, name: string, cookie: string): Promise<void> {
  const send = async (path: string, body: unknown) => {
    const answer = await fetch(`${server.url}${path}?mode=live`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Cookie: cookie, Origin: server.url },
      body: JSON.stringify(body),
    });
    expect(answer.status, `${path}: ${await answer.clone().text()}`).toBe(201);
  };
  const short = [...name].slice(0, 90).join("");
  await send("/v1/api-keys", { kind: "live", name: short });
  await send("/v1/workspaces", { name: short });
}

for (const { what, name } of NAMES)
  test(`every name is text, and no page breaks by it: ${what}`, async ({ board, newAgent, server, context }) => {
    test.setTimeout(150_000);
    const agent = newAgent(name, {
      agent_type: name,
      agent_version: name.slice(0, 100),
      framework: name.slice(0, 100),
      environment: [...name].slice(0, LIMITS.environment).join(""),
      group: [...name].slice(0, LIMITS.group).join(""),
    });
    await reportAll(agent, name);
    const cookies = await context.cookies();
    await makeAll(server, name, cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join("; "));
    const q = encodeURIComponent(name);
    const task = `task=${q}&owner=${q}&run=${q}`;
    for (const path of [
      "/",
      `/?agent=${q}`,
      `/?${task}`,
      `/?${task}&look=waterfall&tab=task`,
      `/?${task}&look=transcript&tab=task`,
      "/tasks?status=failed",
      "/cost",
      "/pipeline",
      "/errors",
      "/insights",
      "/workflow",
      `/workflow?correlation=${q}`,
      `/compare?${task}&against=open`,
      "/alerts?tab=open",
      "/alerts?tab=waits",
      "/alerts?tab=outages&by=error",
      "/settings?tab=keys",
      "/settings?tab=projects",
      "/settings?tab=prices",
      "/settings?tab=workspaces",
      "/settings?tab=audit",
      `/agent?agent=${q}&tab=pipeline`,
      `/agent?agent=${q}&tab=metrics`,
      `/agent?agent=${q}&tab=events`,
      `/agent?agent=${q}&tab=heartbeats`,
      "/wall",
    ]) {
      await board.goto(`${server.url}${path}`);
      await board.waitForLoadState("networkidle");
      const seen = await board.evaluate(() => ({
        intruders: document.querySelectorAll("img, script:not([src]), iframe, object").length,
        title: document.title,
        hidden: [...document.querySelectorAll("body *")].flatMap((part) => {
          const own = [...part.childNodes]
            .filter((child) => child.nodeType === Node.TEXT_NODE)
            .map((child) => child.nodeValue);
          const said = [...own, part.getAttribute("title"), part.getAttribute("aria-label")];
          return said
            .filter((text) => /[\u200B\u202E\u3164\u2800]/.test(text ?? ""))
            .map(() => `${part.tagName} ${part.getAttribute("class")}`);
        }),
      }));
      expect(seen.hidden, path.slice(0, 40)).toEqual([]);
      expect(seen.intruders, path.slice(0, 40)).toBe(0);
      expect(seen.title, path.slice(0, 40)).not.toMatch(/^broken into$/);
      expect(await sideways(board), path.slice(0, 40)).toEqual([]);
    }
    await board.goto(server.url);
    await expect(card(board, agent)).toContainText(legible(name));
    await expect(board.getByRole("region", { name: "What needs you" })).toContainText(legible(name));
    await board.getByRole("region", { name: "Tasks" }).locator("tbody tr").first().click();
    await expect(board.getByRole("heading", { level: 2, name: legible(name), exact: true })).toBeVisible();
    await board.reload();
    await expect(board.getByRole("heading", { level: 2, name: legible(name), exact: true })).toBeVisible();
  });

test("wide letters run over nothing: the story's words keep apart, and the activity says what happened", async ({
  board,
  newAgent,
  server,
}) => {
  const wide = "W".repeat(256);
  const agent = newAgent(wide);
  const part = { task_id: "wide-1", task_run_id: "run-1" };
  const at = (seconds: number) => ({ timestamp: new Date(Date.now() - (30 - seconds) * 1_000).toISOString() });
  const action = { action_id: "a", payload: { action_name: wide } };
  const call = { name: wide, model: wide, tokens_in: 12_000, tokens_out: 300 };
  await agent.send(
    { event_type: "task_started", ...part, ...at(0) },
    { event_type: "action_started", ...part, ...action, ...at(1) },
    { event_type: "custom", ...part, action_id: "a", ...at(2), payload: { kind: "llm_call", summary: "", data: call } },
    { event_type: "action_completed", ...part, ...action, ...at(3) },
    { event_type: "task_completed", ...part, ...at(4) },
  );
  await board.goto(`${server.url}/?task=wide-1&owner=${wide}`);
  const story = board.getByRole("region", { name: "Timeline of wide-1" });
  await expect(story.getByRole("button", { name: /^LLM call/ })).toBeVisible();
  expect(await touching(story.locator("svg[role='group']"))).toEqual([]);
  await expect(story.locator("svg[role='group'] text", { hasText: "W" }).first()).toBeVisible();
  const entry = stream(board).locator("[data-entry]").first();
  const { told, shown } = await entry.locator("b").evaluate((name) => {
    const sentence = name.parentElement as HTMLElement;
    return { told: sentence.scrollHeight, shown: sentence.clientHeight };
  });
  expect(told).toBeLessThanOrEqual(shown + 1);
});

test("numbers over 2^53 are shown digit for digit, wherever an agent wrote them", async ({
  board,
  newAgent,
  server,
}) => {
  const agent = newAgent("exact");
  await agent.register();
  // The client's own JSON would round them: they travel as text.
  const events = `[{"event_id":"0b9f0c1e-6a53-4d8a-9a30-0c2b86c1f001","timestamp":"${new Date().toISOString()}","event_type":"task_started","task_id":"big-1","task_run_id":"run-1","payload":{"order":9007199254740993,"rate":0.12345678901234567891,"many":[1e400,-18446744073709551616]}}]`;
  const answer = await fetch(`${server.url}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.liveKey}`, "Content-Type": "application/json" },
    body: `{"envelope":{"agent_id":"exact","agent_type":"general","instance_id":"i-2"},"events":${events}}`,
  });
  expect(answer.status).toBe(200);
  await board.goto(`${server.url}/?task=big-1&owner=exact&tab=task`);
  await board.getByRole("button", { name: "Task started" }).click();
  const payload = board.getByRole("region", { name: "Payload" });
  for (const digits of ["9007199254740993", "0.12345678901234567891", "1e400", "-18446744073709551616"])
    await expect(payload).toContainText(digits);
});
