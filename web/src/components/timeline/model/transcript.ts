import type { Beat, Story } from "./beats";
import type { PlacedLink } from "./layout";
import { clip, undated } from "./names";
import type { PlanView } from "./plan";
import type { RunModel, Span } from "./types";
import { deedOf, inWords, ordinalWord, wordsOf } from "./verbs";

/** A part of a sentence: plain, strong, a model's name, or what went wrong. */
export type Piece = string | { strong: string } | { model: string } | { wrong: string };

export interface Sentence {
  kind: "sentence";
  key: string;
  beat: Beat;
  pieces: Piece[];
  /** Somebody's own words: a model's answer, a person's reason. */
  quote: string | null;
  /** Work inside, told when unfolded. */
  inside: Span[];
  insideHidden: number;
}

export interface Pause {
  kind: "pause";
  key: string;
  span: Span;
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
}

const QUOTE_CHARACTERS = 420;
/** Waits below these lengths need no line of their own. */
const PERSON_MS = 1_000;
const NOTHING_MS = 30_000;

/** With a full stop, unless it ends by itself. */
function ended(words: string): string {
  return /[.!?…”]$/.test(words) ? words : `${words}.`;
}

/** Tells a run in plain sentences, from what the story shows: same nodes, same order. */
export function tellTale(run: RunModel, story: Story, links: readonly PlacedLink[], context: TaleContext): TaleLine[] {
  const lines: TaleLine[] = [];
  for (const [index, beat] of story.beats.entries()) {
    lines.push({
      kind: "sentence",
      key: beat.key,
      beat,
      pieces: piecesOf(beat, run, context),
      quote: quoteOf(beat),
      inside: beat.stem.map(({ span }) => span),
      insideHidden: beat.stemHidden,
    });
    const link = links[index];
    const pause = link === undefined ? null : pauseAfter(beat, link);
    if (pause !== null) lines.push(pause);
  }
  return lines;
}

function pauseAfter(beat: Beat, link: PlacedLink): Pause | null {
  const key = `${beat.key}:pause`;
  if (link.arrives === "backoff" && link.backoffMs > 0)
    return { kind: "pause", key, span: beat.span, ms: link.backoffMs, reason: "backoff" };
  if (link.tone === "human" && link.elapsedMs >= PERSON_MS)
    return { kind: "pause", key, span: beat.span, ms: link.elapsedMs, reason: "person" };
  if (link.tone === "idle" && link.elapsedMs >= NOTHING_MS)
    return { kind: "pause", key, span: beat.span, ms: link.elapsedMs, reason: "nothing" };
  return null;
}

function quoteOf(beat: Beat): string | null {
  const { span } = beat;
  if (span.llm !== null && span.llm.responsePreview !== null) return clip(span.llm.responsePreview, QUOTE_CHARACTERS);
  return null;
}

function piecesOf(beat: Beat, run: RunModel, context: TaleContext): Piece[] {
  const { span } = beat;
  switch (beat.shape) {
    case "start": {
      const again = context.runNumber > 1 ? ` for the ${ordinalWord(context.runNumber)} time` : "";
      return [{ strong: context.agent }, ` took up ${context.task}${again}.`];
    }
    case "llm":
      return llmSentence(span, beat.failed);
    case "plan":
      return planSentence(context.plan, span);
    case "asked": {
      const whom = span.human?.askedOf;
      return [
        "It asked ",
        whom ? { strong: whom } : "a person",
        ` to approve${span.summary ? `: “${clip(span.summary, 160)}”` : "."}`,
      ];
    }
    case "answered": {
      const who = span.human?.answeredBy;
      const said = span.human?.answer;
      return [{ strong: who ?? "A person" }, ` ${beat.name}${said ? `: “${clip(said, 200)}”` : "."}`];
    }
    case "escalated": {
      const whom = span.human?.askedOf;
      return [
        "It handed over to ",
        whom ? { strong: whom } : "a person",
        span.summary ? `: “${clip(span.summary, 200)}”` : ".",
      ];
    }
    case "note":
      return [ended(`It noted ${wordsOf(span.name).join(" ")}${span.summary ? `: ${clip(span.summary, 200)}` : ""}`)];
    case "running":
      return ["It is still running."];
    case "ended-done":
      return [
        { strong: "It was done" }, // The client says as much by itself; only what an agent added is worth a sentence.
        span.summary && span.summary !== `Task ${context.task} completed` ? ended(`: ${clip(span.summary, 200)}`) : ".",
      ];
    case "ended-failed":
      return failedSentence(run, context.plan);
    case "action":
      return actionSentence(beat);
  }
}

function llmSentence(span: Span, failed: boolean): Piece[] {
  const deed = deedOf(span.name);
  const what = deed === null ? ` for ${wordsOf(span.name).join(" ")}` : ` to ${deed.base}`;
  const model = { model: undated(span.llm?.model ?? "a model") };
  return failed
    ? ["It asked ", model, what, ", and ", { wrong: "that failed" }, "."]
    : ["It asked ", model, `${what}.`];
}

function planSentence(plan: PlanView | null, span: Span): Piece[] {
  const steps = Number(/\d+/.exec(span.name)?.[0] ?? 0);
  const goal = span.summary ?? plan?.goal ?? null;
  return [
    `It planned ${inWords(steps)} ${steps === 1 ? "step" : "steps"}${goal ? ended(`: ${clip(goal, 200)}`) : "."}`,
  ];
}

function actionSentence(beat: Beat): Piece[] {
  const { span } = beat;
  const failure = beat.failed ? (span.exception?.type ?? null) : null;
  const reason = beat.failed ? (span.exception?.message ?? null) : null;
  const attempt = span.attempt;
  if (attempt !== null && attempt > 1) {
    const again = attempt === 2 ? "It tried again" : `It tried a ${ordinalWord(attempt)} time`;
    if (!beat.failed) return [span.outcome === "open" ? `${again}.` : `${again}, and it worked.`];
    return [`${again}: `, { wrong: failure ?? "failed" }, reason === null ? "." : ended(`, ${clip(reason, 160)}`)];
  }
  const name = beat.name;
  const deed = deedOf(name);
  if (beat.failed)
    return [
      ...(deed === null ? ["It ran ", { strong: name }, ": "] : [`It tried to ${deed.base}: `]),
      { wrong: failure ?? "failed" },
      reason === null ? "." : ended(`, ${clip(reason, 160)}`),
    ];
  const said = span.summary === null ? "." : ended(`: ${clip(span.summary, 160)}`);
  if (span.outcome === "open")
    return deed === null ? ["It runs ", { strong: name }, said] : [`It is at work to ${deed.base}${said}`];
  return deed === null ? ["It ran ", { strong: name }, said] : [`It ${deed.past}${said}`];
}

function failedSentence(run: RunModel, plan: PlanView | null): Piece[] {
  const { exception } = run.root;
  const pieces: Piece[] = [{ wrong: "It failed" }];
  if (exception?.type) pieces.push(` with ${exception.type}`);
  pieces.push(exception?.message ? `: ${clip(exception.message, 200)}.` : ".");
  const missed = plan?.steps.filter((step) => step.state === "pending" || step.state === "skipped") ?? [];
  const first = missed[0];
  if (first !== undefined)
    pieces.push(
      missed.length === 1
        ? ` Step ${first.index + 1}, ${first.description.toLowerCase()}, was never reached.`
        : ` ${missed.length} steps of its plan were never reached.`,
    );
  return pieces;
}
