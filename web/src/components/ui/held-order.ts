/** What is shown while the order is held, and how many that have come since are not. */
export interface HeldOrder<T> {
  items: T[];
  unseen: number;
}

/**
 * A list in the order in which the reader found it, with what is known of each item now. What was added behind the last of them (a
 * page more) joins; what came before or between waits, and is counted.
 *
 * @param byNow what is known by now of an item that has left the list: it stays where it was, and must not say what was so before
 */
export function heldOrder<T>(
  held: readonly T[],
  fresh: readonly T[],
  keyOf: (item: T) => string,
  byNow: (item: T) => T = (item) => item,
): HeldOrder<T> {
  const places = new Map(fresh.map((item, index) => [keyOf(item), index]));
  const known = new Set(held.map(keyOf));
  const lastPlace = Math.max(-1, ...held.map((item) => places.get(keyOf(item)) ?? -1));
  const items = held.map((item) => fresh[places.get(keyOf(item)) ?? -1] ?? byNow(item));
  let unseen = 0;
  fresh.forEach((item, index) => {
    if (known.has(keyOf(item))) return;
    if (index > lastPlace && lastPlace >= 0) items.push(item);
    else unseen += 1;
  });
  return { items, unseen };
}
