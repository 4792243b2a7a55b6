import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AgentCard } from "~/api/queries";
import type { HiveEvent } from "~/api/types";
import { LiveCache } from "./cache";
import { type AgentStatusFrame, emptyBatch } from "./connection";

const KEY = ["agents", "live"] as const;

/** A read that answers when the test says so, with what the server knew when it was asked. */
function server(agents: { agent_id: string; derived_status: string; status_since_ms: number }[]) {
  const waiting: (() => void)[] = [];
  return {
    agents,
    reads: 0,
    read(): Promise<AgentCard[]> {
      this.reads += 1;
      const answer = this.agents.map((agent) => ({ ...agent })) as AgentCard[];
      return new Promise((resolve) => waiting.push(() => resolve(answer)));
    },
    answer(): void {
      waiting.shift()?.();
    },
  };
}

const client = new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: 0 } } });
let board = server([]);
let cache = new LiveCache(client, "live");
let leave = () => {};
const names = () => client.getQueryData<AgentCard[]>(KEY)?.map((agent) => agent.agent_id);
const status = (agent_id: string) =>
  client.getQueryData<AgentCard[]>(KEY)?.find((agent) => agent.agent_id === agent_id)?.derived_status;

function frame(agent_id: string, new_status: AgentStatusFrame["new_status"], at_ms: number) {
  return {
    ...emptyBatch(),
    statuses: new Map([[agent_id, { agent_id, new_status, timestamp: new Date(at_ms).toISOString() }]]),
  };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  board = server([]);
  cache = new LiveCache(client, "live");
});

/** Somebody looks at the agents, and their first read is under way. */
function look(agents: { agent_id: string; derived_status: string; status_since_ms: number }[] = []): void {
  board.agents = agents;
  leave = new QueryObserver(client, { queryKey: KEY, queryFn: () => board.read() }).subscribe(() => {});
}

afterEach(() => {
  leave();
  cache.stop();
  client.clear();
  vi.useRealTimers();
});

async function answered(): Promise<void> {
  board.answer();
  await vi.advanceTimersByTimeAsync(0);
}

test("an agent that comes while the agents are read for the first time is read for", async () => {
  look();
  board.agents = [{ agent_id: "new", derived_status: "idle", status_since_ms: 0 }];
  cache.apply(frame("new", "idle", 1_000_000));
  await vi.advanceTimersByTimeAsync(5_000);
  await answered();
  expect(names()).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  await answered();
  expect(names()).toEqual(["new"]);
});

test("an agent that comes while the agents are read again is read for", async () => {
  look();
  await answered();
  void client.refetchQueries({ queryKey: KEY });
  board.agents = [{ agent_id: "new", derived_status: "idle", status_since_ms: 0 }];
  cache.apply(frame("new", "idle", 1_000_000));
  await vi.advanceTimersByTimeAsync(5_000);
  await answered();
  expect(names()).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  await answered();
  expect(names()).toEqual(["new"]);
});

test("an agent that nobody knows does not wait for the next reading of those who are known", async () => {
  look(
    Array.from({ length: 1_000 }, (_, index) => ({
      agent_id: `a${index}`,
      derived_status: "idle",
      status_since_ms: 0,
    })),
  );
  await answered();
  cache.apply(frame("a1", "processing", 1_000_000));
  await vi.advanceTimersByTimeAsync(100);
  const before = board.reads;
  cache.apply(frame("a2", "processing", 1_000_100));
  cache.apply(frame("new", "idle", 1_000_100));
  await answered();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(board.reads).toBe(before + 1);
});

test("a state that came while the agents were read is not undone by their older answer", async () => {
  look([{ agent_id: "a", derived_status: "processing", status_since_ms: 900_000 }]);
  await answered();
  void client.refetchQueries({ queryKey: KEY });
  cache.apply(frame("a", "stuck", 1_000_000));
  expect(status("a")).toBe("stuck");
  await answered();
  expect(status("a")).toBe("stuck");
});

test("a state from before the answer does not replace it", async () => {
  look([{ agent_id: "a", derived_status: "idle", status_since_ms: 1_000_000 }]);
  await answered();
  cache.apply(frame("a", "processing", 999_000));
  expect(status("a")).toBe("idle");
});

test("what is read when the stream begins is read again, since nobody told what changed meanwhile", async () => {
  look();
  cache.joined(1_000_000);
  board.agents = [{ agent_id: "a", derived_status: "stuck", status_since_ms: 1_000_000 }];
  await answered();
  expect(names()).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  await answered();
  expect(status("a")).toBe("stuck");
});

test("who changed state is read anew where states have a history, at most every two seconds", async () => {
  let reads = 0;
  const history = new QueryObserver(client, {
    queryKey: ["agent-states", "live", "a"],
    queryFn: () => {
      reads += 1;
      return reads;
    },
  }).subscribe(() => {});
  look([{ agent_id: "a", derived_status: "idle", status_since_ms: 900_000 }]);
  await answered();
  const before = reads;
  cache.apply(frame("a", "stuck", 1_000_000));
  cache.apply(frame("a", "idle", 1_000_100));
  await vi.advanceTimersByTimeAsync(500);
  expect(reads).toBe(before + 1);
  cache.apply(frame("a", "stuck", 1_000_600));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reads).toBe(before + 2);
  history();
});

test("errors are read anew after the last failure, too, not only when another one follows", async () => {
  let reads = 0;
  const errors = new QueryObserver(client, {
    queryKey: ["errors", "live", {}],
    queryFn: () => {
      reads += 1;
      return reads;
    },
  }).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(100);
  const failed = { ...emptyBatch(), events: [{ agent_id: "a", event_type: "action_failed" } as HiveEvent] };
  cache.apply(failed);
  await vi.advanceTimersByTimeAsync(100);
  const before = reads;
  cache.apply(failed);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reads).toBe(before + 1);
  errors();
});
