import type { Step } from "../model/steps";

/** Outlines of the nodes, centred on 0 0: the shape tells the kind. */
export const HEXAGON = "M15 0 7.5 13H-7.5L-15 0-7.5-13H7.5z";
export const SMALL_HEXAGON = "M5 0 2.5 4.3H-2.5L-5 0-2.5-4.3H2.5z";
export const DIAMOND = "M0-17 17 0 0 17-17 0z";
export const TRIANGLE = "M0-17 15.5 11H-15.5z";
export const OCTAGON = "M-6.2-15H6.2L15-6.2V6.2L6.2 15H-6.2L-15 6.2V-6.2z";

export const CROSS = "M-4-4l8 8m0-8l-8 8";
export const CHECK = "M-4.5.5l3 3 6-7";
export const EXCLAMATION = "M0-6v6.5M0 5v.2";
export const SPARK = "M0-6c.6 3.6 2.4 5.4 6 6-3.6.6-5.4 2.4-6 6-.6-3.6-2.4-5.4-6-6 3.6-.6 5.4-2.4 6-6z";
export const LINES = "M-1.5-3.5h5M-1.5 0h5M-1.5 3.5h5M-4.5-3.5h.1M-4.5 0h.1M-4.5 3.5h.1";
export const UP = "M0 7V-5M-3.5-1.5 0-5l3.5 3.5";
export const DOT = "M0-.05v.1";

const FOLDED = "M-2-4 2 0-2 4";
const UNFOLDED = "M-4-2 0 2 4-2";
const INTO = "M-5-3.5V2.5h10M2-.5l3 3-3 3";
const SEARCH = "M3.6-1A4.6 4.6 0 1 1-5.6-1 4.6 4.6 0 1 1 3.6-1M2.6 2.6 5.5 5.5";
const PAGE = "M-5-3.5h10M-5 0h10M-5 3.5h6";
const CARD = "M-6-3.5h12v8H-6zM-6-.5H6";
const OUT = "M-5 4 5-4M-1-4h6v6";
const PEN = "M-5 5l1-3 7-7 2 2-7 7z";
const CLOCK = "M5.5 0A5.5 5.5 0 1 1-5.5 0 5.5 5.5 0 1 1 5.5 0M0-3v3.2l2 1.3";
const GEAR = "M-5 0h10M-2.5-4.3l5 8.6M2.5-4.3l-5 8.6";

/** What a name says of the work, for the icon in the cell; a guess that only decorates, the words say it. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/search|find|lookup|look_up|gather|query|retriev|discover|explore|grep|browse/, SEARCH],
  [/load|fetch|get|read|pull|import|download|open|receive|ingest|parse|extract/, INTO],
  [/pay|charge|credit|invoice|bill|refund|order|payout|purchase|transfer/, CARD],
  [/send|post|publish|notify|mail|reply|deliver|upload|push|export|route|assign|submit|dispatch/, OUT],
  [/write|draft|edit|update|create|compose|generate|save|store|insert/, PEN],
  [/wait|sleep|poll|schedule|delay/, CLOCK],
  [/check|policy|review|validate|verify|score|classif|rank|test|lint|evaluate|assess|compare/, PAGE],
];

export function actionIcon(name: string): string {
  const lower = name.toLowerCase();
  for (const [pattern, icon] of WORDS) if (pattern.test(lower)) return icon;
  return GEAR;
}

/** What stands inside of a node. */
export function stepIcon(step: Step): string {
  switch (step.shape) {
    case "llm_call":
      return SPARK;
    case "plan":
      return LINES;
    case "approval_asked":
      return EXCLAMATION;
    case "approval_answered":
      return step.failed ? CROSS : CHECK;
    case "escalated":
      return UP;
    case "failed":
      return CROSS;
    case "completed":
      return CHECK;
    case "note":
      return DOT;
    case "start":
    case "running":
      return "";
    case "repeats":
      return step.repeats?.folded === false ? UNFOLDED : FOLDED;
    case "action":
      return step.failed && step.lane > 0 && step.span.exception !== null ? CROSS : actionIcon(step.span.name);
  }
}
