import { useQuery } from "@tanstack/react-query";
import { alertsQuery } from "~/api/alerts";
import { type Insight, insightsQuery } from "~/api/insights";
import { isNotOffered } from "~/api/offered";
import { scopeParameters, type View } from "./url";

/** Insights need a stretch of time that says something: an hour is the weather. */
function insightParameters(view: View) {
  const parameters = scopeParameters(view);
  return {
    ...parameters,
    agent_id: view.agent,
    ...(parameters.range === "1h" || parameters.range === "6h" ? { range: "24h" } : {}),
  };
}

/** What the figures of the view's scope say by themselves. */
export function useInsights(view: View) {
  const query = useQuery(insightsQuery(view.mode, insightParameters(view)));
  return { query, offered: !isNotOffered(query.error), error: unread(query) };
}

/** Why there is no answer, where there is none though the server has such a part. */
function unread({ data, error }: { data: unknown; error: Error | null }): Error | null {
  return data !== undefined || isNotOffered(error) ? null : error;
}

/** How many matters ask to be looked at: kinds, as the page groups them, for eleven agents with one trouble are one; summaries aside. */
export function mattersOf(insights: readonly Insight[]): number {
  return new Set(insights.filter(({ severity }) => severity !== "info").map(({ kind }) => kind)).size;
}

/** Which alerts are of the view's scope: what is about no agent at all is of no environment but its rule's. */
export function alertParameters(view: Pick<View, "project" | "agent" | "environment" | "group">) {
  return { project_id: view.project, agent_id: view.agent, environment: view.environment, group: view.group };
}

/** The alerts of the view's scope that fire now: the newest of them, and how many there are. */
export function useOpenAlerts(view: View) {
  const query = useQuery(alertsQuery(view.mode, { state: "firing", ...alertParameters(view) }));
  return {
    alerts: query.data?.data,
    total: query.data?.total ?? 0,
    more: query.data?.pagination.has_more === true,
    offered: !isNotOffered(query.error),
    error: unread(query),
    refetch: query.refetch,
  };
}
