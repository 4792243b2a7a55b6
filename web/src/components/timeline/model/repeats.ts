import { record, text } from "./payload";
import type { RunModel, Span } from "./types";

/** A row of like work: the same again and again, or the same few in turn, all of it done. */
export interface Repeats {
  key: string;
  spans: readonly Span[];
  /** How many of them make one turn. */
  period: number;
}

const KEY = "repeats:";
/** So many turns in a row are one line until somebody asks for them. */
const LEAST_TURNS = 6;
/** A turn is of so many at most: think, act, look, note, and what stands between them. */
const LONGEST_TURN = 12;
/** Runs below this size are read whole. */
const LARGE_RUN_SPANS = 60;

/** The children of a span in order, with rows of like work put together where a run is large. */
export function groupRepeats(children: readonly Span[], runSpans: number): (Span | Repeats)[] {
  if (runSpans < LARGE_RUN_SPANS) return [...children];
  const likenesses = children.map(likenessOf);
  const items: (Span | Repeats)[] = [];
  for (let index = 0; index < children.length; ) {
    const row = longestRow(likenesses, index);
    if (row === null) {
      items.push(children[index] as Span);
      index += 1;
      continue;
    }
    const spans = children.slice(index, index + row.length);
    items.push({ key: `${KEY}${spans[0]?.id}`, spans, period: row.period });
    index += row.length;
  }
  return items;
}

/** Whether this is the key of a row of like work, rather than of a span. */
export function isRowKey(key: string): boolean {
  return key.startsWith(KEY);
}

/** Whether a span is one of such a row, or inside of one. */
export function isInRow(run: RunModel, key: string, span: Span | null): boolean {
  const parent = run.byId.get(key.slice(KEY.length))?.parent;
  if (!isRowKey(key) || parent === null || parent === undefined) return false;
  let outermost = span;
  while (outermost !== null && outermost.parent !== parent) outermost = outermost.parent;
  if (outermost === null) return false;
  const row = groupRepeats(parent.children, run.spans.length).find((item) => "spans" in item && item.key === key);
  return row !== undefined && "spans" in row && row.spans.includes(outermost);
}

/** How often it went through the same. */
export function turnsOf({ spans, period }: Repeats): number {
  return spans.length / period;
}

/** What one turn is called: `search, read`. */
export function turnName({ spans, period }: Repeats): string {
  return spans
    .slice(0, period)
    .map(({ name }) => name)
    .join(", ");
}

/** `×1,400`, as it stands behind the name. */
export function turnCount(repeats: Repeats): string {
  return `×${turnsOf(repeats).toLocaleString("en-US")}`;
}

/** The row of whole turns that begins here; of those that reach equally far the one of the shortest turn. */
function longestRow(likenesses: readonly (string | null)[], from: number): { length: number; period: number } | null {
  let found: { length: number; period: number } | null = null;
  for (let period = 1; period <= LONGEST_TURN; period += 1) {
    if (likenesses[from + period - 1] == null) break;
    let end = from + period;
    while (end < likenesses.length && likenesses[end] !== null && likenesses[end - period] === likenesses[end])
      end += 1;
    const turns = Math.floor((end - from) / period);
    const length = turns * period;
    if (turns >= LEAST_TURNS && length > (found?.length ?? 0)) found = { length, period };
  }
  return found;
}

const likenesses = new WeakMap<Span, { words: string | null }>();

/** What those that are like this one share with it; null for what is like nothing else. Once a span: rows are looked for at many lengths. */
function likenessOf(span: Span): string | null {
  const known = likenesses.get(span);
  if (known !== undefined) return known.words;
  const words = isRepeatable(span)
    ? [span.kind, nameIn(span), span.llm?.model ?? "", notedIn(span), kindsInside(span)].join("\n")
    : null;
  likenesses.set(span, { words });
  return words;
}

/** What asks to be seen, or holds what does, is like nothing else: it is what people look for. */
function isRepeatable(span: Span): boolean {
  return REPEATABLE.has(span.kind) && span.attempt === null && !asks(span) && !holdsWhatAsks(span);
}

/** What counts is no name: `page 17` is `page 18`. Only of notes; an action with a figure in its name is one by itself. */
function nameIn({ kind, name }: Span): string {
  return kind === "note" ? withoutFigures(name) : name;
}

function withoutFigures(words: string): string {
  return words.replace(/\d+/g, "#");
}

/**
 * What a note says, where that is what tells it from others: notes of an agent's own kind (`progress`) are alike by it; what the server
 * knows by itself (an issue, a to-do) is the same only in the same words, its figures aside.
 */
function notedIn({ kind, events, summary }: Span): string {
  const own = events.every(({ event_type, render_hint, payload }) => {
    const named = event_type === "custom" && (render_hint ?? null) === null;
    return named && text(record(payload).kind) !== null;
  });
  return kind !== "note" || own ? "" : withoutFigures(summary ?? "");
}

/** Of which kinds the children are, however many of each. */
function kindsInside(span: Span): string {
  return [...new Set(span.children.map(({ kind }) => kind))].sort().join();
}

/** Kinds of spans that say nothing but that work was done. */
const PLAIN: ReadonlySet<Span["kind"]> = new Set(["action", "llm", "plan", "note"]);
/** Kinds of spans that may be done again and again; each step of a plan is one of its own. */
const REPEATABLE: ReadonlySet<Span["kind"]> = new Set(["action", "llm", "note"]);

/** What did not end well, a person who was asked, a second try, a note that warns, or of which nobody knows yet whether it does. */
function asks(span: Span): boolean {
  if (span.outcome !== "done" || !PLAIN.has(span.kind)) return true;
  if (span.kind !== "note") return false;
  return (
    span.events.length < span.eventIds.length ||
    span.events.some(({ severity }) => severity === "warn" || severity === "error")
  );
}

const holding = new WeakMap<Span, boolean>();

/** Whether something inside of it asks to be seen. Iterative, and once a span: trees may be deep. */
function holdsWhatAsks(span: Span): boolean {
  const known = holding.get(span);
  if (known !== undefined) return known;
  const below: Span[] = [span];
  for (let index = 0; index < below.length; index += 1)
    for (const child of (below[index] as Span).children) below.push(child);
  for (const each of below.reverse())
    holding.set(
      each,
      each.children.some((child) => asks(child) || holding.get(child) === true),
    );
  return holding.get(span) === true;
}
