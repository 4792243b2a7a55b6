import { mattersOf, useInsights, useOpenAlerts } from "~/view/findings";
import { useView } from "~/view/url";

export interface NavNote {
  count: number;
  /** There are more than were counted. */
  more: boolean;
  /** Said after the count to those who do not see where it stands. */
  word: string;
  hot: boolean;
}

/** What stands beside the views in the bar, by path; null for a view that this server does not have. */
export function useNavNotes(): Readonly<Record<string, NavNote | null | undefined>> {
  const { view } = useView();
  const alerts = useOpenAlerts(view);
  const insights = useInsights(view);
  return {
    "/alerts": alerts.offered ? { count: alerts.total, more: false, word: "open", hot: true } : null,
    "/insights": insights.offered
      ? {
          count: mattersOf(insights.query.data?.data ?? []),
          more: false,
          word: "to look at",
          hot: false,
        }
      : null,
  };
}
