/** Parameters that decide what the rows of an answer are: agents are no models, and the calls of one agent no other's. */
const KINDS = [
  "group_by",
  "split_by",
  "metric",
  "model",
  "task_id",
  "task_type",
  "version",
  "correlation_id",
  "agent_id",
  "project_id",
  "environment",
  "group",
  "state",
] as const;

type Parameters = { readonly [name: string]: unknown };

interface PreviousQuery {
  queryKey: readonly unknown[];
}

/**
 * What stands on the screen while new figures are read: the ones before, if they are of the same kind and only the time, the order or
 * the search has moved on. Anything else (another noun, live data for test data, another agent) would be the old rows under a new name.
 *
 * @param queryKey of what is read: whose it is, and what it is asked for with at the end
 */
export function keepAlike(queryKey: readonly unknown[]) {
  return <T>(previous: T | undefined, query: PreviousQuery | undefined): T | undefined =>
    query !== undefined && areAlike(query.queryKey, queryKey) ? previous : undefined;
}

function areAlike(before: readonly unknown[], now: readonly unknown[]): boolean {
  if (before.length !== now.length) return false;
  const sameNouns = now.slice(0, -1).every((part, place) => part === before[place]);
  return sameNouns && KINDS.every((name) => parametersOf(before)[name] === parametersOf(now)[name]);
}

function parametersOf(queryKey: readonly unknown[]): Parameters {
  const last = queryKey.at(-1);
  return typeof last === "object" && last !== null ? (last as Parameters) : {};
}
