import { describe, expect, it } from "vitest";
import type { Timeline } from "~/api/types";
import { formatClock } from "~/format/time";
import { describeStep } from "../story/label";
import { foldStory } from "./fold";
import { figuresOf } from "./layout";
import { groupRepeats, type Repeats } from "./repeats";
import { sumOf, sumWords } from "./row-sum";
import { toRows } from "./rows";
import type { Step, Story } from "./steps";
import { type TaleLine, tellTale } from "./transcript";
import type { RunModel, Span } from "./types";

type Named = Pick<Span, "name"> &
  Partial<Pick<Span, "kind" | "outcome" | "llm" | "summary" | "attempt">> & {
    inside?: readonly Named[];
    severity?: string;
    /** Of a note: what the server knows it as; null for a kind of the agent's own. */
    hint?: string | null;
    /** Its event has not been read yet. */
    unread?: boolean;
  };

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
  { name, outcome = "done", llm = null, summary = null, attempt = null, severity, hint = null, unread = false }: Named,
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
    eventIds: kind === "note" ? ["e"] : [],
    events:
      kind !== "note" || unread
        ? []
        : [
            {
              event_id: "e",
              event_type: "custom",
              timestamp: "",
              severity,
              render_hint: hint,
              payload: { kind: name },
            },
          ],
    summary,
    attempt,
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

const progress = (summary: string): Named => ({ name: "progress", kind: "note", summary, severity: "info" });
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
    { what: "an error that was noted", inside: { name: "ask", kind: "note", severity: "error" } },
    { what: "a note that was not read yet", inside: { name: "ask", kind: "note", unread: true } },
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

  it("is a note of one kind, whatever it says", () => {
    const notes = Array.from({ length: 500 }, (_, page) => progress(`Fetched page ${page} of 500`));
    const run = runOf([{ name: "plan" }, ...notes, { name: "end" }]);
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["plan", "progress ×500", "end"]);
    expect(listed(run)).toEqual(["", "plan", "×500", "end"]);
    expect(written(tellTale(run, context))).toEqual([
      "a took up t.",
      "It ran plan.",
      "It noted progress 500 times.",
      "It ran end.",
      "It was done.",
    ]);
  });

  it("is no note that warns, asks a person or tells of a failure, and none whose severity is not known yet", () => {
    const some = () => many(30, progress("on its way"));
    const run = runOf([
      ...some(),
      { ...progress("disk nearly full"), severity: "warn" },
      ...some(),
      { ...progress("disk full"), severity: "error" },
      ...some(),
      { ...progress("who knows"), unread: true },
      ...many(8, { name: "escalated", kind: "escalation" }),
      ...many(8, { name: "approval", kind: "approval" }),
      ...many(8, { name: "retry", kind: "retry", attempt: 2 }),
    ]);
    const steps = told(foldStory(storyOf(run), run, new Set()));
    expect(steps.slice(0, 6)).toEqual([
      "progress ×30",
      "progress",
      "progress ×30",
      "progress",
      "progress ×30",
      "progress",
    ]);
    expect(steps).toHaveLength(6 + 24);
  });

  it("tells what the server knows by itself apart by its words, but for their figures", () => {
    const issue = (summary: string): Named => ({
      name: "issue",
      kind: "note",
      summary,
      severity: "info",
      hint: "issue",
    });
    const of = (words: string) => Array.from({ length: 40 }, (_, each) => issue(`${words} ${each}`));
    const run = runOf([...of("slow answer"), ...of("empty page")]);
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["issue ×40", "issue ×40"]);
    const unlike = runOf(Array.from({ length: 70 }, (_, each) => issue(String.fromCharCode(65 + each))));
    expect(told(foldStory(storyOf(unlike), unlike, new Set()))).toHaveLength(70);
  });

  it.each([5, 9, 12])("may be a turn of %i, each six times and more", (period) => {
    const turn = Array.from({ length: period }, (_, place) => ({ name: `step ${place}` }));
    const run = runOf([{ name: "plan" }, ...many(12, ...turn), { name: "end" }]);
    const name = turn.map((step) => step.name).join(", ");
    expect(told(foldStory(storyOf(run), run, new Set()))).toEqual(["plan", `${name} ×12`, "end"]);
    const few = runOf([...many(5, ...turn), ...many(70, { name: "wait" })]);
    expect(told(foldStory(storyOf(few), few, new Set()))).toHaveLength(5 * period + 1);
  });

  it("says what it comes to: cost, tokens, first and last moment of all that is in it", () => {
    const paid = (costUsd: number | null, tokensIn: number | null): Named => ({
      ...call("gpt-4o"),
      llm: { model: "gpt-4o", costUsd, tokensIn, tokensOut: 10 } as Span["llm"],
    });
    const run = runOf(many(40, { name: "page", inside: [paid(0.25, 1_000), paid(null, null)] }));
    const [row] = groupRepeats(run.root.children, run.spans.length) as [Repeats];
    expect(sumOf(row)).toEqual({ startMs: 0, endMs: 119_900, costUsd: 10, tokensIn: 40_000, tokensOut: 800 });
    const clock = (ms: number) => formatClock(ms, 0);
    const words = ["$10.00", "40k → 800", `${clock(0)}\u00a0–\u00a0${clock(119_900)}`];
    expect(sumWords(row)).toEqual(words);
    const step = foldStory(storyOf(run), run, new Set()).steps[0] as Step;
    expect(figuresOf(step)).toEqual(words);
    expect(describeStep(step)).toContain(words.join(", "));
    const line = tellTale(run, context).find((each) => each.kind === "sentence" && each.sums.length > 0);
    expect(line).toMatchObject({ sums: words });
    const unpaid = runOf(many(70, { name: "page" }));
    const [plain] = groupRepeats(unpaid.root.children, unpaid.spans.length) as [Repeats];
    expect(sumWords(plain)).toEqual([`${clock(0)}\u00a0–\u00a0${clock(69_900)}`]);
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
