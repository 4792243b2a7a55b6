import type { Page } from "@playwright/test";

/**
 * What scrolls sideways on the page, and whether the document itself scrolls at all: neither may be. The story and the bar of the
 * views pan by design.
 */
export function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const pans = (part: Element) =>
      part.matches("nav") ||
      part.querySelector(":scope > svg[aria-label^='Story of'], :scope > div > svg[aria-label^='Story of']") !== null;
    const found = [...document.querySelectorAll("html, body *")]
      .filter((part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1 && !pans(part))
      .filter((part) => part.matches("html") || /auto|scroll/.test(getComputedStyle(part).overflowX))
      .map((part) => `${part.tagName} ${part.className}: ${part.scrollWidth} in ${part.clientWidth} px`);
    const { scrollHeight, clientHeight } = document.documentElement;
    if (scrollHeight > clientHeight)
      found.push(`the document: ${scrollHeight} in ${clientHeight} px, from top to bottom`);
    return found;
  });
}
