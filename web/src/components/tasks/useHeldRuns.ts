import { useState } from "react";
import type { Task } from "~/api/types";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { runKey } from "~/live/connection";
import { useLiveBatch } from "~/live/LiveProvider";

const NOTHING: ReadonlyMap<string, Task> = new Map();

/**
 * Holds the order of a live list of runs under a pointer. A run that is no longer what the list is narrowed to (it failed, and is tried
 * again) stays where it is, and says what it is by now.
 */
export function useHeldRuns(fresh: readonly Task[], scope: string) {
  const [told, setTold] = useState(NOTHING);
  const order = useHeldOrder(fresh, runKey, scope, {
    byNow: (run) => ({ ...run, ...told.get(runKey(run)) }),
  });
  useLiveBatch(({ tasks }) => {
    if (!order.holds) {
      if (told.size > 0) setTold(NOTHING);
      return;
    }
    const news = order.items.flatMap((run) => {
      const key = runKey(run);
      const task = tasks.get(key);
      return task === undefined ? [] : [[key, task] as const];
    });
    if (news.length > 0) setTold((before) => new Map([...before, ...news]));
  });
  return order;
}
