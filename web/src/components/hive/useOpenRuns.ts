import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { PAGE_LIMIT, tasksQuery } from "~/api/queries";
import type { Agent, DataMode } from "~/api/types";

const OPEN = "processing,waiting,escalated,stuck";

/** When the run that an agent works on began, as far as the newest open runs tell. */
export function useOpenRuns(mode: DataMode): (agent: Agent) => string | undefined {
  const runs = useQuery(tasksQuery(mode, { status: OPEN, limit: PAGE_LIMIT })).data?.data;
  return useMemo(() => {
    const started = new Map(
      runs?.map((run) => [`${run.agent_id}\u0000${run.task_id}\u0000${run.task_run_id}`, run.started_at]),
    );
    return (agent) => started.get(`${agent.agent_id}\u0000${agent.current_task_id}\u0000${agent.current_task_run_id}`);
  }, [runs]);
}
