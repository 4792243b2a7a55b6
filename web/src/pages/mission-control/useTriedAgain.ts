import { useQueries, useQueryClient } from "@tanstack/react-query";
import { read } from "~/api/client";
import type { DataMode, Page, Task } from "~/api/types";
import { runKey } from "~/live/connection";
import { useLiveBatch } from "~/live/LiveProvider";

/**
 * What became of tasks whose run failed: their latest run, where it is another one. Each is asked for once, and again when the stream
 * tells of a run of that task: lists of runs are read anew so often that eight more questions with each would be too many.
 */
export function useTriedAgain(mode: DataMode, runs: readonly Task[]): (run: Task) => Task | null {
  const client = useQueryClient();
  const failed = runs.filter((run) => run.derived_status === "failed");
  const latest = useQueries({
    queries: failed.map(({ agent_id, task_id }) => ({
      queryKey: ["latest-run", mode, { agent_id, task_id }] as const,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        read<Page<Task>>("/v1/tasks", mode, { agent_id, task_id, limit: 1 }, signal),
      staleTime: Number.POSITIVE_INFINITY,
    })),
    combine: (answers) => answers.map(({ data }) => data?.data[0] ?? null),
  });
  useLiveBatch(({ tasks, incomplete }) => {
    if (incomplete) return;
    for (const { agent_id, task_id } of failed) {
      const told = [...tasks.values()].some((task) => task.task_id === task_id && task.agent_id === agent_id);
      if (told) void client.invalidateQueries({ queryKey: ["latest-run", mode, { agent_id, task_id }] });
    }
  });
  return (run) => {
    const newest = latest[failed.indexOf(run)] ?? null;
    return newest === null || runKey(newest) === runKey(run) || newest.started_at <= run.started_at ? null : newest;
  };
}
