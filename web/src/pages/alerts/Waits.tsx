import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { PAGE_LIMIT, tasksQuery } from "~/api/queries";
import type { Task } from "~/api/types";
import { Age } from "~/components/ui/Age";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { StatusCell } from "~/components/ui/StatusCell";
import { Time } from "~/components/ui/Time";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./alerts.module.css";

function since(task: Task): number {
  return Date.parse(task.waiting?.since ?? task.status_since);
}

/** Everything that waits for a person's answer: who is asked, what, since when; the longest wait first. */
export function Waits() {
  const { view } = useView();
  // Whatever the time looked at: a question that was asked last week still waits.
  const tasks = useQuery(
    tasksQuery(view.mode, {
      status: ["waiting", "escalated"],
      limit: PAGE_LIMIT,
      sort: "oldest",
      project_id: view.project,
      environment: view.environment,
      group: view.group,
      agent_id: view.agent,
    }),
  );
  if (tasks.data === undefined)
    return tasks.error !== null ? (
      <ErrorState what="What waits" error={tasks.error} onRetry={() => void tasks.refetch()} />
    ) : (
      <SkeletonRows count={6} height={64} />
    );
  const waits = [...tasks.data.data].sort((a, b) => since(a) - since(b));
  if (waits.length === 0)
    return (
      <Empty title="Nobody waits for an answer">
        Approvals that agents ask for and tasks handed to people show up here.
      </Empty>
    );
  return (
    <>
      <p className={styles.bar}>
        {waits.length}
        {tasks.data.pagination.has_more && "+"} {waits.length === 1 ? "task waits" : "tasks wait"} for a person, the
        longest first. Answers are given where the agents ask for them.
      </p>
      <ul className={styles.list} aria-label="Waiting for an answer">
        {waits.map((task) => (
          <Wait key={`${task.agent_id} ${task.task_id} ${task.task_run_id}`} task={task} />
        ))}
      </ul>
    </>
  );
}

function Wait({ task }: { task: Task }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const { waiting } = task;
  const handed = task.derived_status === "escalated";
  const from = waiting?.since ?? task.status_since;
  return (
    <li className={styles.alert} data-status="waiting">
      <StatusCell tone="waiting" size={20} />
      <div className={styles.what}>
        <p className={styles.summary} dir="auto">
          {waiting?.summary ?? (handed ? "Handed to a person" : "An approval, without a word of what for")}
        </p>
        <p className={styles.facts}>
          <span>
            <span className="dim">{handed && waiting === null ? "escalated" : "asked of"}</span>{" "}
            {waiting?.approver ?? (waiting === null ? "" : "nobody by name")}
          </span>
          <span>
            <span className="dim">since</span>
            <span>
              <Time at={from} />, <Age since={from} />
            </span>
          </span>
          <span>
            <span className="dim">agent</span> {task.agent_id}
          </span>
          {task.task_type !== null && (
            <span>
              <span className="dim">type</span> {task.task_type}
            </span>
          )}
          {task.project_id !== null && (
            <span>
              <span className="dim">project</span> {task.project_id}
            </span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        <Link
          className="link mono"
          to="/"
          aria-label={`Open ${task.task_id} of ${task.agent_id}`}
          search={
            patchSearch(here, {
              task: task.task_id,
              owner: task.agent_id,
              run: task.task_run_id,
              node: waiting?.event_id,
            }) as never
          }
        >
          {task.task_id}
        </Link>
      </div>
    </li>
  );
}
