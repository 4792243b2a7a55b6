import type { Metrics } from "~/api/types";
import { lazily } from "~/components/ui/lazily";
import { formatBucket, formatClockShort, formatDay } from "~/format/time";
import { serverNow } from "~/live/clock";
import { RANGE_WORDS, useView } from "~/view/url";
import { atATime, type Bucket, joinBuckets } from "./buckets";
import { ChartOnItsWay } from "./ChartOnItsWay";
import type { ChartLook } from "./options";
import styles from "./period.module.css";
import type { SmallChartProps } from "./SmallChart";
import { CHOOSE_WORDS, useBucketRange } from "./useBucketRange";
import { type Period, sliceOf } from "./usePeriod";

const SmallChart = lazily<SmallChartProps>(
  () => import("./SmallChart").then((chart) => chart.SmallChart),
  ChartOnItsWay,
);

/** What one of the charts shows. */
export interface Measure {
  title: string;
  /** What the figures mean, where the title alone leaves it open. */
  hint?: string;
  look: ChartLook;
  value: (bucket: Bucket, minutes: number) => number | null;
  format: (value: number | null, minutes: number) => string;
  /** The figure of the whole period, as it stands elsewhere on the page. */
  whole: (metrics: Metrics, minutes: number) => string;
}

export interface PeriodChartsProps {
  period: Period;
  measures: readonly Measure[];
}

/**
 * Small charts of the period, read together, each against the period before. A click narrows to what began in a bucket, a drag to
 * several; a click into the slice releases it. By keyboard all of them are one stop: they have one cross-hair.
 */
export function PeriodCharts({ period, measures }: PeriodChartsProps) {
  const { view, set } = useView();
  const fine = period.metrics?.timeseries ?? [];
  const joined = atATime(fine.length);
  const buckets = joinBuckets(fine, joined);
  const times = buckets.map((bucket) => Date.parse(bucket.timestamp) / 1_000);
  const stepSeconds = (times[1] ?? 60) - (times[0] ?? 0);
  const minutes = Math.max(1 / 60, stepSeconds / 60);
  const earlier = alignBefore(times, stepSeconds, period, joined);
  const slice = sliceOf(view);
  const long = period.lengthMs > 2 * 86_400_000;
  const startMs = (times[0] ?? 0) * 1_000;
  // Of an older stretch the clock alone would not say which day it is of.
  const today = new Date(startMs + period.lengthMs).toDateString() === new Date(serverNow()).toDateString();
  const formatTime = (seconds: number) => {
    const at_ms = seconds * 1_000;
    if (long) return formatDay(at_ms);
    return today || at_ms > startMs ? formatClockShort(at_ms) : `${formatDay(at_ms)} ${formatClockShort(at_ms)}`;
  };
  const narrow = (from: number, to: number) => {
    const since = new Date(from * 1_000).toISOString();
    const until = new Date(to * 1_000).toISOString();
    // A click into the slice releases it. Buckets move on with the clock, so its bounds need not be a bucket's by then.
    const middleMs = (from + to) * 500;
    const within = slice !== null && slice.sinceMs <= middleMs && middleMs <= slice.untilMs;
    const released = within && to - from <= stepSeconds * 1.5;
    set(released ? { since: undefined, until: undefined } : { since, until });
  };
  const { at, from, to, handlers } = useBucketRange(times.length, (first, last) => {
    const [start, end] = [times[first], times[last]];
    if (start !== undefined && end !== undefined) narrow(start, end + stepSeconds);
  });
  const chosen = at === null ? null : { from: from ?? at, to: to ?? at };
  /** What the keyboard chose, with what the charts say of it. */
  const reading = () => {
    const [start, end] = [times[chosen?.from ?? -1], times[chosen?.to ?? -1]];
    const bucket = buckets[chosen?.from ?? -1];
    if (start === undefined || end === undefined || bucket === undefined) return CHOOSE_WORDS;
    const figures = measures.map(({ title, value, format }) => `${title} ${format(value(bucket, minutes), minutes)}`);
    return `Narrow to ${formatBucket(start * 1_000, (end + stepSeconds) * 1_000)}${start === end ? `: ${figures.join(", ")}` : ""}`;
  };
  return (
    <section
      className={styles.charts}
      data-count={measures.length}
      aria-label={`Charts of the ${RANGE_WORDS[view.range]}`}
    >
      <button
        type="button"
        className={`sr-only ${styles.keys}`}
        aria-label={reading()}
        onBlur={handlers.onBlur}
        onKeyDown={handlers.onKeyDown}
        onClick={handlers.onClick}
      />
      {measures.map((measure) => (
        <SmallChart
          key={measure.title}
          title={measure.title}
          hint={measure.hint}
          times={times}
          bucketSeconds={stepSeconds}
          whole={period.metrics === undefined ? "" : measure.whole(period.metrics, period.lengthMs / 60_000)}
          values={buckets.map((bucket) => measure.value(bucket, minutes))}
          before={
            earlier === null ? null : earlier.map((bucket) => (bucket === null ? null : measure.value(bucket, minutes)))
          }
          look={measure.look}
          format={(value) => measure.format(value, minutes)}
          formatTime={formatTime}
          chosen={chosen}
          syncKey="period"
          slice={slice === null ? null : { from: slice.sinceMs / 1_000, to: slice.untilMs / 1_000 }}
          onSlice={narrow}
        />
      ))}
    </section>
  );
}

/** The bucket of the period before that lies under each of this period's, or null where there is none. */
function alignBefore(
  times: readonly number[],
  stepSeconds: number,
  { before, lengthMs }: Period,
  joined: number,
): (Bucket | null)[] | null {
  if (before === undefined || before.timeseries.every((bucket) => bucket.throughput === 0 && bucket.error_count === 0))
    return null;
  const shifted = joinBuckets(before.timeseries, joined).map((bucket) => ({
    bucket,
    seconds: (Date.parse(bucket.timestamp) + lengthMs) / 1_000,
  }));
  let cursor = 0;
  return times.map((seconds) => {
    while (
      cursor + 1 < shifted.length &&
      Math.abs((shifted[cursor + 1]?.seconds ?? 0) - seconds) <= Math.abs((shifted[cursor]?.seconds ?? 0) - seconds)
    )
      cursor += 1;
    const nearest = shifted[cursor];
    return nearest !== undefined && Math.abs(nearest.seconds - seconds) <= stepSeconds ? nearest.bucket : null;
  });
}
