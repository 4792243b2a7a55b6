import { type RefObject, useLayoutEffect, useRef } from "react";
import { byKeyboard } from "~/components/ui/by-keyboard";
import { runKey } from "~/live/connection";
import { useView } from "~/view/url";

/** The line that tells of a run (it carries `data-run`), wherever it stands by now. */
function lineOf(run: string, page: HTMLElement): HTMLElement | undefined {
  return [...page.querySelectorAll<HTMLElement>("[data-run]")].find((line) => line.dataset.run === run);
}

/**
 * Brings the story into sight once a row was chosen: it opens above the table, and the row may be far down. Chosen by keyboard, it has
 * the focus, and when it closes, the line that led there has it again.
 *
 * @returns what the element around the story takes, and what to call when a row is chosen
 */
export function useStoryInSight(page: RefObject<HTMLElement | null>) {
  const { view } = useView();
  const story = useRef<HTMLDivElement>(null);
  const wanted = useRef(false);
  const told = useRef<string | null>(null);
  const from = useRef<Element | null>(null);
  const run =
    view.task === undefined
      ? null
      : runKey({ agent_id: view.owner ?? "", task_id: view.task, task_run_id: view.run ?? "" });

  // The page's scrolling.
  useLayoutEffect(() => {
    const element = story.current;
    if (!wanted.current || element === null || page.current === null) return;
    wanted.current = false;
    const { top, bottom } = element.getBoundingClientRect();
    const frame = page.current.getBoundingClientRect();
    if (top < frame.top || bottom > frame.bottom) element.scrollIntoView({ block: "start" });
  });
  // The document's focus.
  useLayoutEffect(() => {
    const before = told.current;
    told.current = run;
    if (run === before || !byKeyboard()) return;
    if (run !== null) {
      if (story.current === null || story.current.contains(document.activeElement)) return;
      from.current = document.activeElement;
      story.current.focus({ preventScroll: true });
    } else if (before !== null && page.current !== null) {
      const led = from.current instanceof HTMLElement && from.current.isConnected ? from.current : null;
      // A row is known by its place: it may tell of another run by now.
      const same = led !== null && (led.dataset.run ?? before) === before && led !== document.body;
      (same ? led : (lineOf(before, page.current) ?? document.getElementById("centre")))?.focus();
    }
  }, [run, page]);

  return {
    story: { ref: story, tabIndex: -1 },
    show: () => {
      wanted.current = true;
    },
  };
}
