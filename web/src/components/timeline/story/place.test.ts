import { expect, test } from "vitest";
import { readCase } from "../fixtures/answers";
import { layOutStory } from "../model/layout";
import { placeOf } from "./Story";

const { run, story } = readCase("ticket");
const { steps } = layOutStory(story, 1_200);
const idOf = (name: string) => run.spans.find((span) => span.name === name)?.id ?? "";

test("a node has its place in the story", () => {
  expect(steps[placeOf(steps, idOf("load_ticket"))]?.step.name).toBe("load_ticket");
});

test("work that hangs from a node has the node's place, so that the story can show it", () => {
  expect(steps[placeOf(steps, idOf("get_account"))]?.step.name).toBe("load_ticket");
});

test("what is not in the story has no place", () => {
  expect(placeOf(steps, "nothing")).toBe(-1);
  expect(placeOf(steps, null)).toBe(-1);
});
