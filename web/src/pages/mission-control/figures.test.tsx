import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { chosenColumns } from "~/components/tasks/taskColumns";
import { formatDuration } from "~/format/duration";
import { costChange, countChange, durationChange, shareChange } from "./change";
import { Figure } from "./figure";

describe("changes against the period before", () => {
  it("of a share are points, and fewer is worse", () => {
    expect(shareChange(0.941, 0.964)).toEqual({ mark: "▼ 2.3 pt", from: "from 96.4 %", verdict: "bad" });
    expect(shareChange(1, 0.5)).toMatchObject({ mark: "▲ 50.0 pt", verdict: "good" });
  });

  it("of durations and costs are relative, and more is worse", () => {
    expect(durationChange(171_000, 140_000)).toMatchObject({ mark: "▲ 22 %", verdict: "bad" });
    expect(costChange(3.68, 4.82)).toMatchObject({ mark: "▼ 24 %", from: "from $4.82", verdict: "good" });
    expect(costChange(60, 1).mark).toBe("▲ ×60");
  });

  it("say so where there is nothing to compare with, or nothing changed", () => {
    expect(shareChange(0.5, null)).toMatchObject({ mark: "", from: "none before" });
    expect(costChange(1, 0)).toMatchObject({ from: "none before" });
    expect(durationChange(1_000, 1_001)).toMatchObject({ mark: "", from: "same as before", verdict: "flat" });
    expect([countChange(3, 1), countChange(1, 3), countChange(2, 2)]).toEqual(["2 more", "2 fewer", "same"]);
  });
});

describe("figures", () => {
  const parts = (words: string) => {
    const { container } = render(<Figure words={words} />);
    const small = [...container.querySelectorAll("small")].map((each) => each.textContent);
    return { all: container.textContent, small };
  };

  it("set decimals and units small", () => {
    expect(parts(formatDuration(38_400))).toEqual({ all: "38.4 s", small: [".4 s"] });
    expect(parts(formatDuration(171_000))).toMatchObject({ small: ["m", "s"] });
    expect(parts("94.1\u00a0%")).toEqual({ all: "94.1%", small: ["%"] });
    expect(parts("$4.82")).toEqual({ all: "$4.82", small: [] });
    expect(parts("–")).toEqual({ all: "–", small: [] });
  });
});

describe("columns", () => {
  it("are the usual ones unless the address names others; the task always stays", () => {
    expect(chosenColumns(undefined).map((column) => column.title)).toEqual([
      "Task",
      "Agent",
      "Type",
      "Project",
      "Status",
      "Duration",
      "LLM",
      "Cost",
      "Errors",
      "Started",
    ]);
    expect(chosenColumns(undefined, "failed").map((column) => column.id)).toContain("reason");
    expect(chosenColumns("cost", "failed").map((column) => column.id)).toEqual(["task", "cost"]);
    expect(chosenColumns("cost,retries,nonsense").map((column) => column.id)).toEqual(["task", "retries", "cost"]);
  });
});
