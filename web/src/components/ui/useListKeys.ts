import { type FocusEvent, type KeyboardEvent, type RefObject, useState } from "react";
import { stepOf } from "./list-steps";

/** How many entries Page Up and Page Down pass. */
const PAGE = 8;

/** An entry that takes the focus, and its place among all that the list draws. */
export interface ListEntry {
  key: string;
  index: number;
}

/**
 * A long list is one stop of the Tab key; arrows, Page Up and Down, Home and End move between its entries. The list is virtual, so the
 * next entry may have to be scrolled to before it is there.
 *
 * @param attribute carries the key of an entry on the button that takes the focus
 */
export function useListKeys(
  scroller: RefObject<HTMLElement | null>,
  attribute: `data-${string}`,
  entries: readonly ListEntry[],
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState<string | null>(null);
  const keyOf = (element: Element | null) => element?.closest(`[${attribute}]`)?.getAttribute(attribute) ?? undefined;

  const focus = (key: string, patience: number): void => {
    const entry = scroller.current?.querySelector<HTMLElement>(`[${attribute}="${CSS.escape(key)}"]`);
    if (entry !== null && entry !== undefined) entry.focus({ preventScroll: true });
    else if (patience > 0) requestAnimationFrame(() => focus(key, patience - 1));
  };

  return {
    /** Which of the rows that are drawn takes the Tab key: the one that had the focus last, else the first. */
    keyIn: (drawn: readonly { index: number }[]): string | undefined => {
      const places = new Set(drawn.map(({ index }) => index));
      const shown = entries.filter(({ index }) => places.has(index));
      return (shown.find(({ key }) => key === active) ?? shown[0])?.key;
    },
    onFocus: (event: FocusEvent<HTMLElement>) => {
      const key = keyOf(event.target);
      if (key !== undefined) setActive(key);
    },
    onKeyDown: (press: KeyboardEvent<HTMLElement>) => {
      const step = stepOf(press.key, entries.length, PAGE);
      const here = keyOf(document.activeElement);
      if (step === 0 || here === undefined || press.ctrlKey || press.metaKey || press.altKey) return;
      const from = entries.findIndex(({ key }) => key === here);
      const next = entries[Math.min(entries.length - 1, Math.max(0, from + step))];
      if (next === undefined) return;
      press.preventDefault();
      scrollTo(next.index);
      focus(next.key, 10);
    },
  };
}
