import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "~/api/errors";
import { PAGE_LIMIT, tasksQuery } from "~/api/queries";
import { ownerToOpen } from "~/components/related/owners";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { lazily } from "~/components/ui/lazily";
import { legible } from "~/format/legible";
import { useView } from "~/view/url";
import { TimelineSkeleton } from "./TimelineSkeleton";
import type { TimelineViewProps } from "./TimelineView";
import styles from "./timeline.module.css";
import { useTimeline } from "./useTimeline";

const load = () => import("./TimelineView").then(({ TimelineView }) => TimelineView);

/** Most visits look at the fleet first: what draws a task comes after that, and before it is asked for. */
const TimelineView = lazily<TimelineViewProps>(load, ({ state }) =>
  state === "loading" ? (
    <TimelineSkeleton />
  ) : (
    <section className={styles.message} aria-label="Task timeline">
      <Empty title="The timeline is not loaded yet">
        {state === "away"
          ? "The server does not answer. It comes as soon as it does."
          : "A part of the board is missing. Load the page again."}
      </Empty>
    </section>
  ),
);
if (typeof requestIdleCallback === "function") requestIdleCallback(() => void load().catch(() => undefined));

export interface TaskTimelineProps {
  taskId: string;
  agentId: string | undefined;
  runId: string | undefined;
  /** Fills the height it is given (a page of its own) instead of taking the height of its content. */
  tall?: boolean;
  /** The button at the end of the header that opens the task alone, or goes back. */
  full?: ReactNode;
}

/** The timeline of a task as the server knows it, growing while the task runs. */
export function TaskTimeline({ taskId, agentId, runId, tall = false, full }: TaskTimelineProps) {
  const { view } = useView();
  // Several agents may share a task's id: without a name in the address it is asked which of them is meant.
  const shared = useQuery({
    ...tasksQuery(view.mode, { task_id: taskId, limit: PAGE_LIMIT }),
    enabled: agentId === undefined,
  });
  if (agentId === undefined && shared.isPending && shared.failureCount === 0) return <TimelineSkeleton />;
  const owner = agentId ?? ownerToOpen(shared.data?.data ?? []);
  return <OneTimeline taskId={taskId} agentId={owner} runId={runId} tall={tall} full={full} />;
}

function OneTimeline({ taskId, agentId, runId, tall = false, full }: TaskTimelineProps) {
  const { view, set } = useView();
  const query = useTimeline({ mode: view.mode, taskId, agentId, runId });
  if (query.data !== undefined)
    return (
      <TimelineView
        key={`${query.data.agent_id} ${query.data.task_id} ${query.data.task_run_id}`}
        timeline={query.data}
        tall={tall}
        full={full}
      />
    );
  if (query.error instanceof ApiError && query.error.code === "task_not_found")
    return (
      <section className={styles.message} aria-label="Task timeline">
        <Empty
          title={`No task ${legible(taskId)} here`}
          step={
            <Button small onClick={() => set({ task: undefined, owner: undefined, run: undefined, node: undefined })}>
              Clear the selection
            </Button>
          }
        >
          It may be older than what is kept, or belong to the other data mode.
        </Empty>
      </section>
    );
  if (query.error !== null)
    return <ErrorState what="The timeline" error={query.error} onRetry={() => void query.refetch()} />;
  return <TimelineSkeleton />;
}
