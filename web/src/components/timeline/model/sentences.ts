import { sameException } from "./chain";
import { clip, undated } from "./names";
import type { PlanView } from "./plan";
import { type Repeats, turnName, turnsOf } from "./repeats";
import type { TaleContext, TaskState } from "./transcript";
import type { RunModel, Span } from "./types";
import { inWords, ordinalWord } from "./words";

/**
 * What the transcript says of each kind of span. Names stay names: whether the first word of one is a verb nobody can tell.
 */

/** A part of a sentence: plain, strong, a model's name, or what went wrong. */
export type Piece = string | { strong: string } | { model: string } | { wrong: string };

const QUOTE_CHARACTERS = 420;

/** With a full stop, unless it ends by itself. */
function ended(words: string): string {
  return /[.!?…”]$/.test(words) ? words : `${words}.`;
}

export function quoteOf({ llm }: Span): string | null {
  return llm === null || llm.responsePreview === null ? null : clip(llm.responsePreview, QUOTE_CHARACTERS);
}

export function startPieces({ agent, task, runNumber }: TaleContext): Piece[] {
  const again = runNumber > 1 ? ` for the ${ordinalWord(runNumber)} time` : "";
  return [{ strong: agent }, ` took up ${task}${again}.`];
}

export function askedPieces({ human, summary }: Span): Piece[] {
  const whom = human?.askedOf;
  return [
    "It asked ",
    whom ? { strong: whom } : "a person",
    ` to approve${summary ? `: “${clip(summary, 160)}”` : "."}`,
  ];
}

export function answerPieces({ human, outcome }: Span): Piece[] {
  const said = human?.answer;
  return [
    { strong: human?.answeredBy ?? "A person" },
    ` ${outcome === "failed" ? "rejected" : "approved"}${said ? `: “${clip(said, 200)}”` : "."}`,
  ];
}

export function escalationPieces({ human, summary }: Span): Piece[] {
  const whom = human?.askedOf;
  return ["It handed over to ", whom ? { strong: whom } : "a person", summary ? `: “${clip(summary, 200)}”` : "."];
}

export function notePieces({ name, summary }: Span): Piece[] {
  return ["It noted ", { strong: name }, summary ? ended(`: ${clip(summary, 200)}`) : "."];
}

export function planPieces(plan: PlanView | null, span: Span): Piece[] {
  const steps = Number(/\d+/.exec(span.name)?.[0] ?? 0);
  const goal = span.summary ?? plan?.goal ?? null;
  return [
    `It planned ${inWords(steps)} ${steps === 1 ? "step" : "steps"}${goal ? ended(`: ${clip(goal, 200)}`) : "."}`,
  ];
}

/** What went wrong, after a colon. */
function becauseOf({ exception }: Span): Piece[] {
  const { type, message } = exception ?? { type: null, message: null };
  const wrong = { wrong: type ?? "failed" };
  return [": ", wrong, message === null ? "." : ended(`, ${clip(message, 160)}`)];
}

function saidOf(span: Span): string {
  return span.summary === null ? "." : ended(`: ${clip(span.summary, 160)}`);
}

/** Which try it was: ` again`, ` a third time`; nothing for the first. */
function tryOf(attempt: number | null): string {
  if (attempt === null || attempt < 2) return "";
  return attempt === 2 ? " again" : ` a ${ordinalWord(attempt)} time`;
}

/** A piece of work as a whole. */
export function workPieces(span: Span): Piece[] {
  if (span.kind === "llm") return llmPieces(span);
  // A try that was not tracked is known by the pause before it alone.
  if (span.kind === "retry") return [`It tried${tryOf(span.attempt)}.`];
  const again = tryOf(span.attempt);
  const what: Piece[] = [again === "" ? "It ran " : "It tried ", { strong: span.name }, again];
  if (span.outcome === "failed") return [...what, ...becauseOf(span)];
  if (span.outcome === "open") return ["It is running ", { strong: span.name }, again, saidOf(span)];
  return [...what, again === "" ? saidOf(span) : ", and it worked."];
}

function llmPieces(span: Span): Piece[] {
  const what: Piece[] = [
    span.outcome === "open" ? "It is asking " : "It asked ",
    { model: undated(span.llm?.model ?? "a model") },
    ...(span.name === "" ? [] : [" for ", { strong: span.name }]),
  ];
  return span.outcome === "failed" ? [...what, ...becauseOf(span)] : [...what, "."];
}

/** The beginning of work in which there is more. */
export function beginPieces(span: Span): Piece[] {
  const again = tryOf(span.attempt);
  const model: Piece[] = span.kind === "llm" ? [" with ", { model: undated(span.llm?.model ?? "a model") }] : [];
  return ["It began ", { strong: span.name }, again, ...model, saidOf(span)];
}

/** The end of work in which there was more, after all of that. */
export function closePieces(span: Span): Piece[] {
  const name = { strong: span.name };
  switch (span.outcome) {
    case "failed": {
      const within = span.children.some(
        (child) => child.outcome === "failed" && (span.exception === null || sameException(child, span)),
      );
      return within
        ? ["So ", name, " ", { wrong: "failed" }, "."]
        : [name, " ", { wrong: "failed" }, ...becauseOf(span)];
    }
    case "unknown":
      return ["No end of ", name, " arrived."];
    default:
      return [name, " was done."];
  }
}

export function repeatPieces(repeats: Repeats): Piece[] {
  const first = repeats.spans[0] as Span;
  const count = turnsOf(repeats).toLocaleString("en-US");
  if (repeats.period > 1) return ["It went through ", { strong: turnName(repeats) }, ` ${count} times.`];
  const name = { strong: first.name };
  if (first.kind === "note") return ["It noted ", name, ` ${count} times.`];
  if (first.llm === null) return ["It ran ", name, ` ${count} times.`];
  return ["It asked ", { model: undated(first.llm.model) }, " for ", name, ` ${count} times.`];
}

/** The end of a run that has none. */
export function openEnd({ status, approver, question, since }: TaskState): Piece[] {
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

export function completedPieces({ summary }: Span, task: string): Piece[] {
  // The client says as much by itself; only what an agent added is worth a sentence.
  const said = summary !== null && summary !== `Task ${task} completed` ? ended(`: ${clip(summary, 200)}`) : ".";
  return [{ strong: "It was done" }, said];
}

export function failedPieces(run: RunModel, plan: PlanView | null): Piece[] {
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
