// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const SOURCES = join(process.cwd(), "src");

/**
 * The rooms of the house, and which others each may know. `main.tsx` and this test are the only files outside of a room.
 * `ui` is the part of `components` that knows nothing of the board.
 */
const ROOMS: Record<string, readonly string[]> = {
  api: [],
  format: ["live"],
  live: ["api"],
  appearance: ["api"],
  events: ["api", "format", "appearance", "ui"],
  view: ["api", "live", "appearance"],
  ui: ["api", "format", "live", "appearance"],
  components: ["api", "format", "live", "appearance", "events", "view", "ui"],
  pages: ["api", "format", "live", "appearance", "events", "view", "ui", "components"],
  app: ["api", "format", "live", "appearance", "events", "view", "ui", "components", "pages"],
  styles: [],
};

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));

function roomOf(path: string): string {
  return path.startsWith("components/ui/") ? "ui" : (path.split("/")[0] ?? "");
}

/** The files of ours that a file imports, as paths below `src`. */
function imports(file: string): string[] {
  const text = readFileSync(join(SOURCES, file), "utf8");
  return [...text.matchAll(/(?:from|import\() ?"([^"]+)"/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => /^[~.]/.test(target))
    .map((target) => (target.startsWith("~/") ? target.slice(2) : normalize(join(dirname(file), target))));
}

const roomed = files.filter((file) => file.includes("/"));

test("every file lives in a room", () => {
  const loose = files.filter((file) => !file.includes("/"));
  expect(loose.toSorted()).toEqual(["architecture.test.ts", "main.tsx", "test-setup.ts"]);
  for (const file of roomed) expect(Object.keys(ROOMS), file).toContain(roomOf(file));
});

test("a room knows only the rooms below it", () => {
  const strays = roomed
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .flatMap((file) =>
      imports(file)
        .filter((target) => roomOf(target) !== roomOf(file) && !ROOMS[roomOf(file)]?.includes(roomOf(target)))
        .map((target) => `${file} → ${target}`),
    );
  expect(strays).toEqual([]);
});

test("nothing is asked or opened at the root of the host: the board may lie below a path", () => {
  const strays = roomed.filter((file) =>
    /\b(?:fetch|assign|replace|open|EventSource|WebSocket)\([`"']\/|\b(?:href|action|src)=[{`"']*\/\w/.test(
      readFileSync(join(SOURCES, file), "utf8"),
    ),
  );
  expect(strays).toEqual([]);
});

test("pages do not import pages", () => {
  for (const file of roomed.filter((name) => name.startsWith("pages/"))) {
    const own = file.split("/").slice(0, 2).join("/");
    for (const target of imports(file)) {
      if (target.startsWith("pages/")) expect(target.split("/").slice(0, 2).join("/"), file).toBe(own);
    }
  }
});

test("no file grows beyond one room", () => {
  for (const file of roomed.filter((name) => !name.endsWith("schema.d.ts"))) {
    expect(readFileSync(join(SOURCES, file), "utf8").split("\n").length, file).toBeLessThanOrEqual(600);
  }
});
