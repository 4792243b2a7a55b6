import { type FocusEvent, type PointerEvent as PointerMoved, useCallback, useEffect, useRef, useState } from "react";

/** A list settles this long after the pointer has left it: one that only crosses it sets nothing in motion. */
const SETTLE_MS = 800;

/** Whether the pointer rests on a live list, or the keyboard is in it. Spread `handlers` on the element around the list. */
export function useResting() {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const around = useRef<HTMLElement | null>(null);
  const settle = useCallback(() => {
    clearTimeout(settling.current);
    settling.current = setTimeout(() => setPointed(false), SETTLE_MS);
  }, []);
  // The browser's timer must not outlive the list.
  useEffect(() => () => clearTimeout(settling.current), []);
  // Where what lay right under the pointer was drawn anew, nobody is told that the pointer left it: then its next move says so.
  useEffect(() => {
    if (!pointed) return;
    let inside = true;
    const moved = ({ target }: PointerEvent) => {
      const isInside = target instanceof Node && around.current?.contains(target) === true;
      if (inside && !isInside) settle();
      inside = isInside;
    };
    document.addEventListener("pointermove", moved, { passive: true });
    return () => document.removeEventListener("pointermove", moved);
  }, [pointed, settle]);
  return {
    rests: pointed || focused,
    /** As if the pointer and the keyboard had left. */
    letGo: () => {
      setPointed(false);
      setFocused(false);
    },
    handlers: {
      onPointerEnter: (event: PointerMoved<HTMLElement>) => {
        clearTimeout(settling.current);
        around.current = event.currentTarget;
        setPointed(true);
      },
      onPointerLeave: settle,
      // A click leaves the focus behind: only a keyboard that is in the list holds it.
      onFocus: (event: FocusEvent<HTMLElement>) => {
        if (event.target.matches(":focus-visible")) setFocused(true);
      },
      onBlur: (event: FocusEvent<HTMLElement>) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
      },
    },
  };
}
