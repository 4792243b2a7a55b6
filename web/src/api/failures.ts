import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type QueryParameters, read } from "./client";
import { keepAlike } from "./keep";
import { pagesQuery } from "./pages";
import type { Answer, DataMode, Page, Schemas } from "./types";

export type ErrorExample = Answer<Schemas["ErrorExample"]>;
/** Failures of one exception at one place. */
export type ErrorGroup = Answer<
  Schemas["ErrorView"],
  { examples: ErrorExample[]; versions: Answer<Schemas["ErrorVersion"]>[] }
>;

/** Most often in the time asked for; failed last; seen first most recently. */
export const ERROR_SORTS = ["often", "last", "new"] as const;
export type ErrorSort = (typeof ERROR_SORTS)[number];

export function errorsQuery(mode: DataMode, parameters: QueryParameters) {
  return pagesQuery<ErrorGroup>("errors", "/v1/errors", mode, parameters);
}

/** The few that a search finds first. */
export function foundErrorsQuery(mode: DataMode, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["errors", mode, "found", parameters],
    queryFn: ({ signal }) => read<Page<ErrorGroup>>("/v1/errors", mode, parameters, signal),
    placeholderData: keepPreviousData,
  });
}

/** One of them, whenever it happened. */
export function errorQuery(mode: DataMode, errorId: string, parameters: QueryParameters = {}) {
  const queryKey = ["errors", mode, "one", errorId, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<ErrorGroup>(`/v1/errors/${encodeURIComponent(errorId)}`, mode, parameters, signal),
    placeholderData: keepAlike(queryKey),
  });
}

/** What an `error_count` of the API counts, of a run and of a time: said wherever such a figure stands. Errors as things count causes. */
export const ERROR_COUNT_WORDS =
  "Each action, plan step and task that failed: what fails around a failure counts again. The page of errors counts each cause once.";

/** What people call it: the exception, or what was said where none was named. */
export function errorTitle(error: Pick<ErrorGroup, "exception_type" | "message">): string {
  return error.exception_type ?? error.message ?? "Failed without a word";
}

/** Where it happens: an action by its name, or a type of task. */
export function errorPlace(error: Pick<ErrorGroup, "place" | "place_kind">): string {
  if (error.place_kind === "action") return error.place ?? "an unnamed action";
  return error.place === null ? "a task" : `task of type ${error.place}`;
}
