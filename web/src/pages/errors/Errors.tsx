import { useInfiniteQuery } from "@tanstack/react-query";
import { ERROR_SORTS, type ErrorSort, errorsQuery } from "~/api/failures";
import { countedHours } from "~/components/errors/trend";
import { LongestRange } from "~/components/frame/LongestRange";
import { Answer } from "~/components/ui/Answer";
import { Empty } from "~/components/ui/Empty";
import { Segmented } from "~/components/ui/Segmented";
import { ShowMore } from "~/components/ui/ShowMore";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { formatAtLeast } from "~/format/count";
import { formatStretch } from "~/format/time";
import { usePeriodParameters } from "~/view/period";
import { scopeParameters, useView } from "~/view/url";
import { ErrorDetail } from "./ErrorDetail";
import { ErrorTable } from "./ErrorTable";
import styles from "./errors.module.css";

const SORTS = [
  { value: "often", label: "Most often" },
  { value: "last", label: "Last seen" },
  { value: "new", label: "Newest" },
] as const satisfies readonly { value: ErrorSort; label: string }[];

/** What goes wrong, each thing once: how often, where, since when and since which version. */
export function Errors() {
  const { view, set } = useView();
  const { since_ms, until_ms } = usePeriodParameters(view);
  const hours = countedHours(since_ms, until_ms);
  const sort = ERROR_SORTS.find((each) => each === view.sort) ?? "often";
  const scope = { ...scopeParameters(view), agent_id: view.agent };
  const errors = useInfiniteQuery(errorsQuery(view.mode, { ...scope, sort, q: view.q }));
  const order = useHeldOrder(
    errors.data?.pages.flatMap((page) => page.data) ?? [],
    (error) => error.error_id,
    `${view.mode} ${JSON.stringify(scope)} ${sort} ${view.q}`,
  );
  const rows = order.items;
  const failures = rows.reduce((sum, error) => sum + error.in_period, 0);
  return (
    <div className={styles.page}>
      <header className={styles.top}>
        <h1>Errors</h1>
        {errors.data !== undefined && rows.length > 0 && (
          <span className="sub">
            {formatAtLeast(rows.length, errors.hasNextPage)} {rows.length === 1 ? "error" : "errors"},{" "}
            {formatAtLeast(failures, errors.hasNextPage)} {failures === 1 ? "failure" : "failures"}
            {hours !== null && (
              <span className="dim">, counted by whole hours: {formatStretch(hours.since_ms, hours.until_ms)}</span>
            )}
          </span>
        )}
        <span className="grow" />
        <input
          type="search"
          className={styles.search}
          aria-label="Search errors"
          placeholder="Exception, message, place"
          maxLength={200}
          value={view.q ?? ""}
          onChange={(event) => set({ q: event.target.value || undefined }, { replace: true })}
        />
        <Segmented
          label="Order"
          value={sort}
          options={SORTS}
          onChange={(value) => set({ sort: value === "often" ? undefined : value }, { replace: true })}
        />
      </header>
      {view.error !== undefined && <ErrorDetail errorId={view.error} scope={scope} />}
      <Answer query={errors} what="The errors" rows={8} rowHeight={44}>
        {() =>
          rows.length === 0 ? (
            <Empty
              title={view.q === undefined ? "Nothing failed in this time" : `No failure of this time says “${view.q}”`}
              step={view.range === "30d" ? undefined : <LongestRange />}
            >
              Failed actions and tasks are grouped here by exception and place, each cause once.
            </Empty>
          ) : (
            <>
              <Unseen count={order.unseen} onShow={order.catchUp} />
              <div {...order.handlers}>
                <ErrorTable errors={rows} />
              </div>
              <ShowMore list={errors} />
            </>
          )
        }
      </Answer>
    </div>
  );
}
