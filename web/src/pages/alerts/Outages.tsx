import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type StateKind, type StateSpan, stateHistoryQuery } from "~/api/states";
import { stateLook } from "~/appearance/states";
import { Age } from "~/components/ui/Age";
import { Badge } from "~/components/ui/Badge";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Segmented } from "~/components/ui/Segmented";
import { ShowMore } from "~/components/ui/ShowMore";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Time } from "~/components/ui/Time";
import table from "~/components/ui/table.module.css";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { formatAtLeast } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { scopeParameters, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./alerts.module.css";

const KINDS = [
  { value: "stuck", label: "Stuck" },
  { value: "waiting", label: "Waiting" },
  { value: "error", label: "Error" },
  { value: "gone", label: "Gone" },
] as const satisfies readonly { value: StateKind; label: string }[];

function keyOf({ agent_id, started_at }: StateSpan): string {
  return `${agent_id} ${started_at}`;
}

/** Who was stuck (or waited, or failed), when, and how long: kept by the server, whatever page was open. */
export function Outages() {
  const { view, set } = useView();
  const kind = KINDS.find((each) => each.value === view.by)?.value ?? "stuck";
  const history = useInfiniteQuery(
    stateHistoryQuery(view.mode, { ...scopeParameters(view), agent_id: view.agent, state: kind }),
  );
  const order = useHeldOrder(
    history.data?.pages.flatMap((page) => page.data) ?? [],
    keyOf,
    `${view.mode} ${kind} ${JSON.stringify(scopeParameters(view))} ${view.agent}`,
  );
  const spans = order.items;
  const total_ms = spans.reduce((sum, span) => sum + span.duration_seconds * 1_000, 0);
  return (
    <section aria-label="Outages">
      <div className={styles.bar}>
        <Segmented
          label="State"
          value={kind}
          options={KINDS}
          onChange={(value) => set({ by: value === "stuck" ? undefined : value }, { replace: true })}
        />
        {spans.length > 0 && (
          <span>
            {formatAtLeast(spans.length, history.hasNextPage)} {spans.length === 1 ? "time" : "times"}
            {!history.hasNextPage && `, ${formatDuration(total_ms)} together`}
          </span>
        )}
      </div>
      {history.data === undefined && history.error !== null ? (
        <ErrorState what="The history of states" error={history.error} onRetry={() => void history.refetch()} />
      ) : history.data === undefined ? (
        <SkeletonRows count={6} />
      ) : spans.length === 0 ? (
        <Empty
          title={
            kind === "stuck"
              ? "No agent fell silent in this time"
              : `No agent was ${stateLook(kind).words} in this time`
          }
        />
      ) : (
        <>
          <Unseen count={order.unseen} onShow={order.catchUp} />
          <div className={styles.scroll} {...order.handlers}>
            <table className={table.tbl}>
              <thead>
                <tr>
                  <th scope="col">Agent</th>
                  <th scope="col">State</th>
                  <th scope="col">From</th>
                  <th scope="col">Until</th>
                  <th scope="col" className="num">
                    For
                  </th>
                </tr>
              </thead>
              <tbody>
                {spans.map((span) => (
                  <Row key={keyOf(span)} span={span} />
                ))}
              </tbody>
            </table>
            <ShowMore list={history} />
          </div>
        </>
      )}
    </section>
  );
}

function Row({ span }: { span: StateSpan }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const look = stateLook(span.state);
  return (
    <tr>
      <td title={legible(span.agent_id)}>
        <Link className="link" to="/agent" search={{ ...here, agent: span.agent_id, tab: "states" } as never}>
          {legible(span.agent_id)}
        </Link>
      </td>
      <td>
        <Badge tone={look.tone} solid={look.tone === "stuck" && span.ended_at === null}>
          {look.word}
        </Badge>
      </td>
      <td className="sub">
        <Time at={span.started_at} />
      </td>
      <td className="sub">
        {span.ended_at === null ? (
          <b className={look.tone === "stuck" ? "bad" : undefined}>lasts</b>
        ) : (
          <Time at={span.ended_at} />
        )}
      </td>
      <td className="num strong">
        {span.ended_at === null ? <Age since={span.started_at} /> : formatDuration(span.duration_seconds * 1_000)}
      </td>
    </tr>
  );
}
