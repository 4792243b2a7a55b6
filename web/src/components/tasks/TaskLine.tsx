import type { Task } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { StatusCell } from "~/components/ui/StatusCell";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { runKey } from "~/live/connection";
import { reasonOf } from "./reason";
import { Duration } from "./taskColumns";
import styles from "./tasks.module.css";

/** A run on a narrow screen: two lines. */
export function TaskLine({ task, selected, onSelect }: { task: Task; selected: boolean; onSelect: () => void }) {
  const look = statusLook(task.derived_status);
  return (
    <li>
      <button
        type="button"
        className={`${styles.line} inset-focus`}
        aria-pressed={selected}
        data-run={runKey(task)}
        onClick={onSelect}
      >
        <StatusCell tone={look.tone} />
        <span className="ell">
          <span className="mono">{legible(task.task_id)}</span>
          <small>
            {legible(task.agent_id)}, {look.word.toLowerCase()}
            {task.derived_status === "failed" && reasonOf(task) !== null && `: ${reasonOf(task)}`}
          </small>
        </span>
        <span className="num">
          <Duration task={task} />
          <small>{task.total_cost === null ? "–" : formatMoney(task.total_cost)}</small>
        </span>
      </button>
    </li>
  );
}
