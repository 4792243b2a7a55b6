import type { Locator } from "@playwright/test";

/** Words of a drawing that run over each other, a pair each. */
export function touching(drawing: Locator): Promise<string[]> {
  return drawing.evaluate((svg) => {
    const words = [...svg.querySelectorAll("text")].map((text) => ({
      text: text.textContent,
      box: text.getBoundingClientRect(),
    }));
    return words.flatMap(({ text, box }, index) =>
      words
        .slice(index + 1)
        .filter(
          (other) =>
            Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left) > 4 &&
            Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top) > 6,
        )
        .map((other) => `${text} / ${other.text}`),
    );
  });
}
