import { expect, test } from "vitest";
import { browserWords } from "./Sessions";

test("a session is known by its browser", () => {
  expect(browserWords("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(
    "Firefox on Linux",
  );
  expect(
    browserWords(
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    ),
  ).toBe("Safari on macOS");
  expect(browserWords(null)).toBe("unknown browser");
  expect(browserWords("curl/8.14")).toBe("curl/8.14");
});
