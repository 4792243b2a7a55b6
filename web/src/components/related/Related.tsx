import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { PAGE_LIMIT, tasksQuery } from "~/api/queries";
import type { Timeline } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { legible } from "~/format/legible";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import { ownersOf } from "./owners";
import styles from "./Related.module.css";

/** The ways from a run to what belongs to it: the other agents that share its task's id, its other runs, its workflow. */
export function Related({ timeline }: { timeline: Timeline }) {
  const { view, set } = useView();
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const tasks = useQuery(tasksQuery(view.mode, { task_id: timeline.task_id, limit: PAGE_LIMIT })).data?.data;
  const owners = ownersOf(tasks ?? []);
  const workflow = timeline.correlation_id;
  if (owners.length < 2 && timeline.runs_total < 2 && workflow === null) return null;
  return (
    <div className={styles.related}>
      {owners.length > 1 && (
        <fieldset className={styles.owners} aria-label="Agents with this task">
          {owners.map((task) => {
            const look = statusLook(task.derived_status);
            return (
              <button
                key={task.agent_id}
                type="button"
                aria-pressed={task.agent_id === timeline.agent_id}
                title={`${legible(task.agent_id)}, ${look.word.toLowerCase()}`}
                onClick={() => set({ owner: task.agent_id, run: undefined, node: undefined })}
              >
                <StatusCell tone={look.tone} size={14} />
                <span className="ell">{legible(task.agent_id)}</span>
                <span className="sr-only">, {look.word}</span>
              </button>
            );
          })}
        </fieldset>
      )}
      <span className="grow" />
      {timeline.runs_total > 1 && (
        <Link
          className="link"
          to="/compare"
          search={
            patchSearch(here, { task: timeline.task_id, owner: timeline.agent_id, run: timeline.task_run_id }) as never
          }
        >
          <Icon name="swap" size={12} /> Compare its runs
        </Link>
      )}
      {workflow !== null && (
        <Link
          className="link"
          to="/workflow"
          search={patchSearch(here, { agent: undefined, correlation: workflow }) as never}
        >
          <Icon name="fall" size={12} /> Workflow
        </Link>
      )}
    </div>
  );
}
