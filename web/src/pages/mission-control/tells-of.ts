import type { Alert } from "~/api/alerts";
import type { Task } from "~/api/types";

/** Whether an alert says of a run that waits or is stuck what a line of its own would say. */
export function tellsOf({ condition, subject }: Pick<Alert, "condition" | "subject">, task: Task): boolean {
  if (subject.agent_id !== task.agent_id) return false;
  if (condition === "agent_stuck") return task.derived_status === "stuck" && task.waiting === null;
  if (condition !== "approval_waiting" || subject.kind !== "run") return false;
  return subject.task_id === task.task_id && subject.task_run_id === task.task_run_id;
}
