import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { patchSearch, sharedSearch, type ViewSearch } from "~/view/url";
import styles from "./pipeline.module.css";

export interface LeadProps {
  agent: string;
  /** What the row tells of: where it has an id, tasks are looked for by it; else the agent's own page is shown. */
  find?: string | null;
  /** The tab of the agent's page. */
  tab?: string;
  title?: string | undefined;
  children: ReactNode;
}

/** The words of a row, leading to what they are about. */
export function Lead({ agent, find, tab, title, children }: LeadProps) {
  const search = useSearch({ strict: false }) as ViewSearch;
  const found = find !== undefined && find !== null && find !== "";
  return (
    <Link
      className={styles.lead}
      to={found ? "/tasks" : "/agent"}
      search={patchSearch(sharedSearch(search), found ? { agent, q: find } : { agent, tab }) as never}
      title={title}
    >
      {children}
    </Link>
  );
}
