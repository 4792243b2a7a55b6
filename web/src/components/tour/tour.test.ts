import { expect, test } from "vitest";
import type { AgentCard } from "~/api/queries";
import type { HiveEvent, Task } from "~/api/types";
import { ASKED, DEAR, FAILED, type Seen, STOPS } from "./stops";
import { readTour } from "./tour-state";

const NOTHING: Seen = { agents: [], failures: [], dearest: undefined, total_usd: undefined, waiting: undefined };
const crawler = (is_stuck: boolean) =>
  ({ agent_id: "web-crawler", is_stuck, stuck_threshold_seconds: 15 }) as unknown as AgentCard;

test("every stop can be told before anything has happened", () => {
  for (const stop of STOPS) {
    const { title, text } = stop(NOTHING);
    expect(title.length).toBeGreaterThan(5);
    expect(text).not.toContain("undefined");
  }
});

test("the dying agent is told as it is now", () => {
  const told = (is_stuck: boolean) => STOPS[1]?.({ ...NOTHING, agents: [crawler(is_stuck)] });
  expect(told(true)?.now).toMatchObject({ tone: "stuck" });
  expect(told(false)?.now).toMatchObject({ tone: "processing" });
  expect(told(false)?.text).toContain("15 s");
  expect(told(true)?.place).toMatchObject({ to: "/", search: { agent: "web-crawler", task: undefined } });
});

const failure = (agent_id: string, more: object = {}) =>
  ({ event_id: "e-1", agent_id, task_id: "t-3", task_run_id: "r-1", payload: {}, ...more }) as unknown as HiveEvent;

test("a failure opens its run at what failed, and says why", () => {
  const failures = [failure("invoice-clerk", { payload: { exception_message: "no total" } })];
  const stop = STOPS[FAILED]?.({ ...NOTHING, failures });
  expect(stop?.now?.words).toBe("invoice-clerk failed at t-3: “no total”");
  expect(stop?.place?.search).toMatchObject({ task: "t-3", owner: "invoice-clerk", run: "r-1", node: "e-1" });
  expect(STOPS[FAILED]?.(NOTHING).place).toBeUndefined();
});

test("of the newest failures the one with the fullest story is told", () => {
  const failures = [
    failure("support-triage"),
    failure("lead-qualifier"),
    failure("lead-qualifier", { task_id: "t-1" }),
  ];
  expect(STOPS[FAILED]?.({ ...NOTHING, failures }).place?.search).toMatchObject({
    task: "t-3",
    owner: "lead-qualifier",
  });
});

test("costs and questions are told with their figures and words", () => {
  const dearest = { task_id: "report-acme-1", total_cost: 1.5 } as unknown as Task;
  const told = STOPS[DEAR]?.({ ...NOTHING, dearest, total_usd: 2 }).now?.words;
  expect(told).toBe("report-acme-1 alone has cost $1.50 of $2.00 in this hour.");
  const waiting = {
    task_id: "invoice-9",
    agent_id: "invoice-clerk",
    task_run_id: "",
    waiting: { approver: "finance-lead", summary: "Pay $9,000?" },
  } as unknown as Task;
  const stop = STOPS[ASKED]?.({ ...NOTHING, waiting });
  expect(stop?.now?.words).toBe("invoice-clerk waits for finance-lead: “Pay $9,000?”");
  expect(stop?.place?.search.run).toBeUndefined();
});

test("what is remembered is read with doubt", () => {
  expect(readTour(null)).toEqual({ step: 0, closed: false });
  expect(readTour('{"step":3,"closed":false}')).toEqual({ step: 3, closed: false });
  expect(readTour('{"step":"x","closed":1}')).toEqual({ step: 0, closed: false });
  expect(readTour("{")).toEqual({ step: 0, closed: false });
});
