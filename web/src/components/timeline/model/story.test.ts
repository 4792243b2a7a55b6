import { describe, expect, it } from "vitest";
import { EventWriter } from "../fixtures/build";
import { ticket48213 } from "../fixtures/ticket48213";
import { type Story, tellStory } from "./beats";
import { connectorLength, layOutStory, type StoryLayout } from "./layout";
import { buildRun } from "./spans";

const START = "2026-02-12T13:00:00.000Z";

function writer(): EventWriter {
  const events = new EventWriter({ agent: "a", task: "t", run: "r", startedAt: START });
  events.at(0, "task_started");
  return events;
}

function told(events: EventWriter): Story {
  return tellStory(buildRun(events.events, Date.parse(START) + 60_000));
}

function lines(story: Story): string[] {
  return story.beats.map((beat) => `${beat.lane} ${beat.arrives} ${beat.shape} ${beat.name}`);
}

describe("the story of the failed ticket", () => {
  const story = tellStory(buildRun(ticket48213.events, 0));

  it("has the design's nodes, lanes and stems", () => {
    expect(
      story.beats.map(
        (beat) => `${beat.lane} ${beat.arrives} ${beat.shape} ${beat.name} [${beat.stem.map(({ span }) => span.name)}]`,
      ),
    ).toMatchInlineSnapshot(`
      [
        "0 rail start started []",
        "0 rail action load_ticket [get_ticket,get_account]",
        "0 rail llm classify_ticket []",
        "0 rail plan plan, 6 steps []",
        "0 rail action gather_context [search_kb,get_invoices]",
        "0 rail llm summarise_history []",
        "0 rail llm draft_decision []",
        "0 rail action check_policy []",
        "0 rail asked approval asked []",
        "0 rail answered approved []",
        "0 rail action issue_credit []",
        "1 backoff action attempt 2 []",
        "1 rail llm diagnose_failure []",
        "2 backoff action attempt 3 []",
        "0 home escalated escalated []",
        "0 rail ended-failed failed []",
      ]
    `);
    expect(story.overlays).toMatchObject([{ span: { name: "issue_credit" }, attempts: 3 }]);
  });

  it("fits the design's width, keeps order and emphasises the longest gap alone", () => {
    const layout = layOutStory(story, 1048);
    expect(layout.width).toBe(1048);
    const xs = layout.beats.map((beat) => beat.x);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    const emphasised = layout.links.filter((link) => link.longest);
    expect(emphasised.map((link) => [link.from.beat.shape, link.to.beat.shape, link.tone])).toEqual([
      ["asked", "answered", "human"],
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

describe("connectors", () => {
  it("grow with the square root of the time", () => {
    expect(connectorLength(0, true, 1)).toBe(28);
    expect(connectorLength(1_000, true, 1)).toBeCloseTo(35.2);
    expect(connectorLength(100_000, true, 1)).toBeCloseTo(100);
    expect(connectorLength(86_400_000, true, 1)).toBeLessThan(300);
  });

  it("are solid while the work lasts and dotted where nothing ran", () => {
    const events = writer();
    events.action("x", "fetch", 0, 2);
    events.action("y", "store", 8, 9);
    events.at(9.01, "task_completed");
    const layout = layOutStory(told(events), 2_000);
    const link = layout.links.find((each) => each.from.beat.name === "fetch");
    expect(link?.segments.map((segment) => segment.tone)).toEqual(["work", "idle"]);
    const [work, idle] = link?.segments ?? [];
    expect((work?.x2 ?? 0) - (work?.x1 ?? 0)).toBeLessThan((idle?.x2 ?? 0) - (idle?.x1 ?? 0));
  });

  it("are rungs while a person is waited for, whatever was noted meanwhile", () => {
    const events = writer();
    events.at(1, "approval_requested", { summary: "ok?" });
    events.at(20, "custom", { kind: "note_to_self", summary: "still waiting" });
    events.at(50, "approval_received", { data: { decision: "approved" } });
    events.at(51, "task_completed");
    const layout = layOutStory(told(events), 900);
    expect(layout.links.slice(1, 3).map((link) => link.tone)).toEqual(["human", "human"]);
  });
});

describe("retries", () => {
  it("drop a lane each, and come home when it worked", () => {
    const events = writer();
    events.action("1", "charge", 1, 2, null, { exception_type: "Timeout" });
    events.at(2.1, "retry_started", { data: { attempt: 2, backoff_seconds: 1 } });
    events.action("2", "charge", 3.1, 4, null, { exception_type: "Timeout" });
    events.at(4.1, "retry_started", { data: { attempt: 3, backoff_seconds: 2 } });
    events.action("3", "charge", 6.1, 7);
    events.action("4", "receipt", 7.5, 8);
    events.at(8.1, "task_completed");
    expect(lines(told(events))).toEqual([
      "0 rail start started",
      "0 rail action charge",
      "1 backoff action attempt 2",
      "2 backoff action attempt 3",
      "0 home action receipt",
      "0 rail ended-done done",
    ]);
  });

  it("show tries that the agent did not track by themselves", () => {
    const events = writer();
    events.at(1, "action_started", { action_name: "call_api" }, { action_id: "x" });
    events.at(2, "retry_started", { data: { attempt: 2, backoff_seconds: 1 } }, { action_id: "x" });
    events.at(5, "retry_started", { data: { attempt: 3, backoff_seconds: 1 } }, { action_id: "x" });
    events.at(9, "action_completed", { action_name: "call_api" }, { action_id: "x", duration_ms: 8_000 });
    events.at(9.1, "task_completed");
    expect(lines(told(events))).toEqual([
      "0 rail start started",
      "0 rail action call_api",
      "1 backoff action attempt 2",
      "2 backoff action attempt 3",
      "0 home ended-done done",
    ]);
  });

  it("of different things are different chains", () => {
    const events = writer();
    events.action("1", "fetch", 1, 2, null, { exception_type: "Timeout" });
    events.at(2.1, "retry_started", { data: { attempt: 2, backoff_seconds: 1 } });
    events.action("2", "fetch", 3.1, 4);
    events.action("3", "store", 5, 6, null, { exception_type: "Busy" });
    events.at(6.1, "retry_started", { data: { attempt: 2, backoff_seconds: 1 } });
    events.action("4", "store", 7.1, 8);
    events.at(8.1, "task_completed");
    expect(lines(told(events)).map((line) => line.split(" ")[0])).toEqual(["0", "0", "1", "0", "1", "0"]);
  });

  it("without a work that followed end where they are", () => {
    const events = writer();
    events.at(2.1, "retry_started", { data: { attempt: 2, backoff_seconds: 1 } });
    events.at(8.1, "task_failed", { exception_type: "GaveUp" });
    expect(lines(told(events)).at(-1)).toBe("0 home ended-failed failed");
  });

  it("never need more lanes than there are, however many there were", () => {
    const events = writer();
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      events.action(`x${attempt}`, "charge", attempt * 3, attempt * 3 + 1, null, { exception_type: "Timeout" });
      events.at(attempt * 3 + 1.1, "retry_started", { data: { attempt: attempt + 1, backoff_seconds: 1 } });
    }
    const story = told(events);
    expect(Math.max(...story.beats.map((beat) => beat.lane))).toBe(3);
    expect(Number.isFinite(layOutStory(story, 1_000).height)).toBe(true);
  });
});

describe("nested work", () => {
  it("hangs from its parent while it is little, and joins the line when it is much", () => {
    const few = writer();
    few.action("p", "parent", 1, 9);
    for (const index of [1, 2, 3]) few.action(`c${index}`, `child_${index}`, index + 1, index + 1.5, "p");
    expect(told(few).beats.find((beat) => beat.name === "parent")?.stem).toHaveLength(3);

    const many = writer();
    many.action("p", "parent", 1, 19);
    for (let index = 1; index <= 9; index += 1) many.action(`c${index}`, `child_${index}`, index + 1, index + 1.5, "p");
    expect(told(many).beats.filter((beat) => beat.name.startsWith("child_"))).toHaveLength(9);
  });

  it("is on the line when it is a call, a person or a plan", () => {
    const events = writer();
    events.action("p", "parent", 1, 9);
    events.llm("think", "gpt-4o", 2, 3, [1, 1], 0.1, {}, "p");
    expect(lines(told(events))).toContain("0 rail llm think");
  });
});

function endOf(layout: StoryLayout): string | undefined {
  return layout.beats.at(-1)?.beat.shape;
}

describe("ends", () => {
  it("are rings while the run is open, circles when done, octagons when failed", () => {
    const open = writer();
    expect(endOf(layOutStory(told(open), 500))).toBe("running");
    const done = writer();
    done.at(1, "task_completed");
    expect(endOf(layOutStory(told(done), 500))).toBe("ended-done");
    const failed = writer();
    failed.at(1, "task_failed");
    expect(endOf(layOutStory(told(failed), 500))).toBe("ended-failed");
  });

  it("grow to the right: what was placed stays where it was", () => {
    const events = writer();
    for (let index = 0; index < 30; index += 1)
      events.action(`x${index}`, `step_${index}`, index * 2 + 1, index * 2 + 2);
    const before = layOutStory(told(events), 600).beats.map((beat) => beat.x);
    events.action("next", "next", 100, 101);
    const after = layOutStory(told(events), 600).beats.map((beat) => beat.x);
    expect(after.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  });
});

/** Milliseconds of this process' own time that reading and laying out so many actions takes. */
function cost(actions: number): number {
  const events = writer();
  for (let index = 0; index < actions; index += 1)
    events.action(`x${index}`, `step_${index % 7}`, index + 0.1, index + 0.9, index % 9 === 4 ? `x${index - 1}` : null);
  const began = process.cpuUsage();
  expect(layOutStory(told(events), 1_000).beats.length).toBeGreaterThan(actions * 0.8);
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1_000;
}

describe("forty thousand events", () => {
  it("are read and laid out in linear time", () => {
    cost(1_000);
    // Eight times the work: anything quadratic costs sixty-four times as much.
    expect(cost(20_000) / cost(2_500)).toBeLessThan(32);
  });
});
