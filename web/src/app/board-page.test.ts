import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = `${resolve(import.meta.dirname, "../../..")}/`;
const PAGE = readFileSync(`${ROOT}docs/board.md`, "utf8");

/** The questions of docs/board.md: what is asked, and the test that shows the answer. */
const QUESTIONS = PAGE.split("\n").flatMap((line) => {
  const [, question, , shownBy] = line.split("|").map((cell) => cell.trim());
  const [, file, title] = /^`([^`]+)` › (.+)$/.exec(shownBy ?? "") ?? [];
  return question === undefined || file === undefined || title === undefined ? [] : [{ question, file, title }];
});

describe("docs/board.md", () => {
  it("answers 38 questions, each once", () => {
    expect(new Set(QUESTIONS.map(({ question }) => question)).size).toBe(38);
    expect(QUESTIONS).toHaveLength(38);
  });

  it.each(QUESTIONS)("$question is shown by a test that exists", ({ file, title }) => {
    expect(existsSync(`${ROOT}${file}`), `${file} is missing`).toBe(true);
    const source = readFileSync(`${ROOT}${file}`, "utf8");
    const written = file.endsWith(".rs") ? [`fn ${title}(`] : [`"${title}"`, `\`${title}\``];
    expect(
      written.some((name) => source.includes(name)),
      `${file} has no test “${title}”`,
    ).toBe(true);
  });

  it("shows no picture that there is not, and neither does the README", () => {
    const shown = [PAGE, readFileSync(`${ROOT}README.md`, "utf8")].flatMap((text) =>
      [...text.matchAll(/!\[[^\]]+\]\((?:docs\/)?(pictures\/[^)]+)\)/g)].map((match) => match[1]),
    );
    for (const picture of shown) expect(existsSync(`${ROOT}docs/${picture}`), picture).toBe(true);
    expect(readdirSync(`${ROOT}docs/pictures`).length).toBeGreaterThan(0);
  });
});
