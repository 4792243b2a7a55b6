/**
 * Names as people can tell them apart: what is invisible, or would turn the letters around it, is shown by its number. Names come from
 * outside: one that looks like nothing, or like another's, hides what it names.
 */

/** What takes no room, looks like a space or turns letters around, of all that stands in names. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
/** Scripts whose letters a joiner joins or parts before the reader's eyes. */
const JOINED = `[${"Arabic Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Mongolian"
  .split(" ")
  .map((script) => `\\p{Script=${script}}`)
  .join("")}]`;
/** What is seen as what it joins: flags of regions, sequences of emoji, letters with a joiner, old forms of Chinese ones. */
const SEEN = [
  "\\u{1f3f4}[\\u{e0020}-\\u{e007f}]+",
  "\\p{Extended_Pictographic}(?:\\ufe0e|\\ufe0f|\\p{EMod})*(?:\\u200d\\p{Extended_Pictographic}(?:\\ufe0f|\\p{EMod})*)*",
  "[0-9#*]\\ufe0f\\u20e3",
  `(?<=${JOINED})(?:\\u200c|\\u200d)(?=${JOINED})`,
  "(?<=\\p{Script=Han})[\\u{e0100}-\\u{e01ef}]",
].join("|");
const EVERY_HIDDEN = new RegExp(`(${SEEN})|${HIDDEN.source}`, "gu");
/** In prose line breaks, soft hyphens and marks of direction do their work; what overrides or hides does not belong there either. */
const PROSE = /[\n\r\t\u00ad\u200e\u200f\u061c]|\u200c|\u200d|\p{Variation_Selector}|\p{Zs}/u;
/** Most names are of these alone, which is seen fastest. */
const PLAIN = /^[ -~]*$/;
const AT_EDGES = /^ +| +$| {2,}/g;
const SIGNS: Record<string, string> = { "\n": "↵", "\r": "↵", "\t": "⇥" };

function hides(text: string): boolean {
  return !PLAIN.test(text) && HIDDEN.test(text);
}

function numberOf(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `⟨U+${number.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** A name in one line: nothing in it is invisible, and spaces that HTML would swallow are shown as `␣`. */
export function legible(name: string): string {
  const shown = hides(name)
    ? name.replace(EVERY_HIDDEN, (found, seen) => (seen === undefined ? (SIGNS[found] ?? numberOf(found)) : found))
    : name;
  return shown.replace(AT_EDGES, (spaces) => "␣".repeat(spaces.length));
}

/** The same for what people and models write, in which lines and spaces are what they are. */
export function legibleText(text: string): string {
  if (!hides(text)) return text;
  return text.replace(EVERY_HIDDEN, (found, seen) =>
    seen !== undefined || PROSE.test(found) ? found : numberOf(found),
  );
}

/** What an element says: its text, and the words that browsers show or read for it. */
const SAID = ["children", "title", "aria-label", "placeholder"] as const;

/** The properties of an element with nothing hidden in what it says; the same object where there was nothing. */
export function legibleProps<Props>(props: Props): Props {
  let changed: Record<string, unknown> | null = null;
  const given = props as Record<string, unknown>;
  for (const name of SAID) {
    const shown = legibleChild(given[name]);
    if (shown !== given[name]) changed = { ...(changed ?? given), [name]: shown };
  }
  return (changed as Props | null) ?? props;
}

function legibleChild(child: unknown): unknown {
  if (typeof child === "string") return legibleText(child);
  if (!Array.isArray(child) || !child.some((each) => typeof each === "string" && hides(each))) return child;
  return child.map((each) => (typeof each === "string" ? legibleText(each) : each));
}
