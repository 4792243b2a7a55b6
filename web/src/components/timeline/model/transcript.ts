import type { TaskStatus } from "~/api/types";
import type { PlanView } from "./plan";
import { groupRepeats, type Repeats } from "./repeats";
import { sumWords } from "./row-sum";
import {
  answerPieces,
  askedPieces,
  beginPieces,
  closePieces,
  completedPieces,
  escalationPieces,
  failedPieces,
  notePieces,
  openEnd,
  type Piece,
  planPieces,
  quoteOf,
  repeatPieces,
  startPieces,
  workPieces,
} from "./sentences";
import { firstOf, type Item, inOrderOfTime, sideBySide } from "./side-by-side";
import type { RunModel, Span } from "./types";

/** Which moment of a span a sentence tells of: all of it (`does`), or one end of what has more inside. */
export type Role = "start" | "does" | "begins" | "ends" | "asked" | "answered" | "end";

export interface Sentence {
  kind: "sentence";
  key: string;
  span: Span;
  role: Role;
  atMs: number;
  /** How long what is told of took; null for a moment. */
  tookMs: number | null;
  /** How deep inside of other work. */
  depth: number;
  pieces: Piece[];
  /** Somebody's own words: a model's answer. */
  quote: string | null;
  /** How many spans are inside, and whether they are left out. */
  inside: number;
  folded: boolean;
  /** What a row of like work comes to; empty for what is one thing. */
  sums: readonly string[];
  /** What is folded and unfolded by: a span's id, or that of a row of like ones. */
  foldKey: string;
  /** What it is inside of, where others that go on at once stand between it and that. */
  branch: string | null;
}

export interface Pause {
  kind: "pause";
  key: string;
  span: Span;
  depth: number;
  ms: number;
  /** Who or what was waited for. */
  reason: "person" | "backoff" | "nothing";
}

export type TaleLine = Sentence | Pause;

export interface TaleContext {
  agent: string;
  task: string;
  /** 1 for the first run of the task. */
  runNumber: number;
  plan: PlanView | null;
  /** Where the run stands now. */
  task_state: TaskState;
}

/** What is known of a run that is open. */
export interface TaskState {
  status: TaskStatus;
  /** Whom it waits for and what it asked, where it waits. */
  approver: string | null;
  question: string | null;
  /** Already in words: `14:21`. */
  since: string;
}

/** Waits below these lengths need no line of their own. */
const PERSON_MS = 1_000;
const NOTHING_MS = 30_000;

/**
 * Tells a run in plain sentences, in the waterfall's order: what is inside of something is told after it began and before it ended.
 * Branches that go on at once are told in order of time, each line with the branch that it belongs to.
 *
 * @param toggled the fold keys that the reader has turned over
 * @param shown a span that must be in sight: what it is inside of is not folded
 */
export function tellTale(
  run: RunModel,
  context: TaleContext,
  toggled: ReadonlySet<string> = new Set(),
  shown: Span | null = null,
): TaleLine[] {
  return new Teller(run, context, toggled, shown).tell();
}

/** What is told of a span that is a moment and no work. */
const MOMENTS: Partial<Record<Span["kind"], (span: Span, context: TaleContext) => Piece[]>> = {
  escalation: escalationPieces,
  plan: (span, { plan }) => planPieces(plan, span),
  note: notePieces,
};

class Teller {
  readonly #run: RunModel;
  readonly #context: TaleContext;
  readonly #toggled: ReadonlySet<string>;
  readonly #shown: ReadonlySet<Span>;
  #lines: TaleLine[] = [];
  /** Above zero while branches are told that go on at once: the silence of one is not the run's. */
  #quiet = 0;
  /** The end of everything that was told so far: what comes later than that comes after a silence. */
  #busyUntilMs: number;

  constructor(run: RunModel, context: TaleContext, toggled: ReadonlySet<string>, shown: Span | null) {
    this.#run = run;
    this.#context = context;
    this.#toggled = toggled;
    this.#busyUntilMs = run.startMs;
    const above = new Set<Span>();
    for (let span = shown; span !== null; span = span.parent) above.add(span);
    this.#shown = above;
  }

  tell(): TaleLine[] {
    const { root } = this.#run;
    this.#say(root, "start", root.startMs, 0, startPieces(this.#context));
    this.#tellInside(root, 0);
    this.#silence(root, root.endMs, 0);
    const { task_state, plan, task } = this.#context;
    const pieces = this.#run.open
      ? openEnd(task_state)
      : root.outcome === "failed"
        ? failedPieces(this.#run, plan)
        : completedPieces(root, task);
    this.#say(root, "end", root.endMs, 0, pieces);
    return this.#lines;
  }

  #tellInside(parent: Span, depth: number): void {
    const asked: Span[] = [];
    const answersUntil = (untilMs: number) => {
      asked.sort((a, b) => a.endMs - b.endMs);
      while (asked[0] !== undefined && asked[0].endMs <= untilMs) this.#tellAnswer(asked.shift() as Span, depth);
    };
    const items = groupRepeats(parent.children, this.#run.spans.length);
    for (const together of sideBySide(items, (item) => this.#isOpened(item))) {
      const first = firstOf(together[0] as Item);
      answersUntil(first.startMs);
      this.#silence(first, first.startMs, depth);
      if (together.length > 1) this.#tellSideBySide(together, depth);
      else {
        const item = together[0] as Item;
        this.#tellItem(item, depth);
        if (!("spans" in item) && item.kind === "approval") asked.push(item);
      }
    }
    answersUntil(Number.POSITIVE_INFINITY);
  }

  #tellItem(item: Item, depth: number): void {
    if ("spans" in item) this.#tellRepeats(item, depth);
    else this.#tellSpan(item, depth);
  }

  /** Branches that go on at once: each is told as ever, and their lines stand in order of time. */
  #tellSideBySide(items: readonly Item[], depth: number): void {
    const before = this.#lines;
    this.#quiet += 1;
    const branches = items.map((item) => {
      this.#lines = [];
      this.#tellItem(item, depth);
      if (!("spans" in item) && item.kind === "approval") this.#tellAnswer(item, depth);
      return { name: firstOf(item).name, lines: this.#lines };
    });
    this.#quiet -= 1;
    this.#lines = before;
    this.#lines.push(...inOrderOfTime(branches, depth));
  }

  #isOpened(item: Item): boolean {
    if ("spans" in item) return !this.#isFolded(item.key, true, item.spans);
    return item.kind === "approval" || (sizeOf(item) > 0 && !this.#isFolded(item.id, isPlain(item), [item]));
  }

  #tellSpan(span: Span, depth: number): void {
    const moment = MOMENTS[span.kind];
    if (span.kind === "retry") this.#tellRetry(span, depth);
    else if (span.kind === "approval") this.#say(span, "asked", span.startMs, depth, askedPieces(span));
    else if (moment !== undefined) this.#say(span, "does", span.startMs, depth, moment(span, this.#context));
    else if (span.kind !== "task") this.#tellWork(span, depth);
  }

  #tellWork(span: Span, depth: number): void {
    const inside = sizeOf(span);
    const tookMs = span.endMs - span.startMs;
    const folded = inside > 0 && this.#isFolded(span.id, isPlain(span), [span]);
    if (inside === 0 || folded) {
      this.#say(span, "does", span.startMs, depth, workPieces(span), { tookMs, inside, folded });
      this.#busyUntilMs = Math.max(this.#busyUntilMs, span.endMs);
      return;
    }
    this.#say(span, "begins", span.startMs, depth, beginPieces(span), { inside });
    this.#tellInside(span, depth + 1);
    if (span.outcome !== "open") this.#say(span, "ends", span.endMs, depth, closePieces(span), { tookMs });
    this.#busyUntilMs = Math.max(this.#busyUntilMs, span.endMs);
  }

  #tellRepeats(repeats: Repeats, depth: number): void {
    const { spans, key } = repeats;
    const first = spans[0] as Span;
    const last = spans.at(-1) as Span;
    const folded = this.#isFolded(key, true, spans);
    this.#say(first, folded ? "does" : "begins", first.startMs, depth, repeatPieces(repeats), {
      tookMs: Math.max(...spans.map((span) => span.endMs)) - first.startMs,
      inside: spans.length,
      folded,
      foldKey: key,
      sums: sumWords(repeats),
    });
    if (folded) this.#busyUntilMs = Math.max(this.#busyUntilMs, last.endMs);
    else for (const span of spans) this.#tellSpan(span, depth + 1);
  }

  /** The pause before another try; and the try itself where the agent did not track it. */
  #tellRetry(span: Span, depth: number): void {
    const ms = span.backoffMs ?? span.endMs - span.startMs;
    if (ms > 0) this.#lines.push({ kind: "pause", key: `${span.id}:pause`, span, depth, ms, reason: "backoff" });
    this.#busyUntilMs = Math.max(this.#busyUntilMs, span.startMs + ms);
    const tracked = span.parent?.children.some((other) => other.kind !== "retry" && other.attempt === span.attempt);
    if (!tracked) this.#say(span, "does", span.startMs + ms, depth, workPieces(span));
  }

  #tellAnswer(span: Span, depth: number): void {
    const ms = span.endMs - span.startMs;
    if (ms >= PERSON_MS)
      this.#lines.push({ kind: "pause", key: `${span.id}:pause`, span, depth, ms, reason: "person" });
    this.#busyUntilMs = Math.max(this.#busyUntilMs, span.endMs);
    if (span.outcome !== "open" && span.outcome !== "unknown")
      this.#say(span, "answered", span.endMs, depth, answerPieces(span));
  }

  #silence(next: Span, atMs: number, depth: number): void {
    const ms = atMs - this.#busyUntilMs;
    // While an open run does nothing, its end says so.
    if (this.#quiet > 0 || ms < NOTHING_MS || (this.#run.open && next === this.#run.root)) return;
    this.#lines.push({ kind: "pause", key: `${next.id}:silence:${atMs}`, span: next, depth, ms, reason: "nothing" });
    this.#busyUntilMs = atMs;
  }

  #isFolded(key: string, byItself: boolean, spans: readonly Span[]): boolean {
    if (spans.some((span) => this.#shown.has(span) && (spans.length > 1 || !isInnermost(this.#shown, span))))
      return false;
    return this.#toggled.has(key) !== byItself;
  }

  #say(
    span: Span,
    role: Role,
    atMs: number,
    depth: number,
    pieces: Piece[],
    more: Partial<Pick<Sentence, "tookMs" | "inside" | "folded" | "foldKey" | "sums">> = {},
  ): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, atMs);
    this.#lines.push({
      kind: "sentence",
      key: `${more.foldKey ?? span.id}:${role}`,
      span,
      role,
      atMs,
      depth,
      pieces,
      quote: role === "does" && more.foldKey === undefined ? quoteOf(span) : null,
      tookMs: null,
      inside: 0,
      folded: false,
      sums: [],
      foldKey: span.id,
      branch: null,
      ...more,
    });
  }
}

/** Whether a span is the innermost of those that must be in sight: it is told itself, folded or not. */
function isInnermost(shown: ReadonlySet<Span>, span: Span): boolean {
  return !span.children.some((child) => shown.has(child));
}

/** Whether nothing is inside but work that went well: it is folded until somebody asks for it. */
function isPlain(span: Span): boolean {
  return span.children.every((child) => child.kind === "action" && child.outcome === "done" && isPlain(child));
}

/** How many spans are inside of one, at any depth. */
function sizeOf(span: Span): number {
  return span.children.reduce((sum, child) => sum + 1 + sizeOf(child), 0);
}
