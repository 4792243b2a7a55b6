import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { itemAddress, read } from "~/api/client";
import type { DataMode, HiveEvent, Timeline } from "~/api/types";
import { runKey } from "~/live/connection";
import { useConnection, useLiveBatch } from "~/live/LiveProvider";
import { growTimeline } from "./model/grow";

/** Events of a run that are read for the details of its nodes; its story is whole without them. */
export const EVENTS_LIMIT = 50_000;
/** What changed in a run on the screen is asked for at most this often. */
const FOLLOW_INTERVAL_MS = 500;

export interface TimelineAddress {
  mode: DataMode;
  taskId: string;
  agentId: string | undefined;
  runId: string | undefined;
}

function addressOf(taskId: string) {
  return itemAddress("/v1/tasks", "task_id", taskId, "/timeline");
}

async function readAll(
  { mode, taskId, agentId, runId }: TimelineAddress,
  signal: AbortSignal,
  onFirst: (first: Timeline) => void,
): Promise<Timeline> {
  const { path, parameters } = addressOf(taskId);
  const first = await read<Timeline>(path, mode, { ...parameters, agent_id: agentId, task_run_id: runId }, signal);
  if (first.pagination?.has_more) onFirst(first);
  const events: HiveEvent[][] = [first.events];
  let count = first.events.length;
  let page = first.pagination;
  while (page?.has_more && page.cursor !== null && count < EVENTS_LIMIT) {
    // The run is named from here on: another one may have started since the first page.
    const more: Timeline = await read<Timeline>(
      path,
      mode,
      { ...parameters, agent_id: first.agent_id, task_run_id: first.task_run_id, cursor: page.cursor },
      signal,
    );
    events.push(more.events);
    count += more.events.length;
    page = more.pagination;
  }
  if (events.length === 1) return first;
  const whole = { ...first, events: events.flat(), ...(page === undefined ? {} : { pagination: page }) };
  // The figures and the tree are of the first page's moment, and the run may have grown, or ended, since.
  const change = await read<Timeline>(
    path,
    mode,
    { ...parameters, agent_id: first.agent_id, task_run_id: first.task_run_id, after_seq: first.seq },
    signal,
  );
  return growTimeline(whole, change);
}

/** Reads a run whole, and follows it: whenever the stream speaks of it, what changed is asked for and taken in. */
export function useTimeline(address: TimelineAddress) {
  const client = useQueryClient();
  const { mode, taskId, agentId, runId } = address;
  const queryKey = ["timeline", mode, { task_id: taskId, agent_id: agentId, task_run_id: runId }] as const;
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      readAll(address, signal, (first) => {
        // The story of a long run is shown while its events are on the way; what is there already stays.
        client.setQueryData<Timeline>(queryKey, (shown) => shown ?? first);
      }),
    // A page that compares runs may stand there before a task was chosen.
    enabled: taskId !== "",
    // Growing keeps what did not change; comparing ten thousand events deeply would find just that.
    structuralSharing: false,
    // It is followed; a whole read brings up to 50,000 events.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

  const refetch = query.refetch;
  const following = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; busy: boolean; again: boolean }>({
    timer: undefined,
    busy: false,
    again: false,
  });
  const follow = useCallback(async () => {
    const state = following.current;
    state.timer = undefined;
    const key = ["timeline", mode, { task_id: taskId, agent_id: agentId, task_run_id: runId }];
    const shown = client.getQueryData<Timeline>(key);
    if (shown === undefined) return;
    state.busy = true;
    state.again = false;
    try {
      const { path, parameters } = addressOf(shown.task_id);
      const change = await read<Timeline>(path, mode, {
        ...parameters,
        agent_id: shown.agent_id,
        task_run_id: shown.task_run_id,
        after_seq: shown.seq,
      });
      client.setQueryData<Timeline>(key, (now) => (now === undefined ? now : growTimeline(now, change)));
    } catch {
      // The next word of the stream asks again; a server that is away is told by the frame.
    } finally {
      state.busy = false;
      if (state.again) state.timer ??= setTimeout(() => void follow(), FOLLOW_INTERVAL_MS);
    }
  }, [client, mode, taskId, agentId, runId]);
  // The timer must not outlive the run on the screen.
  useEffect(() => {
    const state = following.current;
    return () => {
      clearTimeout(state.timer);
      state.timer = undefined;
    };
  }, []);

  // The stream: what came between this read and its beginning is in neither, so a run that still grows is read again.
  const { state, since_ms } = useConnection();
  const missed =
    state === "live" && query.isSuccess && query.dataUpdatedAt < since_ms && query.data.completed_at === null;
  useEffect(() => {
    if (missed) void refetch();
  }, [missed, refetch]);
  const heardWhileReading = useRef(false);
  const isRead = query.isSuccess && !query.isFetching;
  // The stream, as above.
  useEffect(() => {
    if (!isRead || !heardWhileReading.current) return;
    heardWhileReading.current = false;
    void follow();
  }, [isRead, follow]);
  useLiveBatch((batch) => {
    const shown = query.data;
    // While it is read the run may grow: what comes meanwhile is asked for once the answer is here.
    if (shown === undefined || query.isFetching)
      heardWhileReading.current ||= batch.events.some((event) => event.task_id === taskId);
    if (shown === undefined) return;
    const mine = batch.events.filter((event) => event.task_id === shown.task_id && event.agent_id === shown.agent_id);
    const isThisRun = (event: HiveEvent) => (event.task_run_id ?? "") === shown.task_run_id;
    // Without a run in the address the latest is meant: a new one takes the place.
    if (runId === undefined && mine.some((event) => event.event_type === "task_started" && !isThisRun(event)))
      void refetch();
    if (!batch.tasks.has(runKey(shown)) && !mine.some((event) => isThisRun(event) && event.seq > shown.seq)) return;
    const follower = following.current;
    follower.again = true;
    if (!follower.busy) follower.timer ??= setTimeout(() => void follow(), follower.timer === undefined ? 50 : 0);
  });
  return query;
}
