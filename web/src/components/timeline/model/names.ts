/** Average advance of a character of the node's name (11.5 px, medium): good enough to lay out by, without asking the browser. */
export const NAME_CHARACTER_PX = 6.8;
export const SMALL_CHARACTER_PX = 5.9;

/** `claude-sonnet-4-20250514` → `sonnet-4`, `gpt-4o-mini` → `4o-mini`: what tells models apart in a small pill. */
export function shortModel(model: string): string {
  const bare = model
    .replace(/^.*\//, "")
    .replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2}|latest|preview)$/, "")
    .replace(/^(?:claude|gpt|gemini|mistral|models?)-/, "")
    // Anthropic writes the minor version after a dash; a point reads as what it is.
    .replace(/^(haiku|sonnet|opus)-(\d+)-(\d+)$/, "$1-$2.$3");
  return fitted(bare, 14);
}

/** Without the date that makers put behind a model's name. */
export function undated(model: string): string {
  return model.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2})$/, "");
}

/** Shortens to so many characters, with an ellipsis as the last; what is one character to the reader is not torn apart. */
export function clip(words: string, characters: number): string {
  if (words.length <= characters) return words;
  return cut(words, characters, () => 1);
}

const WIDE = /[WM@%\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\p{Extended_Pictographic}]/u;
const NOTHING = /[\p{M}\u200d]/u;

/** How much wider than the average a character is drawn. */
function weight(character: string): number {
  if (character < "@") return character === "%" ? 1.8 : 1;
  if (NOTHING.test(character)) return 0;
  return WIDE.test(character) ? (character < "\u2e80" ? 1.8 : 1.9) : 1;
}

/** The width of words, in average characters: what is laid out by how much is written would be overrun by W. */
export function widthOf(words: string): number {
  let width = 0;
  for (const character of words) width += weight(character);
  return width;
}

/** Shortens to what takes the room of so many average characters, with an ellipsis as the last. */
export function fitted(words: string, characters: number): string {
  return widthOf(words) <= characters ? words : cut(words, characters, weight);
}

function cut(words: string, characters: number, weigh: (character: string) => number): string {
  const kept: string[] = [];
  let width = 0;
  for (const character of words) {
    width += weigh(character);
    if (kept.length > 0 && width > characters - 1) break;
    kept.push(character);
  }
  return `${kept.join("").trimEnd()}…`;
}

/** Names up to this long stay whole: a break would make them harder to read, not narrower. */
const ONE_LINE = 10;

/** Breaks a name at its own joints into one or two lines of at most so many characters each. */
export function twoLines(name: string, characters: number): string[] {
  const width = widthOf(name);
  if (width <= Math.min(characters, ONE_LINE)) return [name];
  const joints: number[] = [];
  for (const match of name.matchAll(/[_\-./:\s]|[a-z](?=[A-Z])/g)) {
    const at = match.index + match[0].length;
    if (at < name.length) joints.push(at);
  }
  if (joints.length === 0 && width <= characters) return [name];
  const fitting = joints.filter((at) => widthOf(name.slice(0, at)) <= characters);
  // The most even break among those that leave both halves whole, else the last that fits.
  const whole = fitting.filter((at) => widthOf(name.slice(at)) <= characters);
  const middle = name.length / 2;
  const best =
    whole.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ??
    fitting.at(-1) ??
    cut(name, characters, weight).length - 1;
  const first = name.slice(0, best).trimEnd();
  return [joints.includes(best) ? first : `${first}-`, fitted(name.slice(best).trimStart(), characters)];
}
