import { expect, test } from "vitest";
import { formatQuantity } from "./quantity";

test("a figure carries the unit that the server names", () => {
  expect(formatQuantity(20.5, "USD")).toBe("$20.50");
  expect(formatQuantity(90, "seconds")).toBe("1m\u00a030s");
  expect(formatQuantity(41.5, "percent")).toBe("41.5\u00a0%");
  expect(formatQuantity(2.716, "times")).toBe("×2.72");
  expect(formatQuantity(2.3, "percentage points")).toBe("2.3\u00a0pt");
  expect(formatQuantity(18_400, "tokens")).toBe("18.4k\u00a0tokens");
  expect(formatQuantity(41, null)).toBe("41");
});
