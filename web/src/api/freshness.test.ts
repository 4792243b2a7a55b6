import { expect, test } from "vitest";
import { currentBehind, noteFreshness } from "./freshness";

test("what an answer lacks is known until one is whole", () => {
  noteFreshness(200, new Headers({ "X-HiveBoard-Behind": "12" }));
  expect(currentBehind()).toEqual({ batches: 12 });
  noteFreshness(200, new Headers({ "X-HiveBoard-Behind": "unknown" }));
  expect(currentBehind()).toEqual({ batches: null });
  noteFreshness(200, new Headers());
  expect(currentBehind()).toBeUndefined();
  noteFreshness(503, new Headers({ "Retry-After": "1" }));
  expect(currentBehind()).toEqual({ batches: null });
  noteFreshness(404, new Headers());
  expect(currentBehind()).toBeUndefined();
});
