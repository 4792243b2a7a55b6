import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { change, itemAddress, PAGE_LIMIT, type QueryParameters, read, readWhole } from "./client";
import { keepAlike } from "./keep";
import type {
  Agent,
  AgentDetail,
  AgentPipeline,
  Cost,
  CostSeries,
  DataMode,
  DoorView,
  HiveEvent,
  Key,
  LlmCall,
  Metrics,
  OpenedInvitation,
  Page,
  Project,
  Session,
  Task,
} from "./types";
import { viewerZone } from "./zone";

/**
 * Every read of the board, one factory each. Keys are `[noun, mode, parameters]`: the live stream finds the entries that
 * an arriving frame concerns by the noun and the mode.
 */

export { PAGE_LIMIT };
/** A bound on the agents that one board shows; beyond it the Hive says so. */
export const AGENTS_LIMIT = 20_000;
const PROJECTS_LIMIT = 1_000;
const KEYS_LIMIT = 1_000;
/** Runs of one workflow, or that wait for people: more are not drawn, and their number is told with a plus. */
const TASKS_LIMIT = 1_000;

export function sessionQuery() {
  return queryOptions({
    queryKey: ["session"],
    queryFn: ({ signal }) => read<Session>("/v1/session", "live", {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the door asks for. */
export function doorQuery() {
  return queryOptions({
    queryKey: ["door"],
    queryFn: ({ signal }) => read<DoorView>("/v1/login", "live", {}, signal),
  });
}

/** What an invitation is for, by its link's token. */
export function invitationQuery(token: string) {
  return queryOptions({
    queryKey: ["invitation", token],
    queryFn: () => change<OpenedInvitation>("POST", "/v1/invitations/open", { token }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** An agent with what the board keeps beside the server's answer. */
export interface AgentCard extends Agent {
  /** When its last heartbeat was, in local epoch milliseconds: ages then tick without asking again. */
  heartbeat_at_ms: number | null;
  /** When its state last changed; cards of one state are ordered by it, and so do not dance with every heartbeat. */
  status_since_ms: number;
}

function toCard(agent: Agent): AgentCard {
  const age = agent.heartbeat_age_seconds;
  return {
    ...agent,
    heartbeat_at_ms: age === null ? null : Date.now() - age * 1_000,
    status_since_ms: Date.parse(agent.status_since),
  };
}

async function allAgents(mode: DataMode, signal: AbortSignal): Promise<AgentCard[]> {
  const agents = await all<Agent>("/v1/agents", mode, { sort: "name" }, AGENTS_LIMIT, signal);
  // An agent that came while pages were read may stand on two of them.
  return [...new Map(agents.map((agent) => [agent.agent_id, toCard(agent)])).values()];
}

/** All agents of a data mode. The Hive sorts them itself, since their states change between two reads. */
export function agentsQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["agents", mode] as const,
    queryFn: ({ signal }) => allAgents(mode, signal),
    // Live batches replace single cards; comparing a thousand of them deeply ten times a second would cost more than it saves.
    structuralSharing: false,
  });
}

export function tasksQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["tasks", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<Page<Task>>("/v1/tasks", mode, parameters, signal),
    placeholderData: keepAlike(queryKey),
  });
}

/** Runs that are shown together, all their pages as one. */
export function allTasksQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["tasks", mode, { ...parameters, whole: true }] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => readWhole<Task>("/v1/tasks", mode, parameters, TASKS_LIMIT, signal),
    placeholderData: keepAlike(queryKey),
  });
}

export function metricsQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["metrics", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<Metrics>("/v1/metrics", mode, { ...parameters, timezone: viewerZone() }, signal),
    placeholderData: keepAlike(queryKey),
  });
}

export function eventsQuery(mode: DataMode, parameters: QueryParameters) {
  return queryOptions({
    queryKey: ["events", mode, parameters],
    queryFn: ({ signal }) => read<Page<HiveEvent>>("/v1/events", mode, parameters, signal),
  });
}

export function keysQuery() {
  return queryOptions({
    queryKey: ["keys"],
    queryFn: ({ signal }) => all<Key>("/v1/api-keys", "live", {}, KEYS_LIMIT, signal),
  });
}

export function projectsQuery(mode: DataMode) {
  return queryOptions({
    queryKey: ["projects", mode],
    queryFn: ({ signal }) => all<Project>("/v1/projects", mode, {}, PROJECTS_LIMIT, signal),
  });
}

export function costQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["cost", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => read<Cost>("/v1/cost", mode, parameters, signal),
    placeholderData: keepAlike(queryKey),
  });
}

export function costSeriesQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["cost", mode, "series", parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) =>
      read<CostSeries>("/v1/cost/timeseries", mode, { ...parameters, timezone: viewerZone() }, signal),
    placeholderData: keepAlike(queryKey),
  });
}

export function callsQuery(mode: DataMode, parameters: QueryParameters) {
  const queryKey = ["calls", mode, parameters] as const;
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ signal, pageParam }) =>
      read<Page<LlmCall>>("/v1/cost/calls", mode, { ...parameters, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.pagination.has_more ? page.pagination.cursor : null),
    placeholderData: keepAlike(queryKey),
  });
}

/** Every item of a list, up to `limit`. */
async function all<T>(
  path: string,
  mode: DataMode,
  parameters: QueryParameters,
  limit: number,
  signal: AbortSignal,
): Promise<T[]> {
  return (await readWhole<T>(path, mode, parameters, limit, signal)).data;
}

export function pipelineQuery(mode: DataMode, parameters: QueryParameters = {}) {
  const queryKey = ["pipeline", mode, parameters] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => all<AgentPipeline>("/v1/pipeline", mode, parameters, AGENTS_LIMIT, signal),
    placeholderData: keepAlike(queryKey),
  });
}

export function agentQuery(mode: DataMode, agentId: string) {
  return queryOptions({
    queryKey: ["agent", mode, agentId],
    queryFn: ({ signal }) => {
      const { path, parameters } = itemAddress("/v1/agents", "agent_id", agentId);
      return read<AgentDetail>(path, mode, parameters, signal);
    },
  });
}
