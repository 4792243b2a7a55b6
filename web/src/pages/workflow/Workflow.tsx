import { useQuery } from "@tanstack/react-query";
import { allTasksQuery } from "~/api/queries";
import { Answer } from "~/components/ui/Answer";
import { Empty } from "~/components/ui/Empty";
import { formatAtLeast } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { useNow } from "~/live/clock";
import { useView } from "~/view/url";
import { workflowOf } from "./lanes";
import { Recent } from "./Recent";
import { Swimlanes } from "./Swimlanes";
import styles from "./workflow.module.css";

/** Tasks that share a correlation id, across agents, on one axis: who gave work to whom, and who waits for whom. */
export function Workflow() {
  const { view } = useView();
  return view.correlation === undefined ? <Recent /> : <One id={view.correlation} />;
}

function One({ id }: { id: string }) {
  const { view, set } = useView();
  const now_ms = useNow();
  const tasks = useQuery(allTasksQuery(view.mode, { correlation_id: id, sort: "oldest" }));
  const runs = tasks.data?.data ?? [];
  const workflow = workflowOf(runs, now_ms);
  const cost = runs.reduce((sum, run) => sum + (run.total_cost ?? 0), 0);
  const agents = workflow.lanes.length;
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <button type="button" className="link" onClick={() => set({ correlation: undefined })}>
          Workflows
        </button>
        <h1 className="mono" title={id}>
          {id}
        </h1>
        {runs.length > 0 && (
          <span className="sub">
            {formatAtLeast(runs.length, tasks.data?.pagination.has_more === true)}{" "}
            {runs.length === 1 ? "task" : "tasks"} of {agents} {agents === 1 ? "agent" : "agents"},{" "}
            {formatDuration(workflow.end_ms - workflow.start_ms)}, {formatMoney(cost)}
          </span>
        )}
      </header>
      <Answer query={tasks} what="The workflow" rows={6} rowHeight={36}>
        {() =>
          runs.length === 0 ? (
            <Empty title="No task has this correlation id">
              It may be older than what is kept, or of the other data mode.
            </Empty>
          ) : (
            <Swimlanes workflow={workflow} />
          )
        }
      </Answer>
    </div>
  );
}
