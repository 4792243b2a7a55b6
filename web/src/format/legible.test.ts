import { expect, it } from "vitest";
import { legible, legibleText } from "./legible";

it("shows what is invisible in a name, or would turn its letters around", () => {
  expect(legible("\u200b")).toBe("⟨U+200B⟩");
  expect(legible("support\u00adtriage")).toBe("support⟨U+00AD⟩triage");
  expect(legible("\u202Egnp.exe")).toBe("⟨U+202E⟩gnp.exe");
  expect(legible("a\u0000b")).toBe("a⟨U+0000⟩b");
  expect(legible("\u3164")).toBe("⟨U+3164⟩");
  expect(legible("\u2800")).toBe("⟨U+2800⟩");
  expect(legible("x\u{e0041}")).toBe("x⟨U+E0041⟩");
  expect(legible("a\u00a0b")).toBe("a⟨U+00A0⟩b");
  expect(legible("two\nlines\tand tabs")).toBe("two↵lines⇥and tabs");
});

it("shows spaces that would be swallowed", () => {
  expect(legible(" ")).toBe("␣");
  expect(legible("support-triage ")).toBe("support-triage␣");
  expect(legible(" a  b c")).toBe("␣a␣␣b c");
});

it("leaves what is seen as it is", () => {
  for (const name of [
    "support-triage",
    "fetch page",
    "🐝🏳️‍🌈👩🏽‍🚀 👨‍👩‍👧‍👦 1️⃣ ❤️",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "وكيل الدعم",
    "می‌خواهم",
    "क्‍ष",
    "סוכן",
    "e\u0301",
    "﷽",
    "",
  ])
    expect(legible(name)).toBe(name);
  expect(legible("sup\u200dport")).toBe("sup⟨U+200D⟩port");
});

it("lets prose have its lines and marks, and shows what hides in it", () => {
  expect(legibleText("one\n\ttwo\u200f  three\u00a0\u00ad")).toBe("one\n\ttwo\u200f  three\u00a0\u00ad");
  expect(legibleText("pay\u202e no\u200bw\u{e0041}")).toBe("pay⟨U+202E⟩ no⟨U+200B⟩w⟨U+E0041⟩");
});
