// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(process.cwd(), "src");

function sources(folder: string): string[] {
  return readdirSync(join(SOURCES, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

function imports(file: string): string[] {
  const text = readFileSync(join(SOURCES, file), "utf8");
  return [...text.matchAll(/(?:from|import\() ?"([^"]+)"/g)].map((match) => match[1] ?? "");
}

test("pages do not import pages", () => {
  for (const file of sources("pages")) {
    for (const target of imports(file)) {
      expect(target, file).not.toMatch(/^~\/pages\/|^\.\.\/(?!\.\.)/);
    }
  }
});

test("the shared parts know nothing of the rooms above them", () => {
  for (const file of sources("components/ui")) {
    for (const target of imports(file)) {
      expect(target, file).not.toMatch(/^~\/(pages|components|LiveProvider|url)/);
    }
  }
});

test("no file grows beyond one room", () => {
  for (const folder of ["components", "pages", "events", "format"]) {
    for (const file of sources(folder)) {
      expect(readFileSync(join(SOURCES, file), "utf8").split("\n").length, file).toBeLessThanOrEqual(600);
    }
  }
});
