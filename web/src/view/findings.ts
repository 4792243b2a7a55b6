import { useQuery } from "@tanstack/react-query";
import { alertsQuery } from "~/api/alerts";
import { insightsQuery } from "~/api/insights";
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
  return { query, offered: !isNotOffered(query.error) };
}

/** The alerts of the view's scope that fire now: the newest of them, and whether there are more. */
export function useOpenAlerts(view: View) {
  const query = useQuery(alertsQuery(view.mode, { state: "firing", project_id: view.project, agent_id: view.agent }));
  return {
    alerts: query.data?.data,
    more: query.data?.pagination.has_more === true,
    offered: !isNotOffered(query.error),
  };
}
