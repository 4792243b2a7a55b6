import { PAGE_LIMIT } from "~/api/queries";
import type { Task } from "~/api/types";
import { useTaskList } from "~/components/tasks/useTaskList";
import { Answer } from "~/components/ui/Answer";
import { StatusText } from "~/components/ui/Badge";
import { Empty } from "~/components/ui/Empty";
import { ShowMore } from "~/components/ui/ShowMore";
import { figures, Table } from "~/components/ui/Table";
import { Time } from "~/components/ui/Time";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { counted, formatAtLeast } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { useView } from "~/view/url";
import styles from "./workflow.module.css";

interface Group {
  id: string;
  tasks: Task[];
}

/** Worst first: a workflow is as its worst run. */
const WORST: readonly Task["derived_status"][] = ["stuck", "failed", "waiting", "escalated", "processing", "cancelled"];

export function worstOf(tasks: readonly Task[]): Task["derived_status"] {
  return WORST.find((status) => tasks.some((task) => task.derived_status === status)) ?? "completed";
}

/** Those of the newest runs that belong together, the newest first. */
export function groupsOf(tasks: readonly Task[]): Group[] {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) {
    if (task.correlation_id === null) continue;
    const group = groups.get(task.correlation_id);
    if (group === undefined) groups.set(task.correlation_id, [task]);
    else group.push(task);
  }
  return [...groups].map(([id, of]) => ({ id, tasks: of }));
}

/** Recent workflows: what several tasks did together. The server lists tasks; the board looks through as many as it was asked to. */
export function Recent() {
  const { view, set } = useView();
  const { tasks, query, scope } = useTaskList(
    { ...view, status: undefined, q: undefined, sort: undefined },
    PAGE_LIMIT,
  );
  const order = useHeldOrder(groupsOf(tasks), ({ id }) => id, scope);
  const groups = order.items;
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1>Workflows</h1>
        {query.data !== undefined && tasks.length > 0 && (
          <span className="sub">
            among {query.hasNextPage ? "the newest" : "all"} {counted(tasks.length, "task")}
          </span>
        )}
      </header>
      <Answer query={query} what="The workflows" rows={6}>
        {() => (
          <>
            {groups.length === 0 ? (
              <Empty
                title={
                  query.hasNextPage
                    ? `None of the newest ${counted(tasks.length, "task")} belong together`
                    : "No tasks belong together here"
                }
              >
                Tasks with the same correlation id are shown as one workflow: agent.task(…, correlation_id=…).
              </Empty>
            ) : (
              <>
                <Unseen count={order.unseen} onShow={order.catchUp} />
                <div {...order.handlers}>
                  <Table
                    className={styles.recent}
                    columns={[
                      "Workflow",
                      "Status",
                      figures("Tasks"),
                      figures("Agents"),
                      figures("Longest task"),
                      figures("Last started"),
                    ]}
                  >
                    {groups.map(({ id, tasks: of }, place) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
                      <tr key={place}>
                        <td className="mono strong" title={id}>
                          <button
                            type="button"
                            className={`link ell ${styles.id}`}
                            onClick={() => set({ correlation: id })}
                          >
                            {id}
                          </button>
                        </td>
                        <td>
                          <StatusText status={worstOf(of)} />
                        </td>
                        <td className="num">{formatAtLeast(of.length, query.hasNextPage)}</td>
                        <td className="num">
                          {formatAtLeast(new Set(of.map((task) => task.agent_id)).size, query.hasNextPage)}
                        </td>
                        <td className="num">{formatDuration(Math.max(...of.map((task) => task.duration_ms)))}</td>
                        <td className="num sub">
                          <Time at={of[0]?.started_at ?? ""} />
                        </td>
                      </tr>
                    ))}
                  </Table>
                </div>
              </>
            )}
            <ShowMore list={query} word="Look further back" />
          </>
        )}
      </Answer>
    </div>
  );
}
