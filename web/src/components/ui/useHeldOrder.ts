import { useRef } from "react";
import { heldOrder } from "./held-order";
import { useResting } from "./useResting";

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
  const { rests, letGo, handlers } = useResting();
  const held = useRef<{ scope: string; items: readonly T[] } | null>(null);

  const holds = rests && (fresh.length > 0 || alongside);
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
      letGo();
    },
    handlers,
  };
}
