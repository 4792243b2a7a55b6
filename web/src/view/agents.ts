import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type AgentCard, agentsQuery } from "~/api/queries";
import { ATTENTION } from "~/appearance/status";
import type { View } from "./url";

/**
 * The agents of a scope: project, environment and group, without time and without the selected agent. Scopes are applied
 * here and not by the server, so that changing one is instant, and the selectors know what there is to choose.
 */
function agentsInScope(
  agents: readonly AgentCard[],
  scope: Pick<View, "project" | "environment" | "group">,
): AgentCard[] {
  return agents.filter(
    (agent) =>
      (scope.project === undefined || agent.projects.includes(scope.project)) &&
      (scope.environment === undefined || agent.environment === scope.environment) &&
      (scope.group === undefined || agent.group === scope.group),
  );
}

/** By attention, those that said goodbye last; within a state the latest change first, then by name: an order that only changes when a state does. */
export function byAttention(a: AgentCard, b: AgentCard): number {
  return (
    Number(a.liveness === "gone") - Number(b.liveness === "gone") ||
    ATTENTION.indexOf(a.derived_status) - ATTENTION.indexOf(b.derived_status) ||
    b.status_since_ms - a.status_since_ms ||
    a.agent_id.localeCompare(b.agent_id)
  );
}

/** The agents of the view's scope, by attention, live; with the state of the read behind them. */
export function useAgents(view: View) {
  const query = useQuery(agentsQuery(view.mode));
  const { project, environment, group } = view;
  const all = query.data;
  const agents = useMemo(
    () => (all === undefined ? undefined : agentsInScope(all, { project, environment, group }).sort(byAttention)),
    [all, project, environment, group],
  );
  return { agents, all, query };
}
