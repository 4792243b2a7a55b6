import { type ReactNode, useMemo } from "react";
import type { CostSeries, Dimension } from "~/api/types";
import { useBucketRange } from "~/components/chart/useBucketRange";
import { Skeleton } from "~/components/ui/Skeleton";
import { counted } from "~/format/count";
import { formatMoney, formatMoneyBy } from "~/format/money";
import { roundMarks, scaleLines } from "~/format/steps";
import { formatClockShort, formatDay, formatUtcDay, zoneName } from "~/format/time";
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

function moment(bucket: StackBucket, seconds: number, span_ms: number, utc: boolean): string {
  if (seconds >= DAY_SECONDS) return utc ? formatUtcDay(bucket.start_ms) : formatDay(bucket.start_ms);
  const clock = formatClockShort(bucket.start_ms);
  if (span_ms > DAY_SECONDS * 1_500 && clock === "00:00") return formatDay(bucket.start_ms);
  return span_ms > DAY_SECONDS * 1_500 ? `${formatDay(bucket.start_ms)} ${clock}` : clock;
}

function sentence(buckets: readonly StackBucket[]): string {
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0);
  const most = buckets.reduce<StackBucket | undefined>(
    (a, b) => (a === undefined || b.total > a.total ? b : a),
    undefined,
  );
  return `Cost over time, ${formatMoney(total)} in all, most at ${formatClockShort(most?.start_ms ?? 0)} with ${formatMoney(most?.total)}`;
}

export interface StackedChartProps {
  series: CostSeries | undefined;
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
export function StackedChart({ series, shades, dimension, control, onPick, since_ms, until_ms }: StackedChartProps) {
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
        <Skeleton height={HEIGHT} />
      </div>
    );
  const lines = scaleLines(Math.max(...buckets.map((bucket) => bucket.total), 0));
  const [line = 1, top = 1] = [lines[1], lines.at(-1)];
  // Days of a server that knows no zones are named as what they are.
  const utc = series.interval_seconds >= DAY_SECONDS && !ofViewersDays(series);
  const span_ms = buckets.length * series.interval_seconds * 1_000;
  const pitch = 100 / Math.max(1, buckets.length);
  const marks = new Set(
    roundMarks(
      buckets.map((bucket) => bucket.start_ms),
      LABELS,
    ),
  );
  const read = at === null ? undefined : buckets[at];
  const reading = at === null ? [] : buckets.slice(from ?? at, (to ?? at) + 1);
  const total = reading.reduce((sum, bucket) => sum + bucket.total, 0);
  const calls = reading.reduce((sum, bucket) => sum + bucket.calls, 0);
  const [first, last] = [reading[0], reading.at(-1)].map(
    (bucket) => bucket && moment(bucket, series.interval_seconds, span_ms, utc),
  );
  const when = first === last ? first : `${first} – ${last}`;
  const others = buckets.some((bucket) => bucket.parts.some((part) => part.shade === "4" && part.cost > 0));
  return (
    <>
      <div className={styles.head}>
        <h2>Cost per {interval(series.interval_seconds)}</h2>
        <span className="dim">{utc ? "UTC" : zoneName(until_ms)}</span>
        <span className={styles.key}>
          {[...shades].map(([value, shade]) => (
            <span key={value} title={value}>
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
          aria-label={sentence(buckets)}
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
          aria-label={
            read === undefined
              ? "Narrow to a part of this time; arrow keys choose it, with Shift a longer one"
              : `Narrow to ${when}, ${formatMoney(total)}`
          }
          {...handlers}
        />
        <div className={styles.times} aria-hidden="true">
          {buckets.map((bucket, index) =>
            marks.has(bucket.start_ms) ? (
              <span key={bucket.start_ms} style={{ left: `${index * pitch}%` }}>
                {moment(bucket, series.interval_seconds, span_ms, utc)}
              </span>
            ) : null,
          )}
        </div>
      </div>
    </>
  );
}
