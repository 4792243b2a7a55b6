import { useInfiniteQuery } from "@tanstack/react-query";
import { alertPagesQuery } from "~/api/alerts";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { ShowMore } from "~/components/ui/ShowMore";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { useRowStops } from "~/components/ui/useRowStops";
import { alertParameters } from "~/view/findings";
import { useView } from "~/view/url";
import { AlertRow } from "./AlertRow";
import styles from "./alerts.module.css";

/** The alerts of one state, newest first. */
export function AlertList({ state }: { state: "firing" | "resolved" }) {
  const { view, set } = useView();
  const stops = useRowStops<HTMLDivElement>("li");
  const alerts = useInfiniteQuery(alertPagesQuery(view.mode, { state, ...alertParameters(view) }));
  const order = useHeldOrder(
    alerts.data?.pages.flatMap((page) => page.data) ?? [],
    (alert) => alert.alert_id,
    `${view.mode} ${state} ${JSON.stringify(alertParameters(view))}`,
    // What fires no more has left the list: nobody takes it over by a click that was meant for it a moment ago.
    { byNow: (alert) => (state === "firing" ? { ...alert, state: "resolved" as const } : alert) },
  );
  if (alerts.data === undefined)
    return alerts.error !== null ? (
      <ErrorState what="The alerts" error={alerts.error} onRetry={() => void alerts.refetch()} />
    ) : (
      <SkeletonRows count={6} height={64} />
    );
  const rows = order.items;
  if (rows.length === 0)
    return state === "firing" ? (
      <Empty
        title="Nothing fires"
        step={
          <button type="button" className="link" onClick={() => set({ tab: "rules" })}>
            See what is watched for
          </button>
        }
      >
        An alert shows up here the moment a rule finds something.
      </Empty>
    ) : (
      <Empty title="Nothing has fired and ended yet">What is resolved is kept here, with who was told.</Empty>
    );
  return (
    <>
      <Unseen count={order.unseen} onShow={order.catchUp} />
      <div {...stops}>
        <ul className={styles.list} {...order.handlers} aria-label={state === "firing" ? "Open alerts" : "Past alerts"}>
          {rows.map((alert, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
            <AlertRow key={place} alert={alert} />
          ))}
        </ul>
      </div>
      <ShowMore list={alerts} />
    </>
  );
}
