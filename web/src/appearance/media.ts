import { useSyncExternalStore } from "react";

/** Whether a media query holds; renders again when that changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
    () => false,
  );
}

export const PAPER = "print";
/** One column with tabs instead of three columns. */
export const NARROW = "(max-width: 719px)";
/** No room for the Activity Stream beside the centre, unless the reader asks for it. */
export const MEDIUM = "(max-width: 1319px)";
/** No room in the bar for all views and for what they are narrowed to. */
export const CROWDED = "(max-width: 1199px)";
/** No room for the Hive either. */
export const TIGHT = "(max-width: 979px)";
