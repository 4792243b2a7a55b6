import { type FocusEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useRef } from "react";
import { stepOf } from "./list-steps";

/** Up to so many rows the Tab key goes through all of them. */
const FEW_ROWS = 10;
/** How many rows Page Up and Page Down pass. */
const PAGE = 10;
const STOPS = "a[href], button, [role='button']";
/** A row that is written into, or opened, is gone through by Tab whichever row the reader is at. */
const WITH_MORE = "input, select, textarea, [role='tree'], td[colspan]";

function stopsIn(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(STOPS)].filter((stop) => stop.closest("[popover], svg") === null);
}

export interface RowStops<E extends HTMLElement> {
  ref: RefObject<E | null>;
  onFocus: (event: FocusEvent<HTMLElement>) => void;
  onKeyDown: (press: KeyboardEvent<HTMLElement>) => void;
}

/**
 * Makes one row of a long list a stop of the Tab key, with all its links and buttons, instead of every row; arrows, Page Up and Down,
 * Home and End go to the same thing in other rows. Spread what it gives on the element around the rows.
 *
 * @param rows the selector of a row
 */
export function useRowStops<E extends HTMLElement>(rows: string): RowStops<E> {
  const ref = useRef<E>(null);
  const active = useRef(0);

  const listed = () =>
    [...(ref.current?.querySelectorAll<HTMLElement>(rows) ?? [])].filter(
      (row) => row.querySelector(WITH_MORE) === null,
    );

  const apply = () => {
    const all = listed();
    const many = all.length > FEW_ROWS;
    const at = Math.min(active.current, all.length - 1);
    // The row that was gone to last, or the first below it that has anything to go to.
    const stop = all.findIndex((row, index) => index >= at && stopsIn(row).length > 0);
    all.forEach((row, index) => {
      for (const each of stopsIn(row)) {
        const tabIndex = !many || index === stop ? 0 : -1;
        if (each.tabIndex !== tabIndex) each.tabIndex = tabIndex;
      }
    });
  };
  // The document's: which elements the Tab key stops at.
  useLayoutEffect(apply);

  return {
    ref,
    onFocus: ({ target }) => {
      const row = target.closest<HTMLElement>(rows);
      const index = row === null ? -1 : listed().indexOf(row);
      if (index < 0 || index === active.current) return;
      active.current = index;
      apply();
    },
    onKeyDown: (press) => {
      const all = listed();
      const step = stepOf(press.key, all.length, PAGE);
      const { target } = press;
      if (step === 0 || press.defaultPrevented || press.ctrlKey || press.metaKey || press.altKey) return;
      if (
        !(target instanceof HTMLElement) ||
        target.closest("[aria-haspopup='menu'], [aria-haspopup='listbox'], [popover]") !== null
      )
        return;
      const row = target.closest<HTMLElement>(rows);
      const from = row === null ? -1 : all.indexOf(row);
      if (from < 0 || row === null) return;
      const column = stopsIn(row).indexOf(target);
      const wanted = Math.min(all.length - 1, Math.max(0, from + step));
      // Where there is nothing to go to in that row, the next one beyond it, else the last one before it.
      const [before, beyond] = [all.slice(from + 1, wanted).reverse(), all.slice(wanted)];
      const [above, below] = [all.slice(wanted + 1, from), all.slice(0, wanted + 1).reverse()];
      const stops = (step > 0 ? [...beyond, ...before] : [...below, ...above])
        .map(stopsIn)
        .find((each) => each.length > 0);
      const next = stops?.[Math.min(Math.max(0, column), stops.length - 1)];
      if (next === undefined || next === target) return;
      press.preventDefault();
      next.focus();
    },
  };
}
