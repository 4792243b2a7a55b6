import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { read } from "~/api/client";
import type { DataMode, HiveEvent, Timeline } from "~/api/types";
import { runKey } from "~/live/connection";
import { useConnection, useLiveBatch } from "~/live/LiveProvider";

/** A run whose story is longer than this shows its beginning and says so. */
export const EVENTS_LIMIT = 50_000;

export interface TimelineAddress {
  mode: DataMode;
  taskId: string;
  agentId: string | undefined;
  runId: string | undefined;
}

async function readAll(
  { mode, taskId, agentId, runId }: TimelineAddress,
  signal: AbortSignal,
  onFirst: (first: Timeline) => void,
): Promise<Timeline> {
  const path = `/v1/tasks/${encodeURIComponent(taskId)}/timeline`;
  const parameters = { agent_id: agentId, task_run_id: runId };
  const first = await read<Timeline>(path, mode, parameters, signal);
  if (first.pagination?.has_more) onFirst(first);
  const events: HiveEvent[][] = [first.events];
  let count = first.events.length;
  let page = first.pagination;
  while (page?.has_more && page.cursor !== null && count < EVENTS_LIMIT) {
    // The run is named from here on: another one may have started since the first page.
    const more: Timeline = await read<Timeline>(
      path,
      mode,
      { agent_id: first.agent_id, task_run_id: first.task_run_id, cursor: page.cursor },
      signal,
    );
    events.push(more.events);
    count += more.events.length;
    page = more.pagination;
  }
  return events.length === 1
    ? first
    : { ...first, events: events.flat(), ...(page === undefined ? {} : { pagination: page }) };
}

/** Whether more of a run's events are on their way. */
export function isPartial(timeline: Timeline): boolean {
  return timeline.pagination?.has_more === true && timeline.events.length < EVENTS_LIMIT;
}

/** Reads a run with all of its events, and lets it grow as events arrive. */
export function useTimeline(address: TimelineAddress) {
  const client = useQueryClient();
  const { mode, taskId, agentId, runId } = address;
  const queryKey = ["timeline", mode, { task_id: taskId, agent_id: agentId, task_run_id: runId }] as const;
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      readAll(address, signal, (first) => {
        // The beginning of a long run is shown while its rest is on the way; what is there already stays.
        client.setQueryData<Timeline>(queryKey, (shown) => shown ?? first);
      }),
    // The stream keeps it fresh; a read brings 10,000 events.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

  const refetch = query.refetch;
  const grow = useCallback(
    (events: readonly HiveEvent[], tasks: ReadonlyMap<string, Partial<Timeline>>) => {
      let newRun = false;
      let ended = false;
      client.setQueryData<Timeline>(
        ["timeline", mode, { task_id: taskId, agent_id: agentId, task_run_id: runId }],
        (shown) => {
          if (shown === undefined) return shown;
          const mine = events.filter((event) => event.task_id === shown.task_id && event.agent_id === shown.agent_id);
          const fresh = mine.filter((event) => (event.task_run_id ?? "") === shown.task_run_id);
          newRun = mine.some(
            (event) => event.event_type === "task_started" && (event.task_run_id ?? "") !== shown.task_run_id,
          );
          const figures = tasks.get(runKey(shown));
          // What the server worked out for the whole run (where the time went) is read anew once the run is over.
          ended = shown.completed_at === null && typeof figures?.completed_at === "string";
          if (fresh.length === 0 && figures === undefined) return shown;
          return { ...shown, ...figures, events: fresh.length === 0 ? shown.events : [...shown.events, ...fresh] };
        },
      );
      if (newRun || ended) void refetch();
    },
    [client, mode, taskId, agentId, runId, refetch],
  );
  // The stream: what came between this read and its beginning is in neither, so a run that still grows is read again.
  const { state, since_ms } = useConnection();
  const missed =
    state === "live" && query.isSuccess && query.dataUpdatedAt < since_ms && query.data.completed_at === null;
  useEffect(() => {
    if (missed) void refetch();
  }, [missed, refetch]);
  useLiveBatch((batch) => {
    if (batch.events.length > 0 || batch.tasks.size > 0) grow(batch.events, batch.tasks);
  });
  return query;
}
