import { expect, test } from "vitest";
import type { CostGroup } from "~/api/types";
import { shownWords } from "./CallsTable";
import { sumOf } from "./GroupTable";
import { priced } from "./WhatIf";

test("what has no row of its own adds up in one", () => {
  const group = (cost: number) => ({ cost, call_count: 2, tokens_in: 100, tokens_out: 10 }) as CostGroup;
  expect(sumOf([group(0.25), group(0.5)])).toEqual({ count: 2, cost: 0.75, calls: 4, tokens_in: 200, tokens_out: 20 });
});

test("what the server does not tell apart is in it", () => {
  const other = { group_count: 40, cost: 1.5, call_count: 80, tokens_in: 900, tokens_out: 90, estimated_cost: 0 };
  expect(sumOf([], other)).toEqual({ count: 40, cost: 1.5, calls: 80, tokens_in: 900, tokens_out: 90 });
});

test("the same tokens on another model's prices", () => {
  const price = { input_per_million: 3, output_per_million: 15 };
  expect(priced(price, { tokens_in: 2_000_000, tokens_out: 100_000 })).toBe(7.5);
  expect(priced(price, { tokens_in: 0, tokens_out: 0 })).toBe(0);
});

test("the number of calls is the server's, not that of the page that was read", () => {
  expect(shownWords(200, 200, true, 6_800)).toBe("200 of 6,800");
  expect(shownWords(31, 31, false, 31)).toBe("31");
  expect(shownWords(12, 200, true, 6_800)).toBe("12 of the 200 shown");
});
