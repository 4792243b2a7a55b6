import { useQuery } from "@tanstack/react-query";
import { type Alert, alertsQuery } from "~/api/alerts";
import { insightsQuery } from "~/api/insights";
import { isNotOffered } from "~/api/offered";
import { useAgents } from "./agents";
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

/**
 * Those alerts that are of the view's scope. The server narrows them to a project and an agent; an environment and a group are their
 * agents', and what is about no agent at all is of no environment.
 */
export function alertsInSight(
  alerts: readonly Alert[],
  agents: readonly { agent_id: string }[] | undefined,
  view: Pick<View, "environment" | "group">,
): Alert[] {
  if (view.environment === undefined && view.group === undefined) return [...alerts];
  const inSight = new Set(agents?.map((agent) => agent.agent_id));
  return alerts.filter(({ subject }) => subject.agent_id != null && inSight.has(subject.agent_id));
}

/** The alerts of the view's scope that fire now: the newest of them, and whether there are more. */
export function useOpenAlerts(view: View) {
  const { agents } = useAgents(view);
  const query = useQuery(alertsQuery(view.mode, { state: "firing", project_id: view.project, agent_id: view.agent }));
  return {
    alerts: query.data && alertsInSight(query.data.data, agents, view),
    more: query.data?.pagination.has_more === true,
    offered: !isNotOffered(query.error),
  };
}
