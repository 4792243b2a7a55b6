import { queryOptions } from "@tanstack/react-query";
import { type QueryParameters, read } from "./client";
import { keepAlike } from "./keep";
import type { DataMode } from "./types";

export type InsightSeverity = "info" | "warning" | "critical";

/** A figure that an insight stands on, with the rows that show it. */
export interface Evidence {
  label: string;
  value: number;
  unit?: string | null;
  /** A path of the board. */
  link: string;
}

/** Something that the figures say, with what it stands on. */
export interface Insight {
  kind: string;
  severity: InsightSeverity;
  title: string;
  agent_id: string | null;
  project_id: string | null;
  task_type: string | null;
  model: string | null;
  action_name: string | null;
  value: number;
  baseline: number | null;
  unit: string;
  since: string;
  evidence: Evidence[];
  task_ids: string[];
  suggestion: string;
}

/** Whether a kind of insight found something, and in how much. */
export interface Checked {
  kind: string;
  result: "found" | "nothing" | "not_enough_data";
  looked_at: number;
}

export interface Insights {
  data: Insight[];
  checked: Checked[];
}

/** What they say moves by the hour. */
const INSIGHTS_REFRESH_MS = 60_000;

export function insightsQuery(mode: DataMode, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["insights", mode, parameters],
    queryFn: ({ signal }) => read<Insights>("/v1/insights", mode, parameters, signal),
    placeholderData: keepAlike(parameters),
    staleTime: INSIGHTS_REFRESH_MS,
    refetchInterval: (query) => (query.state.status === "error" ? false : INSIGHTS_REFRESH_MS),
  });
}
