import type { TaskStatus } from "~/api/types";
import type { PlacedLink } from "./layout";
import { clip, undated } from "./names";
import type { PlanView } from "./plan";
import type { Step, Story } from "./steps";
import type { RunModel, Span } from "./types";
import { deedOf, inWords, ordinalWord, wordsOf } from "./verbs";

/** A part of a sentence: plain, strong, a model's name, or what went wrong. */
export type Piece = string | { strong: string } | { model: string } | { wrong: string };

export interface Sentence {
  kind: "sentence";
  key: string;
  step: Step;
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
  for (const [index, step] of story.steps.entries()) {
    lines.push({
      kind: "sentence",
      key: step.key,
      step,
      pieces: piecesOf(step, run, context),
      quote: quoteOf(step),
      inside: step.stem.map(({ span }) => span),
      insideHidden: step.stemHidden,
    });
    const link = links[index];
    const pause = link === undefined ? null : pauseAfter(step, link);
    if (pause !== null) lines.push(pause);
  }
  return lines;
}

function pauseAfter(step: Step, link: PlacedLink): Pause | null {
  const key = `${step.key}:pause`;
  if (link.arrives === "backoff" && link.backoffMs > 0)
    return { kind: "pause", key, span: step.span, ms: link.backoffMs, reason: "backoff" };
  if (link.tone === "human" && link.elapsedMs >= PERSON_MS)
    return { kind: "pause", key, span: step.span, ms: link.elapsedMs, reason: "person" };
  if (link.tone === "idle" && link.elapsedMs >= NOTHING_MS)
    return { kind: "pause", key, span: step.span, ms: link.elapsedMs, reason: "nothing" };
  return null;
}

function quoteOf(step: Step): string | null {
  const { span } = step;
  if (span.llm !== null && span.llm.responsePreview !== null) return clip(span.llm.responsePreview, QUOTE_CHARACTERS);
  return null;
}

function piecesOf(step: Step, run: RunModel, context: TaleContext): Piece[] {
  const { span } = step;
  switch (step.shape) {
    case "start": {
      const again = context.runNumber > 1 ? ` for the ${ordinalWord(context.runNumber)} time` : "";
      return [{ strong: context.agent }, ` took up ${context.task}${again}.`];
    }
    case "llm_call":
      return llmSentence(span, step.failed);
    case "plan":
      return planSentence(context.plan, span);
    case "approval_asked": {
      const whom = span.human?.askedOf;
      return [
        "It asked ",
        whom ? { strong: whom } : "a person",
        ` to approve${span.summary ? `: “${clip(span.summary, 160)}”` : "."}`,
      ];
    }
    case "approval_answered": {
      const who = span.human?.answeredBy;
      const said = span.human?.answer;
      return [{ strong: who ?? "A person" }, ` ${step.name}${said ? `: “${clip(said, 200)}”` : "."}`];
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
      return openEnd(context.task_state);
    case "completed":
      return [
        { strong: "It was done" }, // The client says as much by itself; only what an agent added is worth a sentence.
        span.summary && span.summary !== `Task ${context.task} completed` ? ended(`: ${clip(span.summary, 200)}`) : ".",
      ];
    case "failed":
      return failedSentence(run, context.plan);
    case "action":
      return actionSentence(step);
  }
}

/** The end of a run that has none. */
function openEnd({ status, approver, question, since }: TaskState): Piece[] {
  switch (status) {
    case "waiting":
      return [
        "It waits for ",
        { strong: approver ?? "a person" },
        ` since ${since}`,
        question === null ? "." : `: “${clip(question, 160)}”`,
      ];
    case "stuck":
      return [{ wrong: "Nothing was heard of it" }, ` since ${since}: its process fell silent.`];
    case "escalated":
      return [`It has been handed over since ${since}, and is open.`];
    default:
      return ["It is still running."];
  }
}

function llmSentence(span: Span, failed: boolean): Piece[] {
  // The name of a call is a name: whether its first word is a verb (`release notes`) nobody can tell.
  const what = span.name === "" ? "" : `: ${wordsOf(span.name).join(" ")}`;
  const model = { model: undated(span.llm?.model ?? "a model") };
  return failed
    ? ["It asked ", model, `${what}, and `, { wrong: "that failed" }, "."]
    : ["It asked ", model, `${what}.`];
}

function planSentence(plan: PlanView | null, span: Span): Piece[] {
  const steps = Number(/\d+/.exec(span.name)?.[0] ?? 0);
  const goal = span.summary ?? plan?.goal ?? null;
  return [
    `It planned ${inWords(steps)} ${steps === 1 ? "step" : "steps"}${goal ? ended(`: ${clip(goal, 200)}`) : "."}`,
  ];
}

function actionSentence(step: Step): Piece[] {
  const { span } = step;
  const failure = step.failed ? (span.exception?.type ?? null) : null;
  const reason = step.failed ? (span.exception?.message ?? null) : null;
  const attempt = span.attempt;
  if (attempt !== null && attempt > 1) {
    const again = attempt === 2 ? "It tried again" : `It tried a ${ordinalWord(attempt)} time`;
    if (!step.failed) return [span.outcome === "open" ? `${again}.` : `${again}, and it worked.`];
    return [`${again}: `, { wrong: failure ?? "failed" }, reason === null ? "." : ended(`, ${clip(reason, 160)}`)];
  }
  const name = step.name;
  const deed = deedOf(name);
  if (step.failed)
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
