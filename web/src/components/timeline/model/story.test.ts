import { describe, expect, it } from "vitest";
import type { Timeline } from "~/api/types";
import { readCase } from "../fixtures/answers";
import { connectorLength, layOutStory, type StoryLayout } from "./layout";
import { readRun } from "./run";
import { readStory } from "./steps";

describe("the story of the failed ticket", () => {
  const { story } = readCase("ticket");

  it("fits the design's width, keeps order and emphasises the longest gap alone", () => {
    const layout = layOutStory(story, 1048);
    expect(layout.width).toBe(1048);
    const xs = layout.steps.map((step) => step.x);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    const emphasised = layout.links.filter((link) => link.longest);
    expect(emphasised.map((link) => [link.from.step.shape, link.to.step.shape, link.tone])).toEqual([
      ["approval_asked", "approval_answered", "human"],
    ]);
  });

  it("scrolls where it cannot fit", () => {
    expect(layOutStory(story, 500).width).toBeGreaterThan(1_000);
  });

  it("says who was asked and who answered, between the two", () => {
    const [bracket] = layOutStory(story, 1_400).brackets;
    expect(bracket).toMatchObject({
      quote: "“credit of $500 for INV-20931”",
      who: "support-lead asked, mara.k approved",
    });
  });
});

describe("wall clocks", () => {
  /** What each takes up, eight characters wide. */
  const ends = (layout: StoryLayout) =>
    layout.clocks.map(({ x, anchor }) =>
      anchor === "start" ? [x, x + 47] : anchor === "end" ? [x - 47, x] : [x - 24, x + 24],
    );

  it.each([2, 3, 5, 24])("never lie over each other, in a story of %i steps", (count) => {
    const { steps } = readCase("ticket").story;
    const told = { steps: [...steps.slice(0, count - 1), ...steps.slice(-1)], stretches: [] };
    for (const width of [0, 390, 1_200]) {
      const clocks = ends(layOutStory(told, width));
      expect(clocks.length).toBeGreaterThan(1);
      for (const [index, [from = 0]] of clocks.entries())
        expect(from).toBeGreaterThan(index === 0 ? 0 : (clocks[index - 1]?.[1] ?? 0));
    }
  });
});

describe("connectors", () => {
  it("grow with the square root of the time", () => {
    expect(connectorLength(0, true, 1)).toBe(28);
    expect(connectorLength(1_000, true, 1)).toBeCloseTo(35.2);
    expect(connectorLength(100_000, true, 1)).toBeCloseTo(100);
    expect(connectorLength(86_400_000, true, 1)).toBeLessThan(300);
  });

  it("are solid while the work lasts and dotted where nothing ran", () => {
    const layout = layOutStory(readCase("two_actions").story, 2_000);
    const link = layout.links.find((each) => each.from.step.name === "fetch");
    expect(link?.segments.map((segment) => segment.tone)).toEqual(["work", "idle"]);
    const [work, idle] = link?.segments ?? [];
    expect((work?.x2 ?? 0) - (work?.x1 ?? 0)).toBeLessThan((idle?.x2 ?? 0) - (idle?.x1 ?? 0));
  });

  it("are rungs while a person is waited for, whatever was noted meanwhile", () => {
    const layout = layOutStory(readCase("long_wait").story, 900);
    expect(layout.links.slice(1, 3).map((link) => link.tone)).toEqual(["human", "human"]);
  });
});

describe("retries", () => {
  it("never need more lanes than there are, however many there were", () => {
    const { story } = readCase("twelve_tries");
    expect(Math.max(...story.steps.map((step) => step.lane))).toBe(3);
    expect(Number.isFinite(layOutStory(story, 1_000).height)).toBe(true);
  });
});

function endOf(layout: StoryLayout): string | undefined {
  return layout.steps.at(-1)?.step.shape;
}

describe("ends", () => {
  it("are rings while the run is open, circles when done, octagons when failed", () => {
    const end = (name: "open" | "done" | "failed") => endOf(layOutStory(readCase(name).story, 500));
    expect([end("open"), end("done"), end("failed")]).toEqual(["running", "completed", "failed"]);
  });

  it("grow to the right: what was placed stays where it was", () => {
    const before = layOutStory(readCase("thirty_actions").story, 600).steps.map((step) => step.x);
    const after = layOutStory(readCase("thirty_one_actions").story, 600).steps.map((step) => step.x);
    expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  });
});

/** The answer for a run of so many actions, one after the other. */
function longRun(actions: number): Timeline {
  const timeline = readCase("two_actions").timeline;
  const span = timeline.spans.find((each) => each.kind === "action");
  const step = timeline.steps.find((each) => each.shape === "action");
  const [start] = timeline.steps;
  const end = timeline.steps.at(-1);
  if (span === undefined || step === undefined || start === undefined || end === undefined)
    throw new Error("no action");
  const at = (second: number) => new Date(Date.parse(timeline.started_at) + second * 1_000).toISOString();
  const numbers = Array.from({ length: actions }, (_, index) => index);
  return {
    ...timeline,
    events: [],
    spans: [
      ...timeline.spans.filter((each) => each.parent_id === null),
      ...numbers.map((index) => ({
        ...span,
        span_id: `x${index}`,
        event_ids: [`e${index}`],
        started_at: at(index + 0.1),
        ended_at: at(index + 0.9),
      })),
    ],
    steps: [
      start,
      ...numbers.map((index) => ({
        ...step,
        step_id: `x${index}`,
        span_id: `x${index}`,
        at: at(index + 0.1),
        work_ended_at: at(index + 0.9),
      })),
      end,
    ],
  };
}

/** Milliseconds of this process' own time that reading and laying out so many actions takes. */
function cost(actions: number): number {
  const timeline = longRun(actions);
  const began = process.cpuUsage();
  const run = readRun(timeline, 0);
  expect(layOutStory(readStory(timeline, run), 1_000).steps.length).toBe(actions + 2);
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1_000;
}

describe("twenty thousand actions", () => {
  it("are read and laid out in linear time", () => {
    cost(1_000);
    // Eight times the work: anything quadratic costs sixty-four times as much.
    expect(cost(20_000) / cost(2_500)).toBeLessThan(32);
  });
});
