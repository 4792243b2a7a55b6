import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * Brings the story into sight once a row was chosen: it opens above the table, and the row may be far down.
 *
 * @returns where the story stands, and what to call when a row is chosen
 */
export function useStoryInSight(page: RefObject<HTMLElement | null>) {
  const story = useRef<HTMLDivElement>(null);
  const wanted = useRef(false);
  // The page's scrolling.
  useLayoutEffect(() => {
    const element = story.current;
    if (!wanted.current || element === null || page.current === null) return;
    wanted.current = false;
    const { top, bottom } = element.getBoundingClientRect();
    const frame = page.current.getBoundingClientRect();
    if (top < frame.top || bottom > frame.bottom) element.scrollIntoView({ block: "start" });
  });
  return {
    story,
    show: () => {
      wanted.current = true;
    },
  };
}
