import { queryOptions } from "@tanstack/react-query";
import { read } from "./client";
import type { Answer, Schemas } from "./types";

/** A view of the board under a name: a page, and what stands behind the `?` of its address. */
export type SavedView = Answer<Schemas["ViewView"]>;

/** The workspace's, by name. */
export function savedViewsQuery() {
  return queryOptions({
    queryKey: ["views"],
    queryFn: async ({ signal }) =>
      (await read<Schemas["ViewList"]>("/v1/views", "live", {}, signal)).data as SavedView[],
    staleTime: 30_000,
  });
}

/** Where it leads, as an address of the board. */
export function savedAddress({ page, query }: Pick<SavedView, "page" | "query">): string {
  return query === "" ? page : `${page}?${query}`;
}
