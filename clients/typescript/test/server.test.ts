/** The client against the real server, where HIVEBOARD_BINARY names one. */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { init } from "../src/index.js";

const binary = process.env.HIVEBOARD_BINARY;
const data = mkdtempSync(join(tmpdir(), "hiveloop-ts-"));
let url = "";
let key = "";
let running: ChildProcess | undefined;

function freePort(): Promise<number> {
  // Below the ports that the kernel hands to outgoing connections: one of those could take it before its server does.
  const port = 10_000 + Math.floor(Math.random() * 22_000);
  return new Promise((done) => {
    const probe = createServer();
    probe.once("error", () => done(freePort()));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(port)));
  });
}

async function serve(port: number): Promise<ChildProcess> {
  const arguments_ = ["serve", "--data-dir", data, "--addr", `127.0.0.1:${port}`, "--otlp-grpc-addr", ""];
  const child = spawn(binary as string, arguments_, { stdio: "ignore" });
  for (let tries = 0; tries < 600; tries += 1) {
    const ready = await fetch(`${url}/ready`).then((answer) => answer.ok, () => false);
    if (ready) return child;
    await pause(50);
  }
  throw new Error("the server does not start");
}

before(async () => {
  if (binary === undefined) return;
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  key = execFileSync(binary, ["keys", "create", "--kind", "live", "--data-dir", data]).toString().trim().split("\n").at(-1) ?? "";
  running = await serve(port);
});
after(() => running?.kill());

// biome-ignore lint/suspicious/noExplicitAny: answers of the API are looked into
async function get(path: string): Promise<any> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 200, path);
  return answer.json();
}

test("what is told is what the board says", { skip: binary === undefined }, async () => {
  const hive = init({ apiKey: key, endpoint: url });
  const agent = hive.agent("edge-worker", { type: "support", version: "3", queueProvider: () => ({ depth: 2 }) });
  await agent.task("ticket-1", { project: "support", type: "ticket" }, async (task) => {
    task.plan("Answer the ticket", ["Read", "Answer"]);
    task.planStep(0, "completed", "read");
    await task.track("fetch_orders", async () => pause(20));
    task.llmCall("answer", { model: "m-1", tokensIn: 900, tokensOut: 40, cost: 0.25 });
    const request = task.requestApproval("refund $40", { approver: "lead" });
    task.approvalReceived("granted", { approvedBy: "lead", request });
  });
  await assert.rejects(agent.task("ticket-2", {}, async () => Promise.reject(new Error("no such customer"))));
  agent.reportIssue("CRM is slow", { severity: "high" });
  assert.equal(await hive.flush(), true);

  const shown = await get("/v1/agents/edge-worker");
  assert.deepEqual([shown.agent_type, shown.agent_version, shown.derived_status], ["support", "3", "error"]);
  const tasks = (await get("/v1/tasks")).data;
  // biome-ignore lint/suspicious/noExplicitAny: answers of the API are looked into
  const told = tasks.map((task: any) => [task.task_id, task.derived_status, task.action_count, task.llm_call_count, task.total_cost]);
  assert.deepEqual(told.sort(), [["ticket-1", "completed", 1, 1, 0.25], ["ticket-2", "failed", 0, null, null]]);
  const pipeline = await get("/v1/agents/edge-worker/pipeline");
  assert.equal(pipeline.queue.depth, 2);
  assert.equal(pipeline.issues.items[0].summary, "CRM is slow");
  assert.equal(hive.stats().rejected, 0);
  await hive.shutdown();
  assert.equal((await get("/v1/agents/edge-worker")).liveness, "gone");
});

test("a server that restarts misses nothing and doubles nothing", { skip: binary === undefined }, async () => {
  const hive = init({ apiKey: key, endpoint: url, flushIntervalMs: 50 });
  const agent = hive.agent("survivor", { heartbeatIntervalMs: 0 });
  for (let number = 0; number < 50; number += 1) agent.event("before", { data: { number } });
  running?.kill("SIGKILL");
  for (let number = 0; number < 50; number += 1) agent.event("after", { data: { number } });
  await pause(200);
  running = await serve(Number(new URL(url).port));
  assert.equal(await hive.flush(30_000), true);
  const events = (await get("/v1/events?agent_id=survivor&limit=200")).data;
  assert.equal(events.length, 101);
  await hive.shutdown();
});
