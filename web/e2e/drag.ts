import type { Locator, Page } from "@playwright/test";

/** Drags over a part of a chart, from one share of its width to another. */
export async function drag(board: Page, chart: Locator, from: number, to: number): Promise<void> {
  await chart.scrollIntoViewIfNeeded();
  const box = await chart.boundingBox();
  if (box === null) throw new Error("the chart is not drawn");
  const y = box.y + box.height / 2;
  await board.mouse.move(box.x + box.width * from, y);
  await board.mouse.down();
  await board.mouse.move(box.x + box.width * ((from + to) / 2), y, { steps: 4 });
  await board.mouse.move(box.x + box.width * to, y, { steps: 4 });
  await board.mouse.up();
}
