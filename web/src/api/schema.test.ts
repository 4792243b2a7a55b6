// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { generate } from "../../scripts/generate.mjs";

test("the generated types are those of the committed API document", async () => {
  const committed = readFileSync(new URL("./schema.d.ts", import.meta.url), "utf8");
  expect(committed === (await generate()), "schema.d.ts is stale: npm run generate").toBe(true);
});
