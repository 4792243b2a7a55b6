import { fireEvent, render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { readCase } from "../fixtures/answers";
import { failureToShow } from "../model/chain";
import { figuresOf } from "../model/layout";
import type { Step } from "../model/steps";
import type { Span } from "../model/types";
import { describeStep } from "../story/label";
import { PayloadTree } from "./PayloadTree";
import { furtherData, Pinned } from "./Pinned";
import { pieces } from "./Preview";

const { run } = readCase("ticket");
const spanNamed = (name: string): Span => {
  const span = run.spans.find((each) => each.name === name);
  if (span === undefined) throw new Error(`the fixture has no ${name}`);
  return span;
};

describe("the pinned panel", () => {
  it("tells a call's model, tokens, cost, prompt and response", () => {
    render(
      <Pinned run={run} span={spanNamed("diagnose_failure")} onSelect={() => {}} onUnpin={() => {}} place="under" />,
    );
    const panel = screen.getByRole("complementary", { name: "Pinned: diagnose_failure" });
    expect(panel.textContent).toContain("11,930 in, 288 out");
    expect(panel.textContent).toContain("$0.040");
    expect(panel.textContent).toContain("reported");
    expect(screen.getByRole("region", { name: "Prompt" }).textContent).toContain("verify before any second attempt");
    expect(screen.getByRole("region", { name: "Response" }).textContent).toContain('"decision": "retry"');
  });

  it("keeps nothing back of what a call carried", () => {
    const data = { name: "ask", model: "gpt-4o", tokens_in: 1, cost: null, metadata: { order: 7 }, temperature: 0.2 };
    expect(furtherData({ kind: "llm_call", summary: "s", tags: ["t"], data, trace: "x" })).toEqual({
      metadata: { order: 7 },
      temperature: 0.2,
      trace: "x",
    });
    expect(furtherData({ kind: "llm_call", data: { name: "ask", metadata: {} } })).toEqual({});
    expect(furtherData({ data: { cost: "0.01", tokens_in: 5 } }, ["cost"])).toEqual({ cost: "0.01" });
  });

  it("marks a call whose figures the server did not understand", () => {
    const call = spanNamed("diagnose_failure");
    const llm = call.llm && { ...call.llm, costUsd: null, tokensIn: null, malformed: ["tokens_in", "cost"] };
    render(<Pinned run={run} span={{ ...call, llm }} onSelect={() => {}} onUnpin={() => {}} place="under" />);
    const panel = screen.getByRole("complementary", { name: "Pinned: diagnose_failure" });
    expect(panel.textContent).toContain("Not understoodtokens_in, cost");
    expect(panel.textContent).not.toContain("not reported");
    const step = { shape: "llm_call", span: { ...call, llm }, atMs: 0, workEndMs: 0, repeats: null } as unknown as Step;
    expect(figuresOf(step)).toEqual(["– → 288 ⚠"]);
    expect(describeStep(step)).toMatch(/not understood: tokens_in, cost$/);
  });

  it("tells a failure's exception and the chain that led there, each link a way to its node", () => {
    const failed = failureToShow(run) as Span;
    const onSelect = vi.fn();
    render(<Pinned run={run} span={failed} onSelect={onSelect} onUnpin={() => {}} place="beside" />);
    expect(screen.getAllByText("DuplicateCreditError")[0]).toBeTruthy();
    const chain = screen.getByRole("region", { name: "What led here" });
    expect(chain.textContent).toContain("Attempt 1: GatewayTimeout");
    expect(chain.textContent).toContain("diagnose_failure said “retry”");
    fireEvent.click(screen.getByRole("button", { name: /Handed to billing-oncall/ }));
    expect(onSelect).toHaveBeenCalledWith(expect.objectContaining({ kind: "escalation" }));
  });
});

describe("the payload tree", () => {
  const payload = { request: { invoice: "INV-1", nested: { deep: { deeper: 1 } } }, list: [1, 2], nothing: null };

  it("folds what is deep and opens on demand", () => {
    render(<PayloadTree value={payload} />);
    expect(screen.queryByText("deeper")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: /^deep/ }));
    expect(screen.getByText("deeper")).toBeTruthy();
  });

  it("finds keys and values wherever they are", () => {
    render(<PayloadTree value={payload} />);
    fireEvent.click(screen.getByRole("button", { name: "Search payload" }));
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "deeper" } });
    expect(screen.getByText("deeper")).toBeTruthy();
    expect(screen.queryByText("invoice")).toBeNull();
    fireEvent.change(screen.getByRole("searchbox"), { target: { value: "zzz" } });
    expect(screen.getByText(/Nothing holds/)).toBeTruthy();
  });

  it("shows markup as text", () => {
    render(<PayloadTree value={{ note: "<img src=x onerror=alert(1)>" }} />);
    expect(screen.getByText('"<img src=x onerror=alert(1)>"')).toBeTruthy();
  });
});

describe("previews", () => {
  it("set JSON in lines, leave prose alone and colour what was cut off", () => {
    expect(pieces("Say hello")).toEqual([{ kind: "plain", words: "Say hello" }]);
    expect(pieces('{"a":1}').map((piece) => piece.kind)).toEqual(["plain", "key", "plain", "plain", "number", "plain"]);
    const shown = (words: string) =>
      pieces(words)
        .map((piece) => piece.words)
        .join("");
    expect(shown('{"order":9007199254740993,"rate":1.0,"e":"\\u00e9","list":[ ],"a":1,"a":2}')).toBe(
      '{\n  "order": 9007199254740993,\n  "rate": 1.0,\n  "e": "\\u00e9",\n  "list": [],\n  "a": 1,\n  "a": 2\n}',
    );
    expect(pieces('{"a": "cut o').some((piece) => piece.kind === "key")).toBe(true);
  });
});
