import { expect, type Locator, type Page } from "@playwright/test";

/** How a reader acts on the board: with the mouse, or with the keyboard alone. */
export interface Hand {
  name: "mouse" | "keyboard";
  /** Goes to a thing and presses it. */
  press: (target: Locator) => Promise<void>;
  write: (field: Locator, text: string) => Promise<void>;
}

const MOST_STOPS = 400;
const MOST_ARROWS = 200;

export function hands(page: Page): readonly Hand[] {
  return [
    { name: "mouse", press: (target) => target.click(), write: (field, text) => field.fill(text) },
    {
      name: "keyboard",
      press: async (target) => {
        await reach(page, target);
        await page.keyboard.press("Enter");
      },
      write: async (field, text) => {
        await reach(page, field);
        await page.keyboard.press("Control+a");
        await page.keyboard.type(text);
      },
    },
  ];
}

/** Where the keyboard's focus is, as seen from a target: on it, in a part with arrows inside that holds it, or elsewhere. */
function whereIs(target: Locator): Promise<"here" | "inside" | "elsewhere"> {
  return target.evaluate((element) => {
    const focused = document.activeElement;
    if (focused === element) return "here";
    const roving = focused?.closest("svg[role='group'], [role='tree'], aside");
    if (focused?.getAttribute("tabindex") === "0" && roving?.contains(element) === true) return "inside";
    const rows = element instanceof HTMLElement && element.tabIndex < 0 ? focused?.closest("tbody, ul") : null;
    return rows?.contains(element) === true ? "inside" : "elsewhere";
  });
}

/** Tab after Tab, and arrows where a part is one stop, until the focus is on the target. */
async function reach(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    let place = await whereIs(target);
    if (place === "inside") {
      await page.keyboard.press("Home");
      for (let arrow = 0; arrow < MOST_ARROWS && (await whereIs(target)) !== "here"; arrow += 1)
        await page.keyboard.press("ArrowDown");
      place = await whereIs(target);
    }
    if (place === "here") {
      // Whoever works without a mouse must see where they are.
      const isMarked = await target.evaluate((element) => {
        const look = getComputedStyle(element);
        const inner = getComputedStyle(element.firstElementChild ?? element);
        return (
          [look, inner].some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none") ||
          element.matches("svg *")
        );
      });
      expect(isMarked, `the focus is not seen on ${target}`).toBe(true);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`${target} is not reached within ${MOST_STOPS} stops of the Tab key`);
}
