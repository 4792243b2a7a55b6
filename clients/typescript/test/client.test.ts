import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { currentTask, type HiveEvent, HiveLoopError, init, type Options } from "../src/index.js";
import { FakeServer } from "./fake.js";

let server: FakeServer;
let warnings: string[];

before(async () => {
  server = await FakeServer.start();
});
after(() => server.stop());
beforeEach(() => {
  server.batches.length = 0;
  server.answers = [];
  warnings = [];
});

const KEY = `hb_live_${"a".repeat(32)}`;
const QUIET = { heartbeatIntervalMs: 0 };

function started(options: Options = {}) {
  return init({ apiKey: KEY, endpoint: server.url, flushIntervalMs: 20, warn: (text) => warnings.push(text), ...options });
}

function types(): string[] {
  return server.events.map((event) => event.event_type);
}

test("a task, its actions and calls arrive in order, nested as they ran", async () => {
  const hive = started();
  const agent = hive.agent("lead-qualifier", { type: "sales", version: "1.2.0", ...QUIET });
  const result = await agent.task("lead-1", { project: "sales", type: "lead", correlationId: "o-7" }, async (task) => {
    return task.track("score", async () => {
      await pause(5);
      task.llmCall("reason", { model: "m-1", tokensIn: 10, tokensOut: 2 });
      return task.track("inner", () => 42);
    });
  });
  assert.equal(result, 42);
  assert.equal(await hive.flush(), true);
  assert.deepEqual(types(), [
    "agent_registered", "task_started", "action_started", "custom", "action_started", "action_completed", "action_completed", "task_completed",
  ]);
  const [, begun, outer, call, inner] = server.events as [HiveEvent, HiveEvent, HiveEvent, HiveEvent, HiveEvent];
  assert.equal(begun.task_id, "lead-1");
  assert.equal(begun.correlation_id, "o-7");
  assert.equal(inner.parent_action_id, outer.action_id);
  assert.equal(call.action_id, outer.action_id);
  assert.ok(server.events.every((event, place, all) => place === 0 || event.timestamp > (all[place - 1] as HiveEvent).timestamp));
  assert.equal(server.batches[0]?.key, `Bearer ${KEY}`);
  assert.equal(server.batches[0]?.envelope.agent_type, "sales");
  assert.deepEqual(hive.stats(), { queued: 0, sent: 8, rejected: 0, dropped: 0, retries: 0 });
  await hive.shutdown();
});

test("what is thrown is told and thrown on, with its causes", async () => {
  const hive = started();
  const agent = hive.agent("a", QUIET);
  const fault = new TypeError("no such lead", { cause: new RangeError("4802") });
  await assert.rejects(agent.task("t", {}, (task) => task.track("look", async () => Promise.reject(fault))), fault);
  assert.throws(() => agent.task("u", {}, () => { throw "a text"; }), (thrown) => thrown === "a text");
  await hive.flush();
  const failed = server.events.filter((event) => event.event_type.endsWith("_failed"));
  assert.deepEqual(failed.map((event) => [event.event_type, event.payload?.exception_type, event.payload?.exception_message]), [
    ["action_failed", "TypeError", "no such lead"],
    ["task_failed", "TypeError", "no such lead"],
    ["task_failed", "Error", "a text"],
  ]);
  assert.deepEqual(failed[0]?.payload?.exception_causes, [{ exception_type: "RangeError", exception_message: "4802" }]);
  await hive.shutdown();
});

test("a thousand tasks at once each keep their own actions", async () => {
  const hive = started();
  const agent = hive.agent("a", QUIET);
  await Promise.all(
    Array.from({ length: 1_000 }, (_, number) =>
      agent.task(`t-${number}`, {}, async () => {
        await pause(number % 7);
        await currentTask()?.track(`step-${number}`, () => pause(1));
      }),
    ),
  );
  assert.equal(await hive.flush(30_000), true);
  const starts = server.events.filter((event) => event.event_type === "action_started");
  assert.equal(starts.length, 1_000);
  assert.ok(starts.every((event) => event.payload?.action_name === event.task_id?.replace("t-", "step-")));
  await hive.shutdown();
});

test("a server that is away or busy gets the same events later, in order", async () => {
  server.answers = [{ status: 200, cut: true }, { status: 503, headers: { "retry-after": "0.01" } }, { status: 429, headers: { "retry-after": "0.01" } }, { status: 200 }];
  const hive = started();
  const agent = hive.agent("a", QUIET);
  agent.event("one");
  assert.equal(await hive.flush(20_000), true);
  assert.deepEqual(server.events.map((event) => event.payload?.kind ?? event.event_type), ["agent_registered", "one"]);
  assert.equal(hive.stats().sent, 2);
  assert.ok(hive.stats().retries >= 3);
  await hive.shutdown();
});

test("a batch that is refused for good is dropped, and the next ones go on", async () => {
  server.answers = [{ status: 400, body: { message: "not an envelope" } }, { status: 200 }];
  const hive = started();
  const agent = hive.agent("a", QUIET);
  await hive.flush();
  agent.event("next");
  await hive.flush();
  assert.equal(hive.stats().dropped, 1);
  assert.equal(server.events.at(-1)?.payload?.kind, "next");
  assert.match(warnings.join("\n"), /refused 1 events, which are dropped: 400 not an envelope/);
  await hive.shutdown();
});

test("what is too large is sent in halves", async () => {
  server.answers = [{ status: 413 }, { status: 200 }];
  const hive = started();
  const agent = hive.agent("a", QUIET);
  for (const kind of ["one", "two", "three"]) agent.event(kind);
  await hive.flush();
  assert.deepEqual(server.batches.map((batch) => batch.events.length), [4, 2, 2]);
  assert.equal(hive.stats().sent, 4);
  await hive.shutdown();
});

test("a page of something else is no receipt", async () => {
  server.answers = [{ status: 200, body: "<html>" }];
  const hive = started();
  hive.agent("a", QUIET);
  assert.equal(await hive.flush(200), false);
  assert.match(warnings.join("\n"), /no HiveBoard at this address/);
  server.answers = [];
  assert.equal(await hive.flush(), true, "a flush tries again at once");
  await hive.shutdown();
});

test("a full queue drops the oldest and counts them", async () => {
  server.answers = [{ status: 503 }];
  const hive = started({ maxQueueSize: 10 });
  const agent = hive.agent("a", QUIET);
  for (let number = 0; number < 30; number += 1) agent.event(`n-${number}`);
  assert.equal(hive.stats().queued, 10);
  assert.equal(hive.stats().dropped, 21);
  server.answers = [];
  await hive.flush();
  assert.equal(server.events.at(-1)?.payload?.kind, "n-29");
  await hive.shutdown();
});

test("heartbeats tell what the callbacks say, and go on when one throws", async () => {
  const hive = started();
  hive.agent("a", {
    heartbeatIntervalMs: 100,
    heartbeatPayload: () => { throw new Error("broken"); },
    queueProvider: () => ({ depth: 3 }),
  });
  await pause(350);
  await hive.flush();
  assert.ok(types().filter((type) => type === "heartbeat").length >= 3);
  assert.ok(server.events.some((event) => event.payload?.kind === "queue_snapshot"));
  assert.match(warnings.join("\n"), /heartbeatPayload of a threw/);
  hive.removeAgent("a");
  await hive.flush();
  assert.equal(server.events.at(-1)?.payload?.kind, "goodbye");
  const count = server.events.length;
  await pause(250);
  await hive.flush();
  assert.equal(server.events.length, count, "it beats no more");
  await hive.shutdown();
});

test("strange values lose only themselves", async () => {
  const hive = started();
  const agent = hive.agent("a", QUIET);
  const circle: Record<string, unknown> = { big: 2n ** 70n, when: new Date(0), map: new Map([["k", new Set([1])]]), no: Number.NaN };
  circle.self = circle;
  Object.defineProperty(circle, "bad", { enumerable: true, get() { throw new Error("no"); } });
  agent.event("strange", { data: circle });
  agent.event("large", { data: { text: "x".repeat(100_000), list: ["y".repeat(50_000)] } });
  await hive.flush();
  const [, strange, large] = server.events as [HiveEvent, HiveEvent, HiveEvent];
  assert.deepEqual(strange.payload?.data, {
    big: "1180591620717411303424", when: "1970-01-01T00:00:00.000Z", map: { k: [1] }, no: "NaN", self: "[circular]", bad: "[cannot be shown]",
  });
  assert.equal(large.payload?._truncated, true);
  assert.ok(JSON.stringify(large.payload).length < 32 * 1024);
  await hive.shutdown();
});

test("what beforeSend masks is never sent unmasked", async () => {
  const hive = started({
    beforeSend: (event) => {
      if (event.payload?.kind === "secret") throw new Error("cannot mask");
      return event.payload?.kind === "noise" ? null : { ...event, payload: { kind: "masked" } };
    },
  });
  const agent = hive.agent("a", QUIET);
  for (const kind of ["secret", "noise", "plain"]) agent.event(kind);
  await hive.flush();
  assert.deepEqual(server.events.map((event) => event.payload?.kind), ["masked", "masked"]);
  assert.equal(hive.stats().dropped, 2);
  await hive.shutdown();
});

test("init alone throws, and says what to do", async () => {
  assert.throws(() => init({ apiKey: "" }), HiveLoopError);
  assert.throws(() => init({ apiKey: "hb_read_x" }), /a read key cannot send/);
  assert.throws(() => init({ apiKey: KEY, endpoint: "board" }), /no address like/);
  const hive = started({ batchSize: 9_000 });
  assert.match(warnings.join(), /batchSize is 9000; 500 is used/);
  const disabled = init({ disabled: true });
  disabled.agent("a", QUIET).event("x");
  assert.equal(disabled.stats().queued, 0);
  await Promise.all([hive.shutdown(), disabled.shutdown()]);
});

test("after shutdown calls do nothing", async () => {
  const hive = started();
  const agent = hive.agent("a", QUIET);
  assert.equal(await hive.shutdown(), true);
  agent.event("late");
  assert.equal(await hive.flush(), true);
  assert.ok(!server.events.some((event) => event.payload?.kind === "late"));
});

test("a process that ends by itself sends what waits, and does not linger", async () => {
  const program = `
    import { init } from ${JSON.stringify(new URL("../src/index.js", import.meta.url).href)};
    const agent = init({ apiKey: ${JSON.stringify(KEY)}, endpoint: ${JSON.stringify(server.url)} }).agent("short");
    agent.task("t", {}, (task) => task.track("work", () => 1));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
  const code = await new Promise((done) => child.on("exit", done));
  assert.equal(code, 0);
  assert.equal(server.events.at(-1)?.payload?.kind, "goodbye");
  assert.ok(types().includes("task_completed"));
});
