import { useQuery } from "@tanstack/react-query";
import { metricsQuery } from "~/api/queries";
import type { MetricsSummary } from "~/api/types";
import { scopeParameters, type View } from "~/view/url";
import { taskStatuses } from "./useTaskList";

/** How many runs of the view there are, by state, as the server counts them; undefined where it cannot count what the list shows. */
export function useTaskCounts(view: View): MetricsSummary | undefined {
  const counts = useQuery(metricsQuery(view.mode, { ...scopeParameters(view), agent_id: view.agent }));
  // The figures know nothing of a search: what they count is then another list.
  return view.q === undefined ? counts.data?.summary : undefined;
}

/** How many of the counted runs the list is narrowed to. */
export function totalOf(view: Pick<View, "status">, counts: MetricsSummary | undefined): number | undefined {
  if (counts === undefined) return undefined;
  if (view.status === undefined) return counts.total_tasks;
  let total = 0;
  for (const status of taskStatuses(view.status).split(",")) {
    const count = (counts as unknown as Record<string, unknown>)[status];
    if (typeof count !== "number") return undefined;
    total += count;
  }
  return total;
}

/** `136`; with rows still to be read and nobody to count them `100+`. */
export function countWords(read: number, more: boolean, total: number | undefined): string {
  if (!more) return read.toLocaleString("en-US");
  return total === undefined || total < read ? `${read.toLocaleString("en-US")}+` : total.toLocaleString("en-US");
}
