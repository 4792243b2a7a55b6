import type { QueryParameters } from "./client";

/** Parameters that decide what the rows of an answer are: agents are no models, and the calls of one agent no other's. */
const KINDS = [
  "group_by",
  "split_by",
  "metric",
  "model",
  "task_type",
  "agent_id",
  "project_id",
  "environment",
  "group",
] as const;

interface PreviousQuery {
  queryKey: readonly unknown[];
}

/**
 * What stands on the screen while new figures are read: the ones before, if they are of the same kind and only the time has moved on.
 * Anything else would be the old rows under a new name.
 */
export function keepAlike(parameters: QueryParameters) {
  return <T>(previous: T | undefined, query: PreviousQuery | undefined): T | undefined => {
    const before = query?.queryKey.at(-1);
    if (typeof before !== "object" || before === null) return undefined;
    const alike = KINDS.every((name) => (before as QueryParameters)[name] === parameters[name]);
    return alike ? previous : undefined;
  };
}
