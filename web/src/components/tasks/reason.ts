import type { Task } from "~/api/types";

/** What ended a failed run: its exception and what that says; null where neither was told. */
export function reasonOf(task: Task): string | null {
  const words = [task.exception_type, task.exception_message].filter((word) => word !== null && word !== "");
  return words.length === 0 ? null : words.join(": ");
}
