import { expect, test } from "vitest";
import type { SpanView } from "~/api/types";
import { align, tookOf } from "./align";

function step(name: string, kind: SpanView["kind"] = "action", depth = 1): SpanView {
  return { span_id: name, name, kind, depth, duration_ms: null, started_at: "", ended_at: null } as unknown as SpanView;
}
const words = (left: SpanView[], right: SpanView[]) =>
  align(left, right).map((pair) => `${pair.left?.name ?? "–"} ${pair.right?.name ?? "–"}`);

test("what both did stays in step, what one alone did stands between", () => {
  const left = ["fetch", "rank", "write"].map((name) => step(name));
  const right = ["fetch", "retry", "fetch", "write", "check"].map((name) => step(name));
  expect(words(left, right)).toEqual(["fetch fetch", "rank –", "– retry", "– fetch", "write write", "– check"]);
});

test("a name alone is not enough: kind and depth must be the same", () => {
  expect(words([step("ask")], [step("ask", "llm_call")])).toEqual(["ask –", "– ask"]);
  expect(words([step("ask")], [step("ask", "action", 2)])).toEqual(["ask –", "– ask"]);
  expect(words([step("plan", "plan")], [])).toEqual([]);
});

test("a step without a figure of its own took from its start to its end", () => {
  const span = { duration_ms: null, started_at: "2026-11-22T10:00:00Z", ended_at: "2026-11-22T10:00:02Z" } as SpanView;
  expect(tookOf(span)).toBe(2_000);
  expect(tookOf({ ...span, ended_at: null })).toBeNull();
  expect(tookOf({ ...span, duration_ms: 5 })).toBe(5);
});
