import { useQuery } from "@tanstack/react-query";
import { type AgentStates, agentStatesQuery } from "~/api/states";
import { stateLook } from "~/appearance/states";
import { StateTable } from "~/components/states/StateTable";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Time } from "~/components/ui/Time";
import { formatShare } from "~/format/count";
import { formatAge, formatDuration } from "~/format/duration";
import { useNow } from "~/live/clock";
import { RANGE_MS } from "~/view/period";
import { useView } from "~/view/url";
import styles from "./states.module.css";

/** The time looked at; an hour says little of who was dead when, so it is a day at least. */
function usePeriod(): { parameters: Record<string, string | undefined>; since_ms: number; until_ms: number } {
  const { view } = useView();
  const now_ms = useNow();
  if (view.since !== undefined && view.until !== undefined)
    return {
      parameters: { since: view.since, until: view.until },
      since_ms: Date.parse(view.since),
      until_ms: Date.parse(view.until),
    };
  const range = RANGE_MS[view.range] < RANGE_MS["24h"] ? "24h" : view.range;
  return { parameters: { range }, since_ms: now_ms - RANGE_MS[range], until_ms: now_ms };
}

/** Up, waiting, stuck, gone: the time looked at as one strip. */
export function StateStrip({ agentId }: { agentId: string }) {
  const { view } = useView();
  const { parameters, since_ms, until_ms } = usePeriod();
  const states = useQuery(agentStatesQuery(view.mode, agentId, parameters)).data;
  if (states === undefined) return <div className={styles.holder} />;
  // Of a young agent the strip is as long as what is known.
  const from_ms = Math.min(until_ms - 1, Math.max(since_ms, Date.parse(states.known_since)));
  return (
    <figure className={styles.holder}>
      <Bars states={states} since_ms={from_ms} until_ms={until_ms} />
      <figcaption className={styles.caption}>
        <span>States, last {formatAge(until_ms - from_ms)}</span>
        <span>
          {states.uptime === null ? "" : `${formatShare(states.uptime)} up`}
          {totals(states)}
        </span>
      </figcaption>
    </figure>
  );
}

function totals(states: AgentStates): string {
  const stuck = states.totals.find((total) => total.state === "stuck");
  if (stuck === undefined) return "";
  return `, stuck ${stuck.times === 1 ? "once" : `${stuck.times} times`}, ${formatDuration(stuck.seconds * 1_000)}`;
}

function Bars({ states, since_ms, until_ms }: { states: AgentStates; since_ms: number; until_ms: number }) {
  const x = (at_ms: number) => Math.min(100, Math.max(0, ((at_ms - since_ms) / (until_ms - since_ms)) * 100));
  return (
    <svg
      className={styles.strip}
      viewBox="0 0 100 14"
      preserveAspectRatio="none"
      role="img"
      aria-label={`States: ${states.totals.map((total) => `${stateLook(total.state).word} ${formatDuration(total.seconds * 1_000)}`).join(", ")}`}
    >
      {states.states.map((span) => {
        const from = x(Date.parse(span.started_at));
        const to = span.ended_at === null ? 100 : x(Date.parse(span.ended_at));
        return (
          <rect
            key={span.started_at}
            data-state={span.state}
            x={from}
            y={0}
            // What lasted a moment is seen all the same.
            width={Math.max(to - from, span.state === "up" ? 0 : 0.4)}
            height={14}
          >
            <title>{`${stateLook(span.state).word} for ${formatDuration(span.duration_seconds * 1_000)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** Every stretch, the latest first. */
export function States({ agentId }: { agentId: string }) {
  const { view } = useView();
  const { parameters } = usePeriod();
  const states = useQuery(agentStatesQuery(view.mode, agentId, parameters));
  if (states.data === undefined)
    return states.error === null ? (
      <SkeletonRows count={6} />
    ) : (
      <ErrorState what="Its states" error={states.error} onRetry={() => void states.refetch()} />
    );
  if (states.data.states.length === 0) return <Empty title="Nothing is known of this time" />;
  return (
    <section aria-label="States">
      <StateTable spans={states.data.states.toReversed()} />
      <p className={styles.note}>
        Known since <Time at={states.data.known_since} />, by the server's clock.
      </p>
    </section>
  );
}
