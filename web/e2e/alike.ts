import { readFileSync, writeFileSync } from "node:fs";
import type { Page } from "@playwright/test";

/** Pictures are compared as so many fields: letters and clocks blur, and what stands where is left. */
const FIELDS = { across: 96, down: 60 } as const;
/** A field differs when its brightness or one of its colours does by so much of 255. */
const DIFFERS_BY = 26;

/**
 * How much of a picture is another than in the committed one: the share of its fields that differ. With `UPDATE_PICTURES=1` the
 * committed one is replaced.
 */
export async function shareThatDiffers(page: Page, committed: string, taken: Buffer): Promise<number> {
  if (process.env.UPDATE_PICTURES === "1") writeFileSync(committed, taken);
  const address = (png: Buffer) => `data:image/png;base64,${png.toString("base64")}`;
  const blank = await page.context().newPage();
  try {
    return await blank.evaluate(
      async ({ pictures, across, down, by }) => {
        const fields = await Promise.all(
          pictures.map(async (source) => {
            const image = new Image();
            image.src = source;
            await image.decode();
            const canvas = document.createElement("canvas");
            canvas.width = across;
            canvas.height = down;
            const pen = canvas.getContext("2d", { willReadFrequently: true });
            if (pen === null) throw new Error("no canvas");
            pen.imageSmoothingQuality = "high";
            pen.drawImage(image, 0, 0, across, down);
            return pen.getImageData(0, 0, across, down).data;
          }),
        );
        const [one, other] = fields;
        if (one === undefined || other === undefined) throw new Error("two pictures are compared");
        let differing = 0;
        for (let at = 0; at < one.length; at += 4)
          if ([0, 1, 2].some((part) => Math.abs((one[at + part] ?? 0) - (other[at + part] ?? 0)) > by)) differing += 1;
        return differing / (across * down);
      },
      { pictures: [address(readFileSync(committed)), address(taken)], ...FIELDS, by: DIFFERS_BY },
    );
  } finally {
    await blank.close();
  }
}
