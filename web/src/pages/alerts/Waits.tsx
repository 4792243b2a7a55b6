import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { allTasksQuery } from "~/api/queries";
import type { Task } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { useHeldRuns } from "~/components/tasks/useHeldRuns";
import { Age } from "~/components/ui/Age";
import { Badge } from "~/components/ui/Badge";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { StatusCell } from "~/components/ui/StatusCell";
import { Time } from "~/components/ui/Time";
import { useRowStops } from "~/components/ui/useRowStops";
import { formatAtLeast } from "~/format/count";
import { legible } from "~/format/legible";
import { runKey } from "~/live/connection";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./alerts.module.css";

function since(task: Task): number {
  return Date.parse(task.waiting?.since ?? task.status_since);
}

/** Whether a person was asked and has not answered; that the agent has fallen silent since does not answer it. */
export function waitsForSomebody(task: Pick<Task, "derived_status" | "waiting" | "has_escalation">): boolean {
  return task.derived_status !== "stuck" || task.waiting !== null || task.has_escalation;
}

/** Whether it went on, and stands among what waits only until the list is read anew or the pointer lets go of it. */
function isAnswered({ derived_status }: Task): boolean {
  return derived_status !== "waiting" && derived_status !== "escalated" && derived_status !== "stuck";
}

/** Everything that waits for a person's answer: who is asked, what, since when; the longest wait first. */
export function Waits() {
  const stops = useRowStops<HTMLDivElement>("li");
  const { view } = useView();
  // Whatever the time looked at: a question that was asked last week still waits.
  const tasks = useQuery(
    allTasksQuery(view.mode, {
      status: ["waiting", "escalated", "stuck"],
      sort: "oldest",
      project_id: view.project,
      environment: view.environment,
      group: view.group,
      agent_id: view.agent,
    }),
  );
  const order = useHeldRuns(
    (tasks.data?.data ?? []).filter(waitsForSomebody).sort((a, b) => since(a) - since(b)),
    `${view.mode} ${view.project} ${view.environment} ${view.group} ${view.agent}`,
  );
  if (tasks.data === undefined)
    return tasks.error !== null ? (
      <ErrorState what="What waits" error={tasks.error} onRetry={() => void tasks.refetch()} />
    ) : (
      <SkeletonRows count={6} height={64} />
    );
  const waits = order.items;
  if (waits.length === 0)
    return (
      <Empty title="Nobody waits for an answer">
        Approvals that agents ask for and tasks handed to people show up here.
      </Empty>
    );
  const open = waits.filter((task) => !isAnswered(task)).length;
  return (
    <>
      <p className={styles.bar}>
        {formatAtLeast(open, tasks.data.pagination.has_more)} {open === 1 ? "task waits" : "tasks wait"} for a person,
        the longest first. Answers are given where the agents ask for them.
      </p>
      <div {...stops}>
        <ul className={styles.list} {...order.handlers} aria-label="Waiting for an answer">
          {waits.map((task, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
            <Wait key={place} task={task} />
          ))}
        </ul>
      </div>
    </>
  );
}

function Wait({ task }: { task: Task }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const { waiting } = task;
  const stuck = task.derived_status === "stuck";
  const handed = task.derived_status === "escalated" || (stuck && waiting === null);
  const answered = isAnswered(task);
  const look = statusLook(task.derived_status);
  const from = waiting?.since ?? task.status_since;
  return (
    <li className={styles.alert} data-status={answered ? look.tone : "waiting"}>
      <StatusCell tone={answered ? look.tone : "waiting"} size={20} />
      <div className={styles.what}>
        <p className={styles.summary} dir="auto" title={waiting?.summary ?? undefined}>
          {waiting?.summary ??
            (answered
              ? `Answered, ${look.word.toLowerCase()}`
              : handed
                ? "Handed to a person"
                : "An approval, without a word of what for")}
        </p>
        <p className={styles.facts} key={runKey(task)}>
          {stuck && (
            <Badge tone="stuck" solid>
              its agent is stuck
            </Badge>
          )}
          {!answered && (
            <span>
              <span className="dim">{handed && waiting === null ? "escalated" : "asked of"}</span>{" "}
              <span>{waiting?.approver ?? (waiting === null ? "" : "nobody by name")}</span>
            </span>
          )}
          <span>
            <span className="dim">since</span>
            <span>
              <Time at={from} />, <Age since={from} />
            </span>
          </span>
          <span>
            <span className="dim">agent</span> <span>{legible(task.agent_id)}</span>
          </span>
          {task.task_type !== null && (
            <span>
              <span className="dim">type</span> <span>{legible(task.task_type)}</span>
            </span>
          )}
          {task.project_id !== null && (
            <span>
              <span className="dim">project</span> <span>{legible(task.project_id)}</span>
            </span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        <Link
          className={`link mono ${styles.task}`}
          to="/"
          aria-label={`Open ${legible(task.task_id)} of ${legible(task.agent_id)}`}
          search={
            patchSearch(here, {
              task: task.task_id,
              owner: task.agent_id,
              run: task.task_run_id,
              node: waiting?.event_id,
            }) as never
          }
        >
          {legible(task.task_id)}
        </Link>
      </div>
    </li>
  );
}
