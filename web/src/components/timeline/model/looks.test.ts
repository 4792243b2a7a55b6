import { describe, expect, it } from "vitest";
import { readCase } from "../fixtures/answers";
import { idleGaps, timeAxis } from "./axis";
import { breakDown } from "./breakdown";
import { chainTo, failuresOf, failureToShow } from "./chain";
import { clip, fitted, shortModel, twoLines, widthOf } from "./names";
import { readPlans } from "./plan";
import { groupRepeats } from "./repeats";
import { criticalPath, toRows } from "./rows";
import type { Piece } from "./sentences";
import { type TaleLine, tellTale } from "./transcript";
import type { Span } from "./types";

const { run, timeline } = readCase("ticket");

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

  it("folds no time in which something was noted, nor a run that is nothing but a wait", () => {
    const minutes = (at: number, kind: "note" | "plan") =>
      ({ ...(run.spans[0] as Span), kind, children: [], startMs: at * 60_000, endMs: at * 60_000 }) as Span;
    const silent = { ...run, startMs: 0, endMs: 300_000, spans: [minutes(0, "plan")] };
    expect(idleGaps(silent)).toEqual([{ fromMs: 0, untilMs: 300_000 }]);
    expect(timeAxis(silent, 800, 1, true).parts).toMatchObject([{ folded: false, x1: 10, x2: 790 }]);
    const noting = { ...silent, spans: [0, 0.5, 1, 1.5, 4.5].map((at) => minutes(at, "note")) };
    expect(idleGaps(noting)).toEqual([{ fromMs: 90_000, untilMs: 270_000 }]);
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

  it("say how many links of a long chain are left out", () => {
    const { run: long } = readCase("twelve_tries");
    const failed = failureToShow(long) ?? long.spans.findLast((span) => span.outcome === "failed");
    const links = failed === undefined ? [] : chainTo(long, failed);
    expect(links).toHaveLength(12);
    expect(links.filter((link) => link.leftOut !== undefined)).toEqual([
      expect.objectContaining({ leftOut: expect.any(Number) }),
    ]);
    expect(links[3]?.leftOut).toBeGreaterThan(0);
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

const context = {
  agent: "support-triage",
  task: "ticket-48213",
  runNumber: 3,
  plan: readPlans(timeline.plan)[0] ?? null,
  task_state: { status: "failed" as const, approver: null, question: null, since: "14:26" },
};

function written(tale: readonly TaleLine[]): string[] {
  return tale.map(
    (line) => `${"  ".repeat(line.depth)}${line.kind === "pause" ? `… ${line.reason}` : words(line.pieces)}`,
  );
}

describe("transcript", () => {
  it("tells the ticket in sentences", () => {
    expect(written(tellTale(run, context))).toMatchInlineSnapshot(`
      [
        "support-triage took up ticket-48213 for the third time.",
        "It ran load_ticket.",
        "It asked gpt-4o-mini for classify_ticket.",
        "It planned six steps: Resolve the double charge on INV-20931.",
        "It began gather_context.",
        "  It ran search_kb.",
        "  It ran get_invoices.",
        "  It asked claude-haiku-4-5 for summarise_history.",
        "gather_context was done.",
        "It asked claude-sonnet-4 for draft_decision.",
        "It ran check_policy: credits above $250 need a person.",
        "It asked support-lead to approve: “credit of $500 for INV-20931”",
        "… person",
        "mara.k approved: “Clear double capture, go ahead.”",
        "It began issue_credit.",
        "  It ran create_credit: GatewayTimeout, no answer from billing after 10.0 s.",
        "  … backoff",
        "  It tried create_credit again: GatewayTimeout, no answer from billing after 10.0 s.",
        "  It asked claude-sonnet-4 for diagnose_failure.",
        "  … backoff",
        "  It tried create_credit a third time: DuplicateCreditError, 409 from POST /v2/credits: a credit for INV-20931 already exists (cr_8Hq2).",
        "So issue_credit failed.",
        "It handed over to billing-oncall: “Possible double credit, needs a person.”",
        "It failed with DuplicateCreditError: 409 from POST /v2/credits: a credit for INV-20931 already exists (cr_8Hq2). Step 6, reply to customer, was never reached.",
      ]
    `);
  });

  it("tells in the waterfall's order, and what something came to after what is inside of it", () => {
    const spans = tellTale(run, context)
      .filter((line) => line.kind === "sentence" && line.role !== "ends" && line.role !== "answered")
      .map((line) => line.span);
    const rows = toRows(run, new Set()).map((row) => row.span);
    const places = spans.slice(0, -1).map((span) => rows.indexOf(span));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const lines = tellTale(run, context);
    const parent = run.spans.find((span) => span.name === "issue_credit");
    const ends = lines.findIndex((line) => line.kind === "sentence" && line.span === parent && line.role === "ends");
    const inside = lines.flatMap((line, index) => (line.span.parent === parent ? [index] : []));
    expect(Math.max(...inside)).toBeLessThan(ends);
  });

  it("keeps what is selected in sight, and puts rows of like work together where a run is large", () => {
    const lookUp = run.spans.find((span) => span.name === "get_ticket") ?? null;
    expect(written(tellTale(run, context, new Set(), lookUp))).toContain("  It ran get_ticket.");
    expect(written(tellTale(run, context, new Set([lookUp?.parent?.id ?? ""])))).toContain("  It ran get_ticket.");
    const { root } = readCase("thirty_actions").run;
    const alike = root.children.map((span) => ({ ...span, name: "load_rows" }));
    const [row, ...rest] = groupRepeats(alike, 1_000);
    expect(rest).toEqual([]);
    expect(row).toMatchObject({ spans: { length: 30 } });
    expect(groupRepeats(alike, 30)).toHaveLength(30);
    expect(groupRepeats(root.children, 1_000)).toHaveLength(30);
  });
});

describe("names", () => {
  it("wide characters take the room that they are drawn with", () => {
    expect(fitted("W".repeat(256), 12)).toBe(`${"W".repeat(6)}…`);
    expect(twoLines("W".repeat(256), 12).every((line) => widthOf(line) <= 13)).toBe(true);
    expect(widthOf(shortModel("W".repeat(40)))).toBeLessThanOrEqual(14);
    expect(fitted("claude-sonnet", 8)).toBe(clip("claude-sonnet", 8));
  });

  it("a character is not torn apart", () => {
    expect(clip("👷".repeat(20), 5)).toBe("👷👷👷👷…");
    expect(fitted("工程助手工程助手", 8)).toBe("工程助…");
  });

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
