import { useInfiniteQuery } from "@tanstack/react-query";
import { type StateKind, type StateSpan, stateHistoryQuery } from "~/api/states";
import { stateLook } from "~/appearance/states";
import { StateTable } from "~/components/states/StateTable";
import { Answer } from "~/components/ui/Answer";
import { Empty } from "~/components/ui/Empty";
import { Segmented } from "~/components/ui/Segmented";
import { ShowMore } from "~/components/ui/ShowMore";
import { Unseen } from "~/components/ui/Unseen";
import { useHeldOrder } from "~/components/ui/useHeldOrder";
import { formatAtLeast } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { scopeParameters, useView } from "~/view/url";
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
      <Answer query={history} what="The history of states" rows={6}>
        {() =>
          spans.length === 0 ? (
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
              <div {...order.handlers}>
                <StateTable spans={spans} withAgent />
                <ShowMore list={history} />
              </div>
            </>
          )
        }
      </Answer>
    </section>
  );
}
