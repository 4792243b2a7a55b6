import { type FocusEvent, type PointerEvent as PointerMoved, useCallback, useEffect, useRef, useState } from "react";
import { heldOrder } from "./held-order";

/** A list settles this long after the pointer has left it: one that only crosses it sets nothing in motion. */
const SETTLE_MS = 800;

export interface HeldOrderOptions<T> {
  /** What is known by now of an item that has left the list while it is held. */
  byNow?: (item: T) => T;
  /** More stands under the same pointer: nothing may come above it, also where this list is empty. */
  alongside?: boolean;
}

/**
 * Holds the order of a live list while the pointer rests on it or the keyboard is in it, so that nothing moves away under a click.
 * Spread `handlers` on the element around the list.
 *
 * @param scope another list (another sort, another filter) is another order: it is never held beyond its scope
 */
export function useHeldOrder<T>(
  fresh: readonly T[],
  keyOf: (item: T) => string,
  scope: string,
  { byNow, alongside = false }: HeldOrderOptions<T> = {},
) {
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const held = useRef<{ scope: string; items: readonly T[] } | null>(null);
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

  const holds = (pointed || focused) && (fresh.length > 0 || alongside);
  if (!holds) held.current = null;
  else if (held.current?.scope !== scope) held.current = { scope, items: fresh };
  const { items, unseen } =
    held.current === null ? { items: fresh, unseen: 0 } : heldOrder(held.current.items, fresh, keyOf, byNow);
  // What was last known of each is what stays of it when it leaves the list.
  if (held.current !== null) held.current = { scope, items };

  return {
    items,
    unseen,
    holds,
    /** Shows what has come, and holds from there. */
    catchUp: () => {
      held.current = null;
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
