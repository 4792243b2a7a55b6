import { describe, expect, it } from "vitest";
import { EventWriter } from "../fixtures/build";
import { ticket48213 } from "../fixtures/ticket48213";
import { buildRun } from "./spans";
import type { Span } from "./types";

const START = "2026-02-12T13:00:00.000Z";
const START_MS = Date.parse(START);

function writer(): EventWriter {
  return new EventWriter({ agent: "a", task: "t", run: "r", startedAt: START });
}

/** A tree as text: two spaces a level, kind, name and how it ended. */
function outline(span: Span, depth = 0): string[] {
  const line = `${"  ".repeat(depth)}${span.kind} ${span.name} ${span.outcome}`;
  return [line, ...span.children.flatMap((child) => outline(child, depth + 1))];
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const copy = [...items];
  let state = seed;
  for (let index = copy.length - 1; index > 0; index -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (index + 1);
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

describe("buildRun", () => {
  it("nests the failed ticket's work as it happened", () => {
    expect(outline(buildRun(ticket48213.events, 0).root)).toMatchInlineSnapshot(`
      [
        "task  failed",
        "  action load_ticket done",
        "    action get_ticket done",
        "    action get_account done",
        "  llm classify_ticket done",
        "  plan plan, 6 steps done",
        "  action gather_context done",
        "    action search_kb done",
        "    action get_invoices done",
        "    llm summarise_history done",
        "  llm draft_decision done",
        "  action check_policy done",
        "  approval approval done",
        "  action issue_credit failed",
        "    action create_credit failed",
        "    retry retry done",
        "    action create_credit failed",
        "    llm diagnose_failure done",
        "    retry retry done",
        "    action create_credit failed",
        "  escalation escalated done",
      ]
    `);
  });

  it("reads the same run from any order of arrival, and from events that came twice", () => {
    const expected = outline(buildRun(ticket48213.events, 0).root);
    for (const seed of [1, 7, 42, 4711]) {
      const events = shuffled([...ticket48213.events, ...ticket48213.events.slice(5, 20)], seed);
      expect(outline(buildRun(events, 0).root)).toEqual(expected);
    }
  });

  it("reaches back by the duration where only an action's end arrived", () => {
    const events = writer();
    events.at(10, "action_completed", { action_name: "fetch" }, { action_id: "x", duration_ms: 4_000 });
    const run = buildRun(events.events, START_MS + 11_000);
    expect(run.spans).toHaveLength(1);
    expect(run.spans[0]).toMatchObject({
      name: "fetch",
      startMs: START_MS + 6_000,
      endMs: START_MS + 10_000,
      outcome: "done",
    });
    expect(run.startMs).toBe(START_MS + 6_000);
  });

  it("keeps work open while the run is, and calls it unknown once the run is over", () => {
    const events = writer();
    events.at(0, "task_started");
    events.at(1, "action_started", { action_name: "fetch" }, { action_id: "x" });
    const open = buildRun(events.events, START_MS + 5_000);
    expect(open.open).toBe(true);
    expect(open.spans[0]).toMatchObject({ outcome: "open", endMs: START_MS + 5_000 });
    events.at(3, "task_completed");
    const over = buildRun(events.events, START_MS + 9_000);
    expect(over.open).toBe(false);
    expect(over.spans[0]).toMatchObject({ outcome: "unknown", endMs: START_MS + 3_000 });
  });

  it("reopens a run that started again after its end", () => {
    const events = writer();
    events.at(0, "task_started");
    events.at(1, "task_failed", { exception_type: "Boom" });
    events.at(2, "task_started");
    expect(buildRun(events.events, START_MS + 3_000)).toMatchObject({ open: true, root: { outcome: "open" } });
  });

  it("puts a call without an action into the one action that surrounded it", () => {
    const events = writer();
    events.at(0, "task_started");
    events.action("outer", "outer", 1, 9);
    events.action("inner", "inner", 2, 6, "outer");
    events.llm("think", "gpt-4o", 3, 5, [10, 1], 0.1);
    const call = buildRun(events.events, 0).spans.find((span) => span.kind === "llm");
    expect(call?.parent?.name).toBe("inner");
  });

  it("does not guess between actions that ran side by side", () => {
    const events = writer();
    events.at(0, "task_started");
    events.action("one", "one", 1, 9);
    events.action("two", "two", 1.5, 8);
    events.llm("think", "gpt-4o", 3, 5, [10, 1], 0.1);
    const run = buildRun(events.events, 0);
    expect(run.spans.find((span) => span.kind === "llm")?.parent).toBe(run.root);
  });

  it("survives parents that name each other, and parents that never arrived", () => {
    const events = writer();
    events.at(0, "task_started");
    events.action("one", "one", 1, 2, "two");
    events.action("two", "two", 1, 3, "one");
    events.action("three", "three", 4, 5, "nobody");
    const run = buildRun(events.events, 0);
    expect(run.spans.map((span) => span.name).sort()).toEqual(["one", "three", "two"]);
    for (const span of run.spans) expect(span.depth).toBeLessThanOrEqual(2);
  });

  it("keeps kinds that nobody has heard of as notes, and malformed payloads as far as they go", () => {
    const events = writer();
    events.at(0, "task_started");
    events.at(1, "custom", { kind: "constellation", summary: "seven stars" });
    events.at(2, "custom", { kind: "llm_call", data: { model: 7, cost: "much", tokens_in: "many" } });
    events.at(3, "something_new" as "custom", null);
    const run = buildRun(events.events, 0);
    expect(run.spans.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "note constellation",
      "llm llm call",
      "note something new",
    ]);
    expect(run.spans[1]?.llm).toMatchObject({ model: "unknown model", costUsd: null, tokensIn: null });
  });

  it("pairs answers with the approvals they answer", () => {
    const events = writer();
    events.at(0, "task_started");
    const first = events.at(1, "approval_requested", { summary: "pay", data: { approver: "ann" } });
    events.at(2, "approval_requested", { summary: "ship", data: { approver: "bob" } });
    const again = events.events[2];
    events.at(
      3,
      "approval_received",
      { data: { approved_by: "bob", decision: "rejected" } },
      { parent_event_id: again?.event_id ?? null },
    );
    events.at(5, "approval_received", { data: { approved_by: "ann", decision: "approved" } });
    const run = buildRun(events.events, 0);
    expect(run.byEvent.get(first.event_id)).toMatchObject({
      outcome: "done",
      human: { answeredBy: "ann", askedOf: "ann" },
      endMs: START_MS + 5_000,
    });
    expect(run.byEvent.get(again?.event_id ?? "")).toMatchObject({
      outcome: "failed",
      human: { answeredBy: "bob" },
      endMs: START_MS + 3_000,
    });
  });

  it("is empty and open without events", () => {
    expect(buildRun([], 5_000)).toMatchObject({ open: true, spans: [], startMs: 5_000 });
  });
});
