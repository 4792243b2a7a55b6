import { type ReactNode, useMemo } from "react";
import type { CostSeries, Dimension } from "~/api/types";
import { CHOOSE_WORDS, useBucketRange } from "~/components/chart/useBucketRange";
import { ErrorState } from "~/components/ui/ErrorState";
import { Skeleton } from "~/components/ui/Skeleton";
import { counted } from "~/format/count";
import { formatMoney, formatMoneyBy } from "~/format/money";
import { roundTimes, scaleLines } from "~/format/steps";
import { formatBucket, formatMark, formatUtcDay, zoneName } from "~/format/time";
import styles from "./cost.module.css";
import type { Shade } from "./shades";
import { ofViewersDays, type StackBucket, stack } from "./stack";

const HEIGHT = 200;
const DAY_SECONDS = 86_400;
const LABELS = 6;

function interval(seconds: number): string {
  if (seconds >= DAY_SECONDS) return "day";
  if (seconds >= 3_600) return seconds === 3_600 ? "hour" : `${seconds / 3_600} h`;
  return seconds === 60 ? "minute" : `${seconds / 60} min`;
}

function sentence(buckets: readonly StackBucket[], moment: (first: number, last: number) => string): string {
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const most = Math.max(0, ...buckets.map((bucket) => bucket.total));
  const at = buckets.findIndex((bucket) => bucket.total === most);
  return `Cost over time, ${formatMoney(total)} in all${most === 0 ? "" : `, most at ${moment(at, at)} with ${formatMoney(most)}`}`;
}

export interface StackedChartProps {
  query: { data: CostSeries | undefined; error: Error | null; refetch: () => unknown };
  shades: ReadonlyMap<string, Shade>;
  /** What it is stacked by. */
  dimension: Dimension;
  /** Stands at the end of the head. */
  control?: ReactNode;
  /** Narrows to the time of some buckets. */
  onPick: (since_ms: number, until_ms: number) => void;
  /** The period that the axis covers, epoch milliseconds. */
  since_ms: number;
  until_ms: number;
}

/** Cost over time, stacked. The pointer reads out a bucket, a click narrows to it, a drag to several. */
export function StackedChart({ query, shades, dimension, control, onPick, since_ms, until_ms }: StackedChartProps) {
  const series = query.data;
  const buckets = useMemo(
    () => (series === undefined ? [] : stack(series, shades, since_ms, until_ms, dimension)),
    [series, shades, since_ms, until_ms, dimension],
  );
  const step_ms = (series?.interval_seconds ?? 0) * 1_000;
  const endOf = (index: number) => buckets[index + 1]?.start_ms ?? (buckets[index]?.start_ms ?? 0) + step_ms;
  const { at, from, to, handlers } = useBucketRange(buckets.length, (first, last) => {
    const start = buckets[first];
    // One bucket alone has nothing more to tell apart.
    if (start !== undefined && buckets.length > 1) onPick(start.start_ms, endOf(last));
  });
  if (series === undefined)
    return (
      <div className={styles.chart}>
        {query.error === null ? (
          <Skeleton height={HEIGHT} />
        ) : (
          <ErrorState what="Cost over time" error={query.error} onRetry={() => void query.refetch()} />
        )}
      </div>
    );
  const lines = scaleLines(Math.max(...buckets.map((bucket) => bucket.total), 0));
  const [line = 1, top = 1] = [lines[1], lines.at(-1)];
  // Days of a server that knows no zones are named as what they are.
  const utc = series.interval_seconds >= DAY_SECONDS && !ofViewersDays(series);
  const pitch = 100 / Math.max(1, buckets.length);
  const [start_ms, end_ms] = [buckets[0]?.start_ms ?? 0, buckets.length === 0 ? 0 : endOf(buckets.length - 1)];
  /** Which time so many buckets are, both ends included. */
  const moment = (first: number, last: number) => {
    const from_ms = buckets[first]?.start_ms ?? 0;
    if (!utc) return formatBucket(from_ms, endOf(last));
    const [a, b] = [formatUtcDay(from_ms), formatUtcDay(endOf(last) - 1)];
    return a === b ? a : `${a} – ${b}`;
  };
  const read = at === null ? undefined : buckets[at];
  const reading = at === null ? [] : buckets.slice(from ?? at, (to ?? at) + 1);
  const total = reading.reduce((sum, bucket) => sum + bucket.total, 0);
  const calls = reading.reduce((sum, bucket) => sum + bucket.calls, 0);
  const when = at === null ? "" : moment(from ?? at, to ?? at);
  const others = buckets.some((bucket) => bucket.parts.some((part) => part.shade === "4" && part.cost > 0));
  return (
    <>
      <div className={styles.head}>
        <h2>Cost per {interval(series.interval_seconds)}</h2>
        <span className="dim">{utc ? "UTC" : zoneName(until_ms)}</span>
        <span className={styles.key}>
          {[...shades].map(([value, shade], place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: when the order changes, rows say something else and none of them moves
            <span key={place} title={value}>
              <i className={styles.square} data-shade={shade} />
              <span className="ell">{value || "none"}</span>
            </span>
          ))}
          {others && (
            <span>
              <i className={styles.square} data-shade="4" />
              others
            </span>
          )}
        </span>
        <span className="grow" />
        {read !== undefined && (
          <span className="sub">
            {when} <b className={styles.read}>{formatMoney(total)}</b> in {counted(calls, "call")}
            {from === to &&
              read.values[0] !== undefined &&
              `, ${formatMoney(read.values[0].cost)} for ${read.values[0].value || "none"}`}
          </span>
        )}
        {control}
      </div>
      <div className={styles.chart}>
        <div className={styles.scale} aria-hidden="true">
          {lines.map((dollars) => (
            <span key={dollars} style={{ bottom: `${(dollars / top) * 100}%` }}>
              {formatMoneyBy(dollars, line)}
            </span>
          ))}
        </div>
        <svg
          className={styles.plot}
          viewBox={`0 0 100 ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={sentence(buckets, moment)}
        >
          {lines.map((dollars) => (
            <path key={dollars} className={styles.grid} d={`M0 ${HEIGHT * (1 - dollars / top)}H100`} />
          ))}
          {at !== null && (
            <rect
              className={styles.cursor}
              data-chosen={from !== to || undefined}
              x={(from ?? at) * pitch}
              y={0}
              width={((to ?? at) - (from ?? at) + 1) * pitch}
              height={HEIGHT}
            />
          )}
          {buckets.map((bucket, index) => {
            let below = 0;
            return bucket.parts.map((part) => {
              const height = (part.cost / top) * HEIGHT;
              below += height;
              return height === 0 ? null : (
                <rect
                  key={`${bucket.start_ms} ${part.shade}`}
                  data-shade={part.shade}
                  x={index * pitch + pitch * 0.08}
                  y={HEIGHT - below}
                  width={pitch * 0.84}
                  height={height}
                />
              );
            });
          })}
        </svg>
        <button
          type="button"
          className={styles.over}
          aria-label={read === undefined ? CHOOSE_WORDS : `Narrow to ${when}, ${formatMoney(total)}`}
          {...handlers}
        />
        <div className={styles.times} aria-hidden="true">
          {utc
            ? buckets.map((bucket, index) =>
                index % Math.ceil(buckets.length / LABELS) === 0 ? (
                  <span key={bucket.start_ms} style={{ left: `${index * pitch}%` }}>
                    {formatUtcDay(bucket.start_ms)}
                  </span>
                ) : null,
              )
            : roundTimes(start_ms, end_ms, LABELS).map((mark_ms) => (
                <span key={mark_ms} style={{ left: `${((mark_ms - start_ms) / (end_ms - start_ms)) * 100}%` }}>
                  {formatMark(mark_ms)}
                </span>
              ))}
        </div>
      </div>
    </>
  );
}
