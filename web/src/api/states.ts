import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { itemAddress, type QueryParameters, read } from "./client";
import type { Answer, DataMode, Page, Schemas } from "./types";

export type StateKind = Schemas["StateKind"];
export type StateSpan = Answer<Schemas["StateSpanView"]>;
/** The states of one agent, the oldest first. */
export type AgentStates = Answer<Schemas["AgentStateView"], { states: StateSpan[] }>;

const LIST_LIMIT = 200;
/** Agents change state by the clock as well, with no event that would say so. */
const REFRESH_MS = 10_000;

export function agentStatesQuery(mode: DataMode, agentId: string, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["states", mode, agentId, parameters],
    queryFn: ({ signal }) => {
      const { path, parameters: own } = itemAddress("/v1/agents", "agent_id", agentId, "/states");
      return read<AgentStates>(path, mode, { ...own, ...parameters }, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** Who was in one of these states, when, and how long: the latest to begin first. */
export function stateHistoryQuery(mode: DataMode, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["states", mode, parameters],
    queryFn: ({ signal }) => read<Page<StateSpan>>("/v1/states", mode, { limit: LIST_LIMIT, ...parameters }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}
