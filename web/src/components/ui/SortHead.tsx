import type { ReactNode } from "react";
import styles from "./table.module.css";

export interface SortHeadProps {
  /** Null where another column sorts. */
  direction: "ascending" | "descending" | null;
  onSort: () => void;
  numeric?: boolean;
  /** What the figures mean, where the word alone leaves it open. */
  hint?: string | undefined;
  children: ReactNode;
}

/** The head of a column that the table can be sorted by. */
export function SortHead({ direction, onSort, numeric = false, hint, children }: SortHeadProps) {
  return (
    <th scope="col" className={numeric ? "num" : undefined} aria-sort={direction ?? "none"} title={hint}>
      <button type="button" className={styles.head} onClick={onSort}>
        {children}
        {direction !== null && <span aria-hidden="true">{direction === "descending" ? "↓" : "↑"}</span>}
      </button>
    </th>
  );
}
