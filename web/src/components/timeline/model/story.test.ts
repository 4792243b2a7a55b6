import { describe, expect, it } from "vitest";
import { ticket48213 } from "../fixtures/ticket48213";
import { tellStory } from "./beats";
import { layOutStory } from "./layout";
import { buildRun } from "./spans";

const NOW = Date.parse("2026-02-12T14:00:00Z");

describe("the design's failed ticket", () => {
  const run = buildRun(ticket48213.events, NOW);
  const story = tellStory(run);

  it("prints", () => {
    console.log(
      story.beats
        .map(
          (b) =>
            `${b.lane} ${b.arrives} ${b.shape} ${b.name} ${(b.atMs - run.startMs) / 1000} [${b.stem.map((s) => s.span.name)}]`,
        )
        .join("\n"),
    );
    console.log(story.overlays.map((o) => [o.fromKey, o.toKey, o.span.name, o.attempts]));
    const layout = layOutStory(story, 1048);
    console.log(
      layout.width,
      layout.height,
      layout.beats.map((b) => [b.beat.name, Math.round(b.x), b.y]),
      layout.clocks,
    );
    expect(1).toBe(1);
  });
});
