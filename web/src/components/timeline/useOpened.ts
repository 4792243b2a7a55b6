import { useCallback, useState } from "react";
import { isInRow } from "./model/repeats";
import type { RunModel, Span } from "./model/types";

/** The rows of like work that the reader opened, in all looks alike. */
export interface OpenedRows {
  keys: ReadonlySet<string>;
  toggle: (key: string) => void;
}

/** @param unpin called where the row that is to be folded is open because of what is pinned in it */
export function useOpened(run: RunModel, selected: Span | null, unpin: () => void): OpenedRows {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (key: string) => {
      const holdsPinned = isInRow(run, key, selected);
      if (holdsPinned) unpin();
      setKeys((before) => {
        const next = new Set(before);
        if (!next.delete(key) && !holdsPinned) next.add(key);
        return next;
      });
    },
    [run, selected, unpin],
  );
  return { keys, toggle };
}
