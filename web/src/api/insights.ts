import { queryOptions } from "@tanstack/react-query";
import { type QueryParameters, read } from "./client";
import { keepAlike } from "./keep";
import type { components } from "./schema";
import type { DataMode } from "./types";

type Schemas = components["schemas"];
export type InsightKind = Schemas["Kind"];
export type Evidence = Schemas["Evidence"];
/** Something that the figures say, with what it stands on. */
export type Insight = Omit<Required<Schemas["Insight"]>, "evidence"> & { evidence: Evidence[] };
/** Whether a kind of insight found something, and in how much. */
export type Checked = Schemas["Checked"];
export interface Insights {
  data: Insight[];
  checked: Checked[];
}

/** What they say moves by the hour. */
const INSIGHTS_REFRESH_MS = 60_000;

export function insightsQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["insights", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<Insights>("/v1/insights", mode, parameters, signal),
    placeholderData: keepAlike(queryKey),
    staleTime: INSIGHTS_REFRESH_MS,
    refetchInterval: (query) => (query.state.status === "error" ? false : INSIGHTS_REFRESH_MS),
  });
}
