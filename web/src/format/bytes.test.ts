import { expect, test } from "vitest";
import { formatBytes } from "./bytes";

test("room on a disk is read at a glance", () => {
  expect(formatBytes(912)).toBe("912\u00a0B");
  expect(formatBytes(40_055_603)).toBe("38.2\u00a0MiB");
  expect(formatBytes(1_503_238_553)).toBe("1.4\u00a0GiB");
  expect(formatBytes(1_024)).toBe("1\u00a0KiB");
  expect(formatBytes(null)).toBe("–");
});
