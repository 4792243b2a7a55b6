import { type KeyboardEvent, type MouseEvent, type PointerEvent, useRef, useState } from "react";

export interface BucketRange {
  /** The bucket under the pointer, or that the arrow keys chose. */
  at: number | null;
  /** What is being chosen, both ends included; null while nothing is. */
  from: number | null;
  to: number | null;
  handlers: {
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerCancel: () => void;
    onPointerLeave: () => void;
    onBlur: () => void;
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    onClick: (event: MouseEvent<HTMLElement>) => void;
  };
}

/** Of the button that takes the keys, until they chose something. */
export const CHOOSE_WORDS = "Narrow to a part of this time; arrow keys choose it, with Shift a longer one";

const STEPS: Record<string, number | undefined> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/**
 * Choosing a stretch of a chart's buckets: a click picks one, a drag several; with the keyboard the arrows walk, Shift stretches, Enter
 * picks and Escape lets go.
 */
export function useBucketRange(count: number, onPick: (from: number, to: number) => void): BucketRange {
  const [at, setAt] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  // Between two events React may not have drawn yet: what is being chosen is known here.
  const chosen = useRef<{ at: number | null; anchor: number | null }>({ at: null, anchor: null });
  const tell = (next: { at?: number | null; anchor?: number | null }) => {
    chosen.current = { ...chosen.current, ...next };
    setAt(chosen.current.at);
    setAnchor(chosen.current.anchor);
  };
  const clamp = (index: number) => Math.max(0, Math.min(count - 1, index));
  const indexOf = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return clamp(Math.floor(((event.clientX - box.left) / box.width) * count));
  };
  const pick = () => {
    const { at: end, anchor: start } = chosen.current;
    if (end === null) return;
    tell({ anchor: null });
    onPick(Math.min(start ?? end, end), Math.max(start ?? end, end));
  };
  // Narrowed, a chart has other buckets: what was chosen among those before is no place among these.
  const place = (index: number | null) => (index === null || count === 0 ? null : clamp(index));
  const [here, began] = [place(at), place(anchor)];
  return {
    at: here,
    from: here === null || began === null ? null : Math.min(here, began),
    to: here === null || began === null ? null : Math.max(here, began),
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0 || count === 0) return;
        const index = indexOf(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        tell({ at: index, anchor: index });
      },
      onPointerMove: (event) => count > 0 && tell({ at: indexOf(event) }),
      onPointerUp: (event) => {
        if (chosen.current.anchor === null) return;
        tell({ at: indexOf(event) });
        pick();
      },
      // A finger that turned out to scroll the page.
      onPointerCancel: () => tell({ at: null, anchor: null }),
      onPointerLeave: () => chosen.current.anchor === null && tell({ at: null }),
      onBlur: () => tell({ at: null, anchor: null }),
      onKeyDown: (event) => {
        const { at: now, anchor: start } = chosen.current;
        if (event.key === "Escape" && (now !== null || start !== null)) {
          event.stopPropagation();
          return tell({ at: null, anchor: null });
        }
        const step = STEPS[event.key];
        if (step === undefined || count === 0) return;
        event.preventDefault();
        const next = clamp((now ?? (step > 0 ? -1 : count)) + step);
        tell({ at: next, anchor: event.shiftKey ? (start ?? now ?? next) : null });
      },
      // Enter and the space bar: a pointer has picked already.
      onClick: (event) => event.detail === 0 && pick(),
    },
  };
}
