import { infiniteQueryOptions } from "@tanstack/react-query";
import { PAGE_LIMIT, type QueryParameters, read } from "./client";
import { keepAlike } from "./keep";
import type { DataMode, Page } from "./types";

/** A list that is read a page at a time: the first when it is shown, each other one when the reader asks for more. */
export function pagesQuery<T>(noun: string, path: string, mode: DataMode, parameters: QueryParameters) {
  const queryKey = [noun, mode, "pages", parameters] as const;
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ signal, pageParam }) =>
      read<Page<T>>(path, mode, { limit: PAGE_LIMIT, ...parameters, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.pagination.has_more ? page.pagination.cursor : null),
    placeholderData: keepAlike(queryKey),
  });
}
