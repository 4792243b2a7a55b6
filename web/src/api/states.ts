import { queryOptions } from "@tanstack/react-query";
import { itemAddress, type QueryParameters, read } from "./client";
import { keepAlike } from "./keep";
import { pagesQuery } from "./pages";
import type { Answer, DataMode, Schemas } from "./types";

export type StateKind = Schemas["StateKind"];
export type StateSpan = Answer<Schemas["StateSpanView"]>;
/** The states of one agent, the oldest first. */
export type AgentStates = Answer<Schemas["AgentStateView"], { states: StateSpan[] }>;

/** Agents change state by the clock as well, with no event that would say so. */
const REFRESH_MS = 10_000;

export function agentStatesQuery(mode: DataMode, agentId: string, parameters: QueryParameters) {
  const queryKey = ["agent-states", mode, agentId, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => {
      const { path, parameters: own } = itemAddress("/v1/agents", "agent_id", agentId, "/states");
      return read<AgentStates>(path, mode, { ...own, ...parameters }, signal);
    },
    placeholderData: keepAlike(queryKey),
    refetchInterval: REFRESH_MS,
  });
}

/** Who was in one of these states, when, and how long: the latest to begin first. */
export function stateHistoryQuery(mode: DataMode, parameters: QueryParameters) {
  return { ...pagesQuery<StateSpan>("states", "/v1/states", mode, parameters), refetchInterval: REFRESH_MS };
}
