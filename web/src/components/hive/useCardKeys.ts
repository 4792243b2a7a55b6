import { type FocusEvent, type KeyboardEvent, type RefObject, useState } from "react";
import type { HiveRow } from "./rows";

/** How many cards Page Up and Page Down pass. */
const PAGE = 8;

function stepOf(key: string, count: number): number {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: PAGE,
    PageUp: -PAGE,
    Home: -count,
    End: count,
  };
  return steps[key] ?? 0;
}

/**
 * The cards are one stop of the Tab key; arrows, Page Up and Down, Home and End move between them. The list is virtual, so the
 * next card may have to be scrolled to before it is there.
 */
export function useCardKeys(
  scroller: RefObject<HTMLElement | null>,
  rows: readonly HiveRow[],
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState<string | null>(null);

  const focus = (key: string, patience: number): void => {
    const card = scroller.current?.querySelector<HTMLElement>(`button[data-agent="${CSS.escape(key)}"]`);
    if (card !== null && card !== undefined) card.focus({ preventScroll: true });
    else if (patience > 0) requestAnimationFrame(() => focus(key, patience - 1));
  };

  return {
    /** Which of the rows that are drawn takes the Tab key: the one that had the focus last, else the first. */
    keyIn: (drawn: readonly { index: number }[]): string | undefined => {
      const cards = drawn.flatMap(({ index }) => {
        const row = rows[index];
        return row?.kind === "agent" ? row.key : [];
      });
      return active !== null && cards.includes(active) ? active : cards[0];
    },
    onFocus: (event: FocusEvent<HTMLElement>) => {
      const key = event.target.closest<HTMLElement>("[data-agent]")?.dataset.agent;
      if (key !== undefined) setActive(key);
    },
    onKeyDown: (press: KeyboardEvent<HTMLElement>) => {
      const step = stepOf(press.key, rows.length);
      const here = document.activeElement?.closest<HTMLElement>("[data-agent]")?.dataset.agent;
      if (step === 0 || here === undefined || press.ctrlKey || press.metaKey || press.altKey) return;
      const cards = rows.flatMap((row, index) => (row.kind === "agent" ? { key: row.key, index } : []));
      const from = cards.findIndex(({ key }) => key === here);
      const next = cards[Math.min(cards.length - 1, Math.max(0, from + step))];
      if (next === undefined) return;
      press.preventDefault();
      scrollTo(next.index);
      focus(next.key, 10);
    },
  };
}
