import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { read } from "~/api/client";
import { keepAlike } from "~/api/keep";
import type { Page, Task } from "~/api/types";
import { runKey } from "~/live/connection";
import { useConnection, useLiveBatch } from "~/live/LiveProvider";
import { scopeParameters, type View } from "~/view/url";

export const SORTS = ["newest", "oldest", "duration", "cost", "tokens", "errors"] as const;
export type Sort = (typeof SORTS)[number];

const PAGE_SIZE = 100;
/** Between two reads of the list because something new began or ended. */
const REFRESH_MS = 1_500;
/** A reader this deep in the list keeps what is there: reading ten pages anew for one new row helps nobody. */
const REFRESH_PAGES = 3;

/** The task statuses that a status of the view means: the ribbon speaks of agents, the table of runs. */
const STATUS: Record<string, string | undefined> = {
  waiting_approval: "waiting",
  error: "failed",
  idle: "completed",
};

/** A status of the view as statuses of runs: `waiting_approval` of an agent is `waiting` of its run. */
export function taskStatuses(status: string): string {
  return status
    .split(",")
    .map((each) => STATUS[each] ?? each)
    .join(",");
}

export function sortOf(view: View): Sort {
  return SORTS.find((sort) => sort === view.sort) ?? "newest";
}

/** The runs of the view, a page at a time, live. */
export function useTaskList(view: View, pageSize: number = PAGE_SIZE) {
  const client = useQueryClient();
  const parameters = {
    ...scopeParameters(view),
    agent_id: view.agent,
    status: view.status === undefined ? undefined : taskStatuses(view.status),
    q: view.q,
    sort: sortOf(view),
    limit: pageSize,
  };
  // Not under the noun "tasks": live-cache.ts knows single pages there.
  const queryKey = ["task-pages", view.mode, parameters] as const;
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      read<Page<Task>>("/v1/tasks", view.mode, { ...parameters, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.pagination.has_more ? page.pagination.cursor : undefined),
    placeholderData: keepAlike(queryKey),
  });

  // The stream: what came between the first read and its beginning is in neither.
  const { state, since_ms } = useConnection();
  const missed = state === "live" && query.isSuccess && query.dataUpdatedAt < since_ms;
  const refetch = query.refetch;
  useEffect(() => {
    if (missed) void refetch();
  }, [missed, refetch]);

  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  // The timer is the browser's: it must not outlive the list.
  useEffect(() => () => clearTimeout(timer.current), []);

  const narrowed = view.status !== undefined;
  useLiveBatch(({ tasks, events }) => {
    const ended = events.some((event) => event.event_type.startsWith("task_"));
    if (tasks.size === 0 && !ended) return;
    let unknown = ended;
    let pages = 0;
    client.setQueryData<InfiniteData<Page<Task>>>(queryKey, (shown) => {
      if (shown === undefined) return shown;
      pages = shown.pages.length;
      const known = new Set<string>();
      const next = shown.pages.map((page) => {
        let changed = false;
        const data = page.data.map((task) => {
          const update = tasks.get(runKey(task));
          if (update === undefined) return task;
          known.add(runKey(task));
          // It may no longer be what the list is narrowed to, or not at its place.
          unknown ||= narrowed && update.derived_status !== task.derived_status;
          changed = true;
          return { ...task, ...update };
        });
        return changed ? { ...page, data } : page;
      });
      unknown ||= known.size < tasks.size;
      return { ...shown, pages: next };
    });
    if (!unknown || pages > REFRESH_PAGES || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey }, { cancelRefetch: false });
    }, REFRESH_MS);
  });

  const tasks = useMemo(() => unique(query.data?.pages ?? []), [query.data]);
  return { tasks, query, scope: JSON.stringify(queryKey) };
}

/** While a list by a moving figure grows, a row may come on two pages: it is shown once. */
function unique(pages: readonly Page<Task>[]): Task[] {
  const seen = new Set<string>();
  const tasks: Task[] = [];
  for (const page of pages) {
    for (const task of page.data) {
      const key = runKey(task);
      if (seen.has(key)) continue;
      seen.add(key);
      tasks.push(task);
    }
  }
  return tasks;
}
