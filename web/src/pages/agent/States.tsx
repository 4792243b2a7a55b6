import { useQuery } from "@tanstack/react-query";
import { type AgentStates, agentStatesQuery, type StateSpan } from "~/api/states";
import { stateLook } from "~/appearance/states";
import { CHOOSE_WORDS, useBucketRange } from "~/components/chart/useBucketRange";
import { StateTable } from "~/components/states/StateTable";
import { Empty } from "~/components/ui/Empty";
import { ErrorState, errorSentence } from "~/components/ui/ErrorState";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { Time } from "~/components/ui/Time";
import { formatShare } from "~/format/count";
import { formatAge, formatDuration } from "~/format/duration";
import { formatClock, formatStretch } from "~/format/time";
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

/** The strip is chosen from in so many parts. */
const PARTS = 144;

/** Up, waiting, stuck, gone: the time looked at as one strip. A drag narrows to a part of it, the arrow keys do, too. */
export function StateStrip({ agentId }: { agentId: string }) {
  const { view, set } = useView();
  const { parameters, since_ms, until_ms } = usePeriod();
  const query = useQuery(agentStatesQuery(view.mode, agentId, parameters));
  const states = query.data;
  // Of a young agent the strip is as long as what is known.
  const known_ms = states === undefined ? since_ms : Date.parse(states.known_since);
  const from_ms = Math.min(until_ms - 1, Math.max(since_ms, known_ms));
  const timeOf = (part: number) => from_ms + ((until_ms - from_ms) * part) / PARTS;
  const { at, from, to, handlers } = useBucketRange(PARTS, (first, last) => {
    // A press in one place has chosen no stretch.
    if (first === last) return;
    const [since, until] = [timeOf(first), timeOf(last + 1)].map((time) => new Date(time).toISOString());
    set({ since, until });
  });
  if (states === undefined)
    return (
      <div className={styles.holder}>
        {query.error !== null && (
          <p className="bad" role="alert">
            Its states could not be read: {errorSentence(query.error)}
          </p>
        )}
      </div>
    );
  const pointed = at === null ? undefined : stateAt(states.states, timeOf(at + 0.5));
  const chosen = at === null ? null : { from: from ?? at, to: to ?? at };
  const stretch = chosen === null ? "" : formatStretch(timeOf(chosen.from), timeOf(chosen.to + 1));
  return (
    <figure className={styles.holder}>
      <div className={styles.over}>
        <Bars states={states} since_ms={from_ms} until_ms={until_ms} chosen={chosen} />
        <button
          type="button"
          aria-label={
            pointed === undefined || chosen === null
              ? CHOOSE_WORDS
              : chosen.from === chosen.to
                ? spanWords(pointed)
                : `Narrow to ${stretch}`
          }
          {...handlers}
        />
      </div>
      <figcaption className={styles.caption}>
        <span>
          {pointed === undefined
            ? `States, ${view.since === undefined ? "last " : ""}${formatAge(until_ms - from_ms)}`
            : chosen !== null && chosen.from !== chosen.to
              ? stretch
              : spanWords(pointed)}
        </span>
        <span>
          {states.uptime === null ? "" : `${formatShare(states.uptime)} up`}
          {totals(states)}
        </span>
      </figcaption>
    </figure>
  );
}

/** The stretch in which a moment lies. */
function stateAt(spans: readonly StateSpan[], at_ms: number): StateSpan | undefined {
  return spans.findLast((span) => Date.parse(span.started_at) <= at_ms) ?? spans[0];
}

/** `Stuck 14:02 – 14:05, for 3m 12s`. */
function spanWords({ state, started_at, ended_at, duration_seconds }: StateSpan): string {
  const time = ended_at === null ? `since ${formatClock(started_at)}` : formatStretch(started_at, ended_at);
  return `${stateLook(state).word} ${time}, for ${formatDuration(duration_seconds * 1_000)}`;
}

function totals(states: AgentStates): string {
  const stuck = states.totals.find((total) => total.state === "stuck");
  if (stuck === undefined) return "";
  return `, stuck ${stuck.times === 1 ? "once" : `${stuck.times} times`}, ${formatDuration(stuck.seconds * 1_000)}`;
}

interface BarsProps {
  states: AgentStates;
  since_ms: number;
  until_ms: number;
  /** What is being chosen, parts of both ends. */
  chosen: { from: number; to: number } | null;
}

function Bars({ states, since_ms, until_ms, chosen }: BarsProps) {
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
          />
        );
      })}
      {chosen !== null && (
        <rect
          className={styles.chosen}
          x={(chosen.from / PARTS) * 100}
          y={0}
          width={((chosen.to - chosen.from + 1) / PARTS) * 100}
          height={14}
        />
      )}
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
