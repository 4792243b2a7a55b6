import type { CostGroup, Dimension } from "~/api/types";

/** How many values have a shade of their own; the rest share the last one. */
const SHADES = 3;

/** `model-1` … `model-4`: the dearest in their own shades, all others in one. */
export type Shade = "1" | "2" | "3" | "4";

export function shadesOf(groups: readonly CostGroup[], dimension: Dimension): ReadonlyMap<string, Shade> {
  // The order of the shades is the one in which they are told apart best side by side.
  const order: readonly Shade[] = ["1", "3", "2"];
  return new Map(groups.slice(0, SHADES).map((group, index) => [group[dimension] ?? "", order[index] ?? "4"]));
}

export function shadeOf(shades: ReadonlyMap<string, Shade>, value: string): Shade {
  return shades.get(value) ?? "4";
}
