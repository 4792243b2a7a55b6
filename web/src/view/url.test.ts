import { describe, expect, test } from "vitest";
import { parseSearch, patchSearch, sharedSearch, stringifySearch, toView, validateSearch } from "./url";

describe("the address", () => {
  test("survives the way to text and back, whatever stands in it", () => {
    const search = { agent: "a b&c=d/é?#", task: "48213", node: "<b>", project: "true", range: "24h" };
    expect(validateSearch(parseSearch(stringifySearch(search)))).toEqual(search);
  });

  test("keeps known parameters only, and nothing empty", () => {
    expect(validateSearch({ agent: "a", task: "", theme: "light", range: 7 })).toEqual({ agent: "a" });
    expect(stringifySearch({})).toBe("");
  });

  test("fills in defaults for what is absent or unknown", () => {
    expect(toView({ mode: "both", range: "2h", look: "waterfall" })).toMatchObject({
      mode: "live",
      range: "1h",
      look: "waterfall",
      voice: "plain",
    });
  });

  test("takes a stretch of time only where both ends make one", () => {
    const since = "2026-11-27T14:00:00Z";
    const until = "2026-11-27T15:00:00Z";
    expect(toView({ since, until })).toMatchObject({ since, until });
    for (const broken of [
      { since },
      { until },
      { since: until, until: since },
      { since: "abc", until },
      { since, until: "2026-" },
    ])
      expect(toView(broken)).not.toHaveProperty("since");
  });

  test("takes what is empty as absent", () => {
    expect(parseSearch("?correlation=&agent=&task=t")).toEqual({ task: "t" });
  });

  test("a patch removes with undefined and leaves the rest", () => {
    expect(patchSearch({ agent: "a", task: "t" }, { agent: undefined, status: "stuck" })).toEqual({
      task: "t",
      status: "stuck",
    });
  });

  test("another view takes the scope along, not the selection", () => {
    expect(sharedSearch({ agent: "a", mode: "test", task: "t", node: "n", q: "x" })).toEqual({
      agent: "a",
      mode: "test",
    });
  });
});
