import { describe, expect, it } from "vitest";
import type { Timeline } from "~/api/types";
import { foldStory } from "./fold";
import { toRows } from "./rows";
import type { Step, Story } from "./steps";
import { type TaleLine, tellTale } from "./transcript";
import type { RunModel, Span } from "./types";

type Named = Pick<Span, "name"> &
  Partial<Pick<Span, "kind" | "outcome" | "llm">> & { inside?: readonly Named[]; severity?: string };

/** A run of these, one after the other, a second each. */
function runOf(children: readonly Named[]): RunModel {
  const root = spanOf({ name: "" }, null, 0, "task");
  const spans: Span[] = [];
  const add = (named: Named, parent: Span) => {
    const span = spanOf(named, parent, spans.length * 1_000, named.kind ?? "action");
    parent.children.push(span);
    spans.push(span);
    for (const each of named.inside ?? []) add(each, span);
  };
  for (const each of children) add(each, root);
  root.endMs = spans.length * 1_000;
  const byId = new Map([root, ...spans].map((span) => [span.id, span]));
  return {
    root,
    spans,
    byId,
    byEvent: new Map(),
    startMs: 0,
    endMs: root.endMs,
    chains: [],
    open: false,
    eventCount: 0,
  };
}

function spanOf(
  { name, outcome = "done", llm = null, severity }: Named,
  parent: Span | null,
  startMs: number,
  kind: Span["kind"],
): Span {
  return {
    id: parent === null ? "run" : `s${startMs}`,
    kind,
    name,
    startMs,
    endMs: startMs + 900,
    outcome,
    depth: parent === null ? 0 : parent.depth + 1,
    parent,
    children: [],
    eventIds: [],
    events: severity === undefined ? [] : [{ event_id: "e", event_type: "custom", timestamp: "", severity }],
    summary: null,
    attempt: null,
    llm,
    human: null,
    exception: null,
    backoffMs: null,
  };
}

function storyOf(run: RunModel): Story {
  const steps = run.spans.map(
    (span) =>
      ({
        key: span.id,
        span,
        shape: "action",
        name: span.name,
        atMs: span.startMs,
        workEndMs: span.endMs,
        repeats: null,
      }) as Step,
  );
  return { steps, stretches: [] };
}

const told = (story: Story) =>
  story.steps.map(({ name, repeats }) =>
    repeats === null ? name : `${name} ×${repeats.of.spans.length / repeats.of.period}`,
  );
const listed = (run: RunModel, opened?: ReadonlySet<string>) =>
  toRows(run, opened ?? new Set()).map(({ span, repeats }) =>
    repeats === null ? span.name : `×${repeats.spans.length / repeats.period}`,
  );
const written = (lines: readonly TaleLine[]) =>
  lines.map((line) =>
    line.kind === "pause"
      ? "…"
      : line.pieces.map((piece) => (typeof piece === "string" ? piece : Object.values(piece)[0])).join(""),
  );
const context = {
  agent: "a",
  task: "t",
  runNumber: 1,
  plan: null,
  task_state: { status: "completed" as Timeline["derived_status"], approver: null, question: null, since: "" },
};

const many = (count: number, ...turn: Named[]) => Array.from({ length: count }, () => turn).flat();
const call = (model: string) => ({ name: "ask", kind: "llm", llm: { model } as Span["llm"] }) as Named;

describe("what is done again and again", () => {
  it("is one line in every look, and opens", () => {
    const run = runOf([
      { name: "plan" },
      ...many(212, { name: "fetch", inside: [{ name: "parse" }] }),
      { name: "end" },
    ]);
    const folded = foldStory(storyOf(run), run, new Set());
    expect(told(folded)).toEqual(["plan", "fetch ×212", "end"]);
    expect(listed(run)).toEqual(["", "plan", "×212", "end"]);
    expect(written(tellTale(run, context))).toContain("It ran fetch 212 times.");

    const key = folded.steps[1]?.key ?? "";
    const opened = foldStory(storyOf(run), run, new Set([key]));
    expect(told(opened).slice(0, 5)).toEqual(["plan", "fetch ×212", "fetch", "parse", "fetch"]);
    expect(opened.steps).toHaveLength(3 + 2 * 212);
    expect(listed(run, new Set([key]))).toHaveLength(4 + 2 * 212);
  });

  it("may be a turn of several", () => {
    const run = runOf([...many(300, { name: "search" }, { name: "read" }), { name: "search" }, { name: "end" }]);
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["search, read ×300", "search", "end"]);
    expect(written(tellTale(run, context))).toContain("It went through search, read 300 times.");
    const plain = runOf(many(100, { name: "search" }));
    expect(told(foldStory(storyOf(plain), plain, new Set()))).toEqual(["search ×100"]);
  });

  it("never holds what failed, or another model", () => {
    const run = runOf([
      ...many(30, { name: "fetch" }),
      { name: "fetch", inside: [{ name: "parse", outcome: "failed" }] },
      ...many(30, { name: "fetch" }),
      ...many(20, call("gpt-4o")),
      ...many(20, call("gpt-4o-mini")),
    ]);
    const expected = ["fetch ×30", "fetch", "parse", "fetch ×30", "ask ×20", "ask ×20"];
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(expected);
  });

  it.each([
    { what: "an approval", inside: { name: "ask", kind: "approval" } },
    { what: "an escalation", inside: { name: "ask", kind: "escalation" } },
    { what: "a retry", inside: { name: "ask", kind: "retry" } },
    { what: "what never ended", inside: { name: "ask", outcome: "unknown" } },
    { what: "a warning", inside: { name: "ask", kind: "note", severity: "warn" } },
  ] as const)("never holds $what, however deep", ({ inside }) => {
    const deep = { name: "fetch", inside: [{ name: "parse", inside: [inside] }] };
    const usual = { name: "fetch", inside: [{ name: "parse" }] };
    const run = runOf([...many(30, usual), deep, ...many(30, usual)]);
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["fetch ×30", "fetch", "parse", "ask", "fetch ×30"]);
  });

  it("holds notes that say nothing wrong", () => {
    const run = runOf(many(70, { name: "fetch", inside: [{ name: "half way", kind: "note", severity: "info" }] }));
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["fetch ×70"]);
  });

  it("is not the same where other kinds of work are inside", () => {
    const run = runOf([
      ...many(30, { name: "think", inside: [{ name: "look" }] }),
      ...many(30, { name: "think", inside: [{ name: "ask", kind: "llm" }] }),
    ]);
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["think ×30", "think ×30"]);
  });

  it("is open where one of it must be in sight, within others too", () => {
    const run = runOf(many(20, { name: "page", inside: many(10, { name: "row" }) }));
    const story = storyOf(run);
    expect(told(foldStory(story, run, new Set()))).toEqual(["page ×20"]);
    const shown = run.spans.filter(({ name }) => name === "row")[14] as Span;
    const steps = told(foldStory(story, run, new Set(), shown));
    expect(steps.slice(0, 5)).toEqual(["page ×20", "page", "row ×10", "page", "row ×10"]);
    expect(steps.filter((name) => name === "row")).toHaveLength(10);
  });

  it("is read as it is where a run is small", () => {
    const run = runOf(many(30, { name: "fetch" }));
    const story = storyOf(run);
    expect(foldStory(story, run, new Set())).toBe(story);
  });
});
