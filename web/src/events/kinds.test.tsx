import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { render } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { EventType, HiveEvent, Payload } from "~/api/types";
import { inFeed } from "./feeds";
import { KINDS, kindOf, lookOf } from "./kinds";

function event(event_type: EventType, payload: Payload | null = null, more: Partial<HiveEvent> = {}): HiveEvent {
  return {
    event_id: "e",
    seq: 1,
    agent_id: "support-triage",
    agent_type: "support",
    agent_version: null,
    environment: "production",
    group: "default",
    source: "ingest",
    project_id: null,
    task_id: "ticket-1",
    task_type: null,
    task_run_id: "",
    correlation_id: null,
    action_id: null,
    parent_action_id: null,
    parent_event_id: null,
    event_type,
    timestamp: "2026-11-22T14:00:00.000000Z",
    received_at: "2026-11-22T14:00:00.000000Z",
    severity: "info",
    status: null,
    duration_ms: null,
    payload,
    render_hint: null,
    ...more,
  };
}

function sentence(each: HiveEvent): string {
  return (render(<p>{lookOf(each).sentence(each)}</p>).container.textContent ?? "").replaceAll("\u00a0", " ");
}

const custom = (kind: string, data: Payload, summary?: string) =>
  event("custom", { kind, data, ...(summary === undefined ? {} : { summary }) }, { render_hint: kind });

describe("sentences", () => {
  test.each<[HiveEvent, string]>([
    [event("task_started"), "support-triage started ticket-1"],
    [event("task_completed", null, { duration_ms: 7_200 }), "support-triage finished ticket-1 in 7.2 s"],
    [event("task_failed", { exception_type: "E", exception_message: "gone" }), "support-triage failed ticket-1: gone"],
    [
      event("action_failed", { action_name: "pay", exception_type: "Timeout" }),
      "support-triage failed at pay: Timeout",
    ],
    [
      event("retry_started", { summary: "rate limit", data: { attempt: 2, backoff_seconds: 4 } }),
      "support-triage tries again in 4.0 s: rate limit (2nd try)",
    ],
    [
      event("approval_requested", { summary: "credit of $500", data: { approver: "support-lead" } }),
      "support-triage asked support-lead for approval: credit of $500",
    ],
    [
      event("approval_received", { summary: "too much", data: { approved_by: "mara.k", decision: "rejected" } }),
      "mara.k rejected ticket-1: too much",
    ],
    [
      event("escalated", { summary: "double credit", data: { assigned_to: "billing" } }),
      "support-triage handed ticket-1 to billing: double credit",
    ],
    [
      custom("llm_call", { model: "gpt-4o", name: "score", cost: 0.031, duration_ms: 920 }),
      "support-triage asked gpt-4o: score (0.92 s, $0.031)",
    ],
    [
      custom("plan_step", { step_index: 3, total_steps: 7, action: "completed" }, "Step 3 completed: notes"),
      "support-triage finished step 4 of 7: notes",
    ],
    [
      custom("queue_snapshot", { depth: 1, oldest_age_seconds: 184 }),
      "support-triage has 1 item waiting, the oldest for 3m 04s",
    ],
    [custom("issue", { occurrence_count: 7 }, "gateway"), "support-triage reported again: gateway (7th time)"],
    [event("custom", { summary: "<b>bold</b>" }), "support-triage noted: <b>bold</b>"],
  ])("%#", (each, text) => expect(sentence(each)).toBe(text));
});

test("payloads of the wrong shape are told without them", () => {
  for (const kind of Object.keys(KINDS)) {
    for (const payload of [
      null,
      {},
      { data: 7 },
      { data: null, summary: 3 },
      { data: { steps: "x", cost: "dear", tokens_in: [] } },
    ]) {
      const each = event(kind in KINDS && kind.includes("_") ? (kind as EventType) : "custom", payload, {
        render_hint: kind,
      });
      expect(sentence(each)).not.toMatch(/undefined|null|NaN|\[object/);
      expect(lookOf(each).detail(each) ?? "").not.toMatch(/undefined|null|NaN|\[object/);
    }
  }
});

test("a cost that the server takes for none is none in the stream, too", () => {
  const dear = (cost: unknown) =>
    custom("llm_call", { model: "gpt-4o", name: "score", tokens_in: 10, tokens_out: 2, cost });
  for (const refused of [9e9, 1_000_001, -1, Number.NaN, "dear"]) {
    expect(sentence(dear(refused))).toBe("support-triage asked gpt-4o: score");
    expect(lookOf(dear(refused)).detail(dear(refused))).toBe("score gpt-4o 10→2");
  }
  expect(sentence(dear(1_000_000))).toBe("support-triage asked gpt-4o: score ($1.0M)");
  expect(sentence(dear(0))).toBe("support-triage asked gpt-4o: score ($0)");
});

test("kinds that this board does not know show as what they were sent as", () => {
  expect(kindOf({ event_type: "custom", render_hint: "from_the_future" })).toBe("custom");
  expect(kindOf({ event_type: "heartbeat", render_hint: null })).toBe("heartbeat");
});

test("every kind belongs to its feed, and errors to theirs as well", () => {
  expect(inFeed(custom("issue", {}), "pipeline")).toBe(true);
  expect(inFeed(custom("llm_call", {}), "task")).toBe(false);
  expect(inFeed(event("action_failed", null, { severity: "error" }), "error")).toBe(true);
  expect(inFeed(event("action_failed", null, { severity: "error" }), "action")).toBe(true);
});

test("each golden event of the wire has a sentence of its own", () => {
  const directory = join(process.cwd(), "../crates/wire/tests/golden");
  const files = readdirSync(directory).filter((name) => name.endsWith(".json"));
  expect(files.length).toBeGreaterThan(10);
  for (const name of files) {
    const sent = JSON.parse(readFileSync(join(directory, name), "utf8")) as {
      events?: Partial<HiveEvent>[];
    } & Partial<HiveEvent>;
    for (const golden of sent.events ?? [sent]) {
      const each = event(golden.event_type ?? "custom", golden.payload ?? null, {
        ...golden,
        render_hint: typeof golden.payload?.kind === "string" ? golden.payload.kind : null,
      });
      expect(sentence({ ...event("custom"), ...each }), name).not.toMatch(/undefined|null|NaN|\[object/);
    }
  }
});
