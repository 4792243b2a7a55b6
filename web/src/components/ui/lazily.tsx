import { type ComponentType, type FunctionComponent, type ReactNode, useEffect, useState } from "react";
import { askForBoard } from "~/api/health";

const ASK_AGAIN_MS = 1_500;
/** A page that was loaded anew this short a time ago, and still lacks a part, would only be loaded for ever. */
const RELOADED_LATELY_MS = 15_000;
const RELOADED_KEY = "hiveboard.reloaded";

/**
 * Whether a part of the board could not be loaded. The browser then holds on to the failure (of a style sheet above all), so that a
 * second try in the same document would give the page without its looks: only a new document helps.
 */
let broken = false;

/** The document is loaded anew only once it can be: what a starting server says in its place would be all that is left. */
async function untilServerAnswers(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answers = await askForBoard(signal).then(
      (answer) => answer.ok,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

function reloadedLately(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(RELOADED_KEY)) < RELOADED_LATELY_MS;
  } catch {
    return true;
  }
}

function reload(): void {
  try {
    sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
  } catch {
    // Without it `reloadedLately` keeps from loading for ever.
  }
  location.reload();
}

export type Waiting = (props: { state: "loading" | "away" | "broken" }) => ReactNode;

/**
 * A part of the board that is loaded when it is first shown. Where it cannot be (the server is away, or has been replaced by one
 * with other files), `Waiting` says so, and the document is loaded anew as soon as the server answers.
 */
export function lazily<P extends object>(
  load: () => Promise<ComponentType<P>>,
  Waiting: Waiting,
): FunctionComponent<P> {
  let known: ComponentType<P> | null = null;
  return function Lazily(props: P) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => known);
    const [state, setState] = useState<"loading" | "away" | "broken">("loading");
    const loaded = Part !== null;
    // The network.
    useEffect(() => {
      if (loaded) return;
      const gone = new AbortController();
      const fetched = broken ? Promise.reject(new Error("an earlier part is missing")) : load();
      fetched.then(
        (component) => {
          known = component;
          if (!gone.signal.aborted) setPart(() => component);
        },
        async () => {
          broken = true;
          if (gone.signal.aborted) return;
          if (reloadedLately()) return setState("broken");
          setState("away");
          await untilServerAnswers(gone.signal);
          if (!gone.signal.aborted) reload();
        },
      );
      return () => gone.abort();
    }, [loaded]);
    return Part === null ? <Waiting state={state} /> : <Part {...props} />;
  };
}
