import { expect, test } from "vitest";
import { formatQuantity, formatQuantityOf } from "./quantity";

test("a figure carries the unit that the server names", () => {
  expect(formatQuantity(20.5, "USD")).toBe("$20.50");
  expect(formatQuantity(90, "seconds")).toBe("1m\u00a030s");
  expect(formatQuantity(41.5, "percent")).toBe("41.5\u00a0%");
  expect(formatQuantity(2.716, "times")).toBe("×2.72");
  expect(formatQuantity(2.3, "percentage points")).toBe("2.3\u00a0pt");
  expect(formatQuantity(18_400, "tokens")).toBe("18.4k\u00a0tokens");
  expect(formatQuantity(41, null)).toBe("41");
});

test("one of a thing is written as one", () => {
  expect(formatQuantity(1, "runs")).toBe("1\u00a0run");
  expect(formatQuantity(2, "runs")).toBe("2\u00a0runs");
  expect(formatQuantity(1, "tries")).toBe("1\u00a0try");
  expect(formatQuantity(1, "access")).toBe("1\u00a0access");
});

test("a unit that the label names is not said twice", () => {
  expect(formatQuantityOf(0, "agents", "stuck agents")).toBe("0");
  expect(formatQuantityOf(1_086, "items", "items that wait")).toBe("1,086");
  expect(formatQuantityOf(4, "agents", "ended runs")).toBe("4\u00a0agents");
  expect(formatQuantityOf(20.5, "USD", "cost")).toBe("$20.50");
});
