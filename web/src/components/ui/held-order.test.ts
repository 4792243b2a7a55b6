import { expect, test } from "vitest";
import { heldOrder } from "./held-order";

interface Row {
  id: string;
  cost: number;
}
const row = (id: string, cost = 0): Row => ({ id, cost });
const idOf = (each: Row) => each.id;

test("rows keep their places under a resting pointer, with their figures as they are now", () => {
  const { items, unseen } = heldOrder([row("a", 3), row("b", 2)], [row("b", 9), row("a", 4)], idOf);
  expect(items).toEqual([row("a", 4), row("b", 9)]);
  expect(unseen).toBe(0);
});

test("what came meanwhile is counted, and not shown", () => {
  const { items, unseen } = heldOrder([row("a"), row("b")], [row("new"), row("a"), row("newer"), row("b")], idOf);
  expect(items.map(idOf)).toEqual(["a", "b"]);
  expect(unseen).toBe(2);
});

test("a further page joins at the end", () => {
  const { items, unseen } = heldOrder([row("a"), row("b")], [row("a"), row("b"), row("c"), row("d")], idOf);
  expect(items.map(idOf)).toEqual(["a", "b", "c", "d"]);
  expect(unseen).toBe(0);
});

test("what has left the list stays where it was until the reader lets go", () => {
  const { items } = heldOrder([row("a"), row("b")], [row("b")], idOf);
  expect(items.map(idOf)).toEqual(["a", "b"]);
});

test("what has left the list says what is so by now", () => {
  const { items } = heldOrder([row("a", 1), row("b", 1)], [row("b", 2)], idOf, (item) => ({ ...item, cost: 9 }));
  expect(items).toEqual([row("a", 9), row("b", 2)]);
});
