import { describe, expect, it } from "vitest";
import { readCase } from "../fixtures/answers";
import { idleGaps, timeAxis } from "./axis";
import { breakDown } from "./breakdown";
import { chainTo, failuresOf, failureToShow } from "./chain";
import { layOutStory } from "./layout";
import { shortModel, twoLines } from "./names";
import { readPlans } from "./plan";
import { criticalPath, toRows } from "./rows";
import { type Piece, tellTale } from "./transcript";

const { run, story, timeline } = readCase("ticket");

describe("waterfall", () => {
  it("lists the tree depth first, without what is folded", () => {
    const all = toRows(run, new Set());
    expect(all).toHaveLength(run.spans.length + 1);
    expect(all.slice(0, 4).map((row) => `${row.depth} ${row.span.name}`)).toEqual([
      "0 ",
      "1 load_ticket",
      "2 get_ticket",
      "2 get_account",
    ]);
    const gather = run.spans.find((span) => span.name === "gather_context");
    expect(toRows(run, new Set([gather?.id ?? ""]))).toHaveLength(all.length - 3);
  });

  it("marks tries and the pauses between them", () => {
    expect(
      toRows(run, new Set())
        .filter((row) => row.retryDepth !== null)
        .map((row) => row.span.kind),
    ).toEqual(["action", "retry", "action", "llm", "retry", "action"]);
  });

  it("finds the chain of work that the length is made of", () => {
    const names = criticalPath(run).map((span) => span.name);
    expect(names).not.toContain("search_kb");
    expect(names.slice(-6)).toEqual([
      "create_credit",
      "retry",
      "create_credit",
      "diagnose_failure",
      "retry",
      "create_credit",
    ]);
  });

  it("folds the wait for a person, at one scale on both sides", () => {
    expect(idleGaps(run)).toHaveLength(1);
    const axis = timeAxis(run, 800, 1, true);
    const [before, fold, after] = axis.parts;
    expect(fold?.folded).toBe(true);
    const scale = (part: typeof before) =>
      ((part?.x2 ?? 0) - (part?.x1 ?? 0)) / ((part?.untilMs ?? 0) - (part?.fromMs ?? 0));
    expect(scale(before)).toBeCloseTo(scale(after), 8);
    expect(axis.x(run.endMs)).toBeCloseTo(790, 5);
    expect(axis.x(run.startMs)).toBe(10);
    expect(timeAxis(run, 800, 1, false).parts).toHaveLength(1);
  });

  it("keeps positions monotonous", () => {
    const axis = timeAxis(run, 800, 3, true);
    let last = Number.NEGATIVE_INFINITY;
    for (let atMs = run.startMs; atMs <= run.endMs; atMs += 500) {
      expect(axis.x(atMs)).toBeGreaterThanOrEqual(last);
      last = axis.x(atMs);
    }
  });
});

describe("failures", () => {
  it("are opened at the innermost one that came last", () => {
    expect(failureToShow(run)).toMatchObject({ name: "create_credit", attempt: 3 });
  });

  it("tell the chain that led to them", () => {
    const failed = failureToShow(run);
    expect(failed && chainTo(run, failed).map((link) => `${link.kind} ${link.span.name}`)).toEqual([
      "try create_credit",
      "pause retry",
      "try create_credit",
      "call diagnose_failure",
      "pause retry",
      "try create_credit",
      "ended issue_credit",
      "ended ",
      "handed escalated",
    ]);
  });

  it("are counted once, however many report them", () => {
    // Three tries failed; the task's end tells of the last one again.
    expect(failuresOf(run).map((span) => span.name)).toEqual(["create_credit", "create_credit", "create_credit"]);
  });

  it("are not made up for runs that went well", () => {
    expect(failureToShow(readCase("two_actions").run)).toBeNull();
  });
});

describe("plan", () => {
  it("knows each step's state, words and figures", () => {
    const [plan] = readPlans(timeline.plan);
    expect(plan?.steps.map((step) => step.state)).toEqual([
      "completed",
      "completed",
      "completed",
      "completed",
      "failed",
      "skipped",
    ]);
    expect(plan?.steps[4]).toMatchObject({ description: "Issue the credit", turns: 3, tokens: 12_218 });
    expect(plan?.completed).toBe(4);
  });
});

describe("breakdown", () => {
  it("counts every moment once", () => {
    const parts = breakDown(run);
    const sum = parts.llm_ms + parts.actions_ms + parts.waiting_ms + parts.backoff_ms + parts.other_ms;
    expect(sum).toBeCloseTo(run.endMs - run.startMs, 3);
    expect(parts.waiting_ms).toBeCloseTo(252_400, 0);
    expect(parts.backoff_ms).toBeCloseTo(12_000, 0);
  });
});

function words(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === "string" ? piece : Object.values(piece)[0])).join("");
}

describe("transcript", () => {
  it("tells the ticket in sentences", () => {
    const tale = tellTale(run, story, layOutStory(story, 0).links, {
      agent: "support-triage",
      task: "ticket-48213",
      runNumber: 3,
      plan: readPlans(timeline.plan)[0] ?? null,
      task_state: { status: "failed", approver: null, question: null, since: "14:26" },
    });
    expect(
      tale.map((line) => (line.kind === "pause" ? `… ${line.reason}` : words(line.pieces))),
    ).toMatchInlineSnapshot(`
      [
        "support-triage took up ticket-48213 for the third time.",
        "It loaded ticket.",
        "It asked gpt-4o-mini: classify ticket.",
        "It planned six steps: Resolve the double charge on INV-20931.",
        "It gathered context.",
        "It asked claude-haiku-4-5: summarise history.",
        "It asked claude-sonnet-4: draft decision.",
        "It checked policy: credits above $250 need a person.",
        "It asked support-lead to approve: “credit of $500 for INV-20931”",
        "… person",
        "mara.k approved: “Clear double capture, go ahead.”",
        "It tried to issue credit: GatewayTimeout, no answer from billing after 10.0 s.",
        "… backoff",
        "It tried again: GatewayTimeout, no answer from billing after 10.0 s.",
        "It asked claude-sonnet-4: diagnose failure.",
        "… backoff",
        "It tried a third time: DuplicateCreditError, 409 from POST /v2/credits: a credit for INV-20931 already exists (cr_8Hq2).",
        "It handed over to billing-oncall: “Possible double credit, needs a person.”",
        "It failed with DuplicateCreditError: 409 from POST /v2/credits: a credit for INV-20931 already exists (cr_8Hq2). Step 6, reply to customer, was never reached.",
      ]
    `);
  });
});

describe("names", () => {
  it("break at their own joints", () => {
    expect(twoLines("load_ticket", 12)).toEqual(["load_", "ticket"]);
    expect(twoLines("approved", 12)).toEqual(["approved"]);
    expect(twoLines("summariseCustomerHistory", 12)).toEqual(["summarise", "CustomerHis…"]);
    expect(twoLines("supercalifragilistic", 12)).toEqual(["supercalifr-", "agilistic"]);
  });

  it("of models lose maker and date", () => {
    expect(shortModel("claude-sonnet-4-20250514")).toBe("sonnet-4");
    expect(shortModel("anthropic/claude-haiku-4-5-20251001")).toBe("haiku-4.5");
    expect(shortModel("gpt-4o-mini")).toBe("4o-mini");
  });
});
