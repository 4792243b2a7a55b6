import { groupRepeats, type Repeats, turnName } from "./repeats";
import type { Step, Story } from "./steps";
import type { RunModel, Span } from "./types";

/** Rows of like work around a span, innermost first: those that the reader opened. */
interface Opened {
  repeats: Repeats;
  outer: Opened | null;
}

interface Place {
  /** The outermost row of like work around it that is folded. */
  folded: Repeats | null;
  opened: Opened | null;
}

/**
 * The story with each row of like work as one step, as waterfall and transcript have it. Of a row that the reader opened the step stays
 * in front of what it stands for, so that it can be folded again.
 *
 * @param toggled the rows that the reader opened
 * @param shown a span that must be in sight: the rows that it is in are not folded
 */
export function foldStory(story: Story, run: RunModel, toggled: ReadonlySet<string>, shown: Span | null = null): Story {
  const places = placesOf(run, toggled, shown);
  const told = new Set<Repeats>();
  const steps = story.steps.flatMap((step) => {
    const place = places.get(step.span);
    if (place === undefined) return [step];
    const lines: Step[] = [];
    for (let open = place.opened; open !== null && !told.has(open.repeats); open = open.outer) {
      told.add(open.repeats);
      lines.unshift(stepOf(open.repeats, step, false));
    }
    if (place.folded === null) lines.push(step);
    else if (!told.has(place.folded)) {
      told.add(place.folded);
      lines.push(stepOf(place.folded, step, true));
    }
    return lines;
  });
  return steps.length === story.steps.length ? story : { ...story, steps };
}

function placesOf(run: RunModel, toggled: ReadonlySet<string>, shown: Span | null): ReadonlyMap<Span, Place> {
  const above = new Set<Span>();
  for (let span = shown; span !== null; span = span.parent) above.add(span);
  const places = new Map<Span, Place>([[run.root, { folded: null, opened: null }]]);
  const queue: Span[] = [run.root];
  for (let index = 0; index < queue.length; index += 1) {
    const parent = queue[index] as Span;
    const around = places.get(parent) as Place;
    for (const item of groupRepeats(parent.children, run.spans.length)) {
      const place = "spans" in item ? inside(item, around, toggled, above) : around;
      for (const span of "spans" in item ? item.spans : [item]) {
        places.set(span, place);
        queue.push(span);
      }
    }
  }
  return places;
}

function inside(repeats: Repeats, around: Place, toggled: ReadonlySet<string>, above: ReadonlySet<Span>): Place {
  if (around.folded !== null) return around;
  const open = toggled.has(repeats.key) || repeats.spans.some((span) => above.has(span));
  return open
    ? { folded: null, opened: { repeats, outer: around.opened } }
    : { folded: repeats, opened: around.opened };
}

/** The step that stands for a row of like work; it comes as the first of them came. */
function stepOf(repeats: Repeats, first: Step, folded: boolean): Step {
  const span = repeats.spans[0] as Span;
  return {
    ...first,
    key: repeats.key,
    span,
    shape: "repeats",
    failed: false,
    name: turnName(repeats),
    // Where it is open, the steps behind it tell how long they took.
    workEndMs: folded ? Math.max(...repeats.spans.map(({ endMs }) => endMs)) : first.atMs,
    tone: span.kind === "llm" ? "llm" : "work",
    stem: [],
    stemHidden: 0,
    approval: null,
    repeats: { of: repeats, folded },
  };
}
