import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { sharedSearch, type ViewSearch } from "~/view/url";
import type { BoardView } from "./views";

/** A link to another view that takes the scope along. */
export function ViewLink({ view, className, children }: { view: BoardView; className?: string; children: ReactNode }) {
  const search = useSearch({ strict: false }) as ViewSearch;
  return (
    <Link
      to={view.to}
      search={sharedSearch(search) as never}
      className={className}
      activeOptions={{ exact: view.to === "/", includeSearch: false }}
      activeProps={{ "aria-current": "page" }}
    >
      {children}
    </Link>
  );
}
