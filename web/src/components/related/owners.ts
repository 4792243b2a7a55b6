import type { Task } from "~/api/types";

/** The latest run of each agent that has the task, in the order in which they came in: who gave the work stands first. */
export function ownersOf(tasks: readonly Task[]): Task[] {
  const latest = new Map<string, Task>();
  const first = new Map<string, number>();
  for (const task of tasks) {
    const at_ms = Date.parse(task.started_at);
    const known = latest.get(task.agent_id);
    if (known === undefined || at_ms > Date.parse(known.started_at)) latest.set(task.agent_id, task);
    first.set(task.agent_id, Math.min(at_ms, first.get(task.agent_id) ?? at_ms));
  }
  return [...latest.values()].sort((a, b) => (first.get(a.agent_id) ?? 0) - (first.get(b.agent_id) ?? 0));
}

/** Which of them is opened where the address does not say: what failed, else what is stuck, else who came in first; one alone is no question. */
export function ownerToOpen(tasks: readonly Task[]): string | undefined {
  const owners = ownersOf(tasks);
  if (owners.length < 2) return undefined;
  const worst = (["failed", "stuck"] as const).map((status) => owners.find((task) => task.derived_status === status));
  return (worst.find((task) => task !== undefined) ?? owners[0])?.agent_id;
}
