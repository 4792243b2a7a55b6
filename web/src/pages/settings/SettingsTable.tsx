import type { ReactNode } from "react";
import table from "~/components/ui/table.module.css";
import styles from "./settings.module.css";

/** A column's name. Figures stand at the right; what holds buttons or bars alone is named for those who hear the page. */
export type Column = string | { figures: string } | { unseen: string; className?: string | undefined };

/** A table of the settings; its rows are its children. */
export function SettingsTable({ columns, children }: { columns: readonly Column[]; children: ReactNode }) {
  return (
    <div className={styles.wide}>
      <table className={table.tbl}>
        <thead>
          <tr>{columns.map(heading)}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function heading(column: Column) {
  if (typeof column === "string") {
    return (
      <th key={column} scope="col">
        {column}
      </th>
    );
  }
  if ("figures" in column) {
    return (
      <th key={column.figures} scope="col" className="num">
        {column.figures}
      </th>
    );
  }
  return (
    <th key={column.unseen} scope="col" className={column.className}>
      <span className="sr-only">{column.unseen}</span>
    </th>
  );
}
