import type { StateKind } from "~/api/states";
import type { StatusTone } from "./status";

export interface StateLook {
  tone: StatusTone;
  word: string;
  /** After "was". */
  words: string;
}

const LOOKS: Record<StateKind, StateLook> = {
  up: { tone: "success", word: "Up", words: "up" },
  error: { tone: "error", word: "Error", words: "in error" },
  waiting: { tone: "waiting", word: "Waiting", words: "waiting for a person" },
  stuck: { tone: "stuck", word: "Stuck", words: "stuck" },
  gone: { tone: "idle", word: "Gone", words: "gone" },
  unwatched: { tone: "idle", word: "Not watched", words: "not watched" },
};

/** How a state of an agent's history looks and reads. */
export function stateLook(state: StateKind): StateLook {
  return LOOKS[state] ?? { tone: "idle", word: state, words: state };
}
