import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FLUSH_INTERVAL_MS, type LiveBatch, LiveStream } from "./connection";

/** The other end of the socket: tests say what it receives and when it breaks. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  }
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
    this.frame("subscribed", {});
  }
  frame(type: string, data: unknown): void {
    this.onmessage?.({ data: JSON.stringify({ type, data }) });
  }
  break(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const event = (seq: number) => ({ seq, event_id: `e${seq}`, event_type: "custom" });

function listening(sinceSeq: number | null) {
  const stream = new LiveStream("live");
  const batches: LiveBatch[] = [];
  stream.onBatch((batch) => batches.push(batch));
  stream.start(sinceSeq);
  return { stream, batches };
}

beforeEach(() => {
  FakeSocket.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the live stream", () => {
  test("subscribes after what was read, and resumes after what it saw", () => {
    const { stream } = listening(41);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent[0]).toMatchObject({ action: "subscribe", since_seq: 41 });
    FakeSocket.last.frame("event.new", event(42));
    FakeSocket.last.break();
    expect(stream.connection.state).toBe("offline");
    vi.advanceTimersByTime(20_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent[0]).toMatchObject({ since_seq: 42 });
    expect(stream.connection.state).toBe("live");
    stream.stop();
  });

  test("hands on a storm in batches, each event once and in order", () => {
    const { stream, batches } = listening(0);
    FakeSocket.last.open();
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    batches.length = 0;
    for (let seq = 1; seq <= 500; seq += 1) {
      FakeSocket.last.frame("event.new", event(seq));
      if (seq % 5 === 0) FakeSocket.last.frame("event.new", event(seq));
      vi.advanceTimersByTime(2);
    }
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    expect(batches.length).toBeLessThanOrEqual(12);
    expect(batches.flatMap((batch) => batch.events.map((each) => each.seq))).toEqual(
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
    stream.stop();
  });

  test("keeps only the latest state of an agent and of a run", () => {
    const { stream, batches } = listening(null);
    FakeSocket.last.open();
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    batches.length = 0;
    for (const new_status of ["processing", "idle"])
      FakeSocket.last.frame("agent.status_changed", { agent_id: "a", new_status, timestamp: "2026-01-01T00:00:00Z" });
    for (const derived_status of ["processing", "completed"])
      FakeSocket.last.frame("task.updated", { agent_id: "a", task_id: "t", task_run_id: "", derived_status });
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    const merged = batches.map((batch) => ({
      statuses: [...batch.statuses.values()].map((frame) => frame.new_status),
      tasks: [...batch.tasks.values()].map((task) => task.derived_status),
    }));
    expect(merged.at(-1)?.statuses.at(-1)).toBe("idle");
    expect(merged.at(-1)?.tasks.at(-1)).toBe("completed");
    stream.stop();
  });

  test("says that something is missing when it lagged, and after an interruption", () => {
    const { stream, batches } = listening(5);
    FakeSocket.last.open();
    FakeSocket.last.frame("lagged", { missed: 90, resume_seq: 95 });
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    expect(batches.some((batch) => batch.incomplete)).toBe(true);
    batches.length = 0;
    FakeSocket.last.break();
    vi.advanceTimersByTime(20_000);
    FakeSocket.last.open();
    vi.advanceTimersByTime(FLUSH_INTERVAL_MS);
    expect(FakeSocket.last.sent[0]).toMatchObject({ since_seq: 95 });
    expect(batches.some((batch) => batch.incomplete)).toBe(true);
    stream.stop();
  });

  test("leaves a connection that has gone silent", () => {
    const { stream } = listening(null);
    FakeSocket.last.open();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
    stream.stop();
  });

  test("opens nothing any more once it is stopped", () => {
    const { stream } = listening(null);
    FakeSocket.last.open();
    FakeSocket.last.break();
    stream.stop();
    const opened = FakeSocket.all.length;
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all.length).toBe(opened);
  });
});

describe("behind a proxy that drops Upgrade", () => {
  const answers: { data: unknown[] }[] = [];
  const asked: string[] = [];
  beforeEach(() => {
    answers.length = 0;
    asked.length = 0;
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path);
      const body = JSON.stringify({ data: [], pagination: { cursor: null, has_more: false }, ...answers.shift() });
      return Promise.resolve(new Response(body, { status: 200 }));
    });
  });

  test("events are fetched after the last one seen, and the board says how it is live", async () => {
    const { stream, batches } = listening(7);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(2_000);
    answers.push({ data: [event(8), { ...event(9), event_type: "heartbeat", agent_id: "a" }] });
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(FLUSH_INTERVAL_MS);
    expect(asked[0]).toContain("after_seq=7");
    expect(stream.connection).toMatchObject({ state: "live", polling: true });
    expect(batches.flatMap((batch) => batch.events.map((each) => each.seq))).toEqual([8]);
    expect(batches.some((batch) => batch.heartbeats.has("a"))).toBe(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked[1]).toContain("after_seq=9");
    stream.stop();
  });

  test("a socket that opens after all ends the fetching", async () => {
    const { stream } = listening(7);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(2_000);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(100);
    stream.retryNow();
    FakeSocket.last.open();
    expect(stream.connection).toMatchObject({ state: "live", polling: false });
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.length).toBe(before);
    stream.stop();
  });

  test("a server that does not answer either is offline", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("refused")));
    const { stream } = listening(7);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(2_000);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(100);
    expect(stream.connection).toMatchObject({ state: "offline", polling: false });
    stream.stop();
  });
});

test("a socket that never opens is given up, and another is tried", () => {
  const { stream } = listening(3);
  const silent = FakeSocket.last;
  vi.advanceTimersByTime(7_900);
  expect(FakeSocket.all).toHaveLength(1);
  vi.advanceTimersByTime(1_000);
  expect(silent.readyState).toBe(3);
  expect(FakeSocket.all).toHaveLength(2);
  FakeSocket.last.open();
  expect(stream.connection.state).toBe("live");
  // The one that was given up has nothing more to say.
  silent.break();
  expect(stream.connection.state).toBe("live");
  stream.stop();
});
