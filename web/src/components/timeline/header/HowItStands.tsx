import type { Task } from "~/api/types";
import { Age } from "~/components/ui/Age";
import { Icon } from "~/components/ui/Icon";
import { formatClock } from "~/format/time";
import type { ExceptionFacts } from "../model/types";
import styles from "./header.module.css";

/** What a run that does not simply go on or go well has come to, in one line: what ended it, or who or what it waits for. */
export function HowItStands({ task, exception }: { task: Task; exception: ExceptionFacts | null }) {
  if (task.derived_status === "failed" && exception !== null && (exception.type ?? exception.message) !== null)
    return (
      <p className={styles.stands} data-status="error">
        <Icon name="fail" size={14} />
        <span className={styles.standsWords} title={exception.message ?? undefined}>
          <b>{exception.type ?? "Failed"}</b>
          {exception.message !== null && `: ${exception.message}`}
        </span>
      </p>
    );
  if (task.derived_status === "waiting")
    return (
      <p className={styles.stands} data-status="waiting">
        <Icon name="ask" size={14} />
        <span className={styles.standsWords}>
          Waits for <b>{task.waiting?.approver ?? "a person"}</b>
          {task.waiting?.summary && `: “${task.waiting.summary}”`}
        </span>
        <span className={styles.standsSince}>
          asked {formatClock(task.waiting?.since ?? task.status_since)},{" "}
          <Age since={task.waiting?.since ?? task.status_since} /> ago
        </span>
      </p>
    );
  if (task.derived_status === "stuck")
    return (
      <p className={styles.stands} data-status="stuck">
        <Icon name="pulse" size={14} />
        <span className={styles.standsWords}>
          <b>No word from it</b> since {formatClock(task.last_event_at)}: its process is silent past the threshold
          {task.waiting !== null && `; ${task.waiting.approver ?? "a person"} was asked and has not answered`}
        </span>
        <span className={styles.standsSince}>
          <Age since={task.last_event_at} /> ago
        </span>
      </p>
    );
  return null;
}
