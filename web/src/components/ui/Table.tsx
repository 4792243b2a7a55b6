import type { CSSProperties, ReactNode } from "react";
import { SortHead, type SortHeadProps } from "./SortHead";
import styles from "./table.module.css";
import { useRowStops } from "./useRowStops";

interface Head {
  name: string;
  /** Figures stand at the right. */
  figures?: boolean;
  /** What holds buttons or bars alone is named for those who hear the page. */
  unseen?: boolean;
  sort?: Pick<SortHeadProps, "direction" | "onSort">;
  className?: string | undefined;
}

export type Column = string | Head;

export const figures = (name: string): Head => ({ name, figures: true });
export const unseen = (name: string, className?: string): Head => ({ name, unseen: true, className });

export interface TableProps {
  columns: readonly Column[];
  /** Its rows. */
  children: ReactNode;
  label?: string;
  caption?: string;
  className?: string | undefined;
  /** Short enough to stay a table on a phone; any other becomes a list there, each cell with the name of its column. */
  fits?: boolean;
}

/** A table with its head. It never scrolls sideways: names give way, and where there is no room at all its rows are stacked. */
export function Table({ columns, children, label, caption, className, fits = false }: TableProps) {
  const heads = columns.map((column): Head => (typeof column === "string" ? { name: column } : column));
  // The names as the stylesheet reads them: before each cell of a stacked row.
  const names = Object.fromEntries(
    heads.map(({ name, unseen }, index) => [`--column-${index + 1}`, JSON.stringify(unseen === true ? "" : name)]),
  );
  const stops = useRowStops<HTMLDivElement>("tbody > tr");
  const looks = [styles.tbl, fits ? undefined : styles.stacks, className].filter((look) => look !== undefined);
  return (
    <div className={styles.frame} {...stops}>
      <table className={looks.join(" ")} aria-label={label} style={names as CSSProperties}>
        {caption !== undefined && <caption className="sr-only">{caption}</caption>}
        <thead>
          <tr>{heads.map(heading)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function heading({ name, figures = false, unseen = false, sort, className }: Head) {
  if (sort !== undefined)
    return (
      <SortHead key={name} numeric={figures} {...sort}>
        {name}
      </SortHead>
    );
  return (
    <th key={name} scope="col" className={figures ? "num" : className}>
      {unseen ? <span className="sr-only">{name}</span> : name}
    </th>
  );
}
