// Writes src/api/schema.d.ts, the types of the server's API, from src/api/openapi.json.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const path = (name) => fileURLToPath(new URL(`../src/api/${name}`, import.meta.url));

/** The types of the committed API document, as text. */
export async function generate() {
  const document = JSON.parse(readFileSync(path("openapi.json"), "utf8"));
  return `// Generated from openapi.json by \`npm run generate\`.\n${astToString(await openapiTS(document))}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(path("schema.d.ts"), await generate());
