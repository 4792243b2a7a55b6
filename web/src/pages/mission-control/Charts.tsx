import type { Metrics } from "~/api/types";
import { ChartOnItsWay } from "~/components/chart/ChartOnItsWay";
import type { ChartLook } from "~/components/chart/options";
import type { SmallChartProps } from "~/components/chart/SmallChart";
import { lazily } from "~/components/ui/lazily";
import { formatCount, formatShare } from "~/format/count";
import { formatMoney } from "~/format/money";
import { formatClockShort, formatDay } from "~/format/time";
import { useView } from "~/view/url";
import { atATime, type Bucket, joinBuckets } from "./buckets";
import styles from "./charts.module.css";
import { type Period, sliceOf } from "./usePeriod";

const SmallChart = lazily<SmallChartProps>(
  () => import("~/components/chart/SmallChart").then((chart) => chart.SmallChart),
  ChartOnItsWay,
);

interface Measure {
  title: string;
  look: ChartLook;
  value: (bucket: Bucket, minutes: number) => number | null;
  format: (value: number | null, minutes: number) => string;
  /** The figure of the whole period, as the ribbon has it. */
  whole: (metrics: Metrics, minutes: number) => string;
  /** Whether the period before is drawn: a dashed line over bars of small counts only confuses. */
  compare: boolean;
}

const MEASURES: readonly Measure[] = [
  {
    title: "Throughput",
    look: { kind: "bars", token: "--kind-action-fill", range: null },
    value: (bucket) => bucket.throughput,
    format: (value, minutes) => (value === null ? "–" : perMinute(value / minutes)),
    whole: ({ timeseries }, minutes) =>
      perMinute(timeseries.reduce((sum, bucket) => sum + bucket.throughput, 0) / minutes),
    compare: true,
  },
  {
    title: "Success rate",
    look: { kind: "line", token: "--edge-success", range: [-0.02, 1.04] },
    value: ({ tasks_completed, tasks_failed }) => {
      const ended = tasks_completed + tasks_failed;
      return ended === 0 ? null : tasks_completed / ended;
    },
    format: formatShare,
    whole: ({ summary }) => formatShare(summary.success_rate),
    compare: true,
  },
  {
    title: "Errors",
    look: { kind: "bars", token: "--fill-error", range: null },
    value: (bucket) => bucket.error_count,
    format: (value) => formatCount(value),
    whole: ({ summary }) => formatCount(summary.error_count),
    compare: true,
  },
  {
    title: "LLM cost per task",
    look: { kind: "line", token: "--fill-llm", range: null },
    value: (bucket) => (bucket.throughput === 0 ? null : bucket.cost / bucket.throughput),
    format: (value) => cents(value),
    whole: ({ summary }) => cents(summary.avg_cost_per_task ?? null),
    compare: true,
  },
];

/** Four small charts of the period, read together; a click narrows the tasks to what began then. */
export function Charts({ period }: { period: Period }) {
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
  const narrow = (from: number, to: number) => {
    const since = new Date(from * 1_000).toISOString();
    const until = new Date(to * 1_000).toISOString();
    // A click into the slice releases it. Buckets move on with the clock, so its bounds need not be a bucket's by then.
    const middleMs = (from + to) * 500;
    const within = slice !== null && slice.sinceMs <= middleMs && middleMs <= slice.untilMs;
    const released = within && to - from <= stepSeconds * 1.5;
    set(released ? { since: undefined, until: undefined } : { since, until });
  };
  return (
    <section className={styles.charts} aria-label={`Last ${view.range}`}>
      {MEASURES.map((measure) => (
        <SmallChart
          key={measure.title}
          title={measure.title}
          times={times}
          bucketSeconds={stepSeconds}
          whole={period.metrics === undefined ? "" : measure.whole(period.metrics, period.lengthMs / 60_000)}
          values={buckets.map((bucket) => measure.value(bucket, minutes))}
          before={
            earlier === null || !measure.compare
              ? null
              : earlier.map((bucket) => (bucket === null ? null : measure.value(bucket, minutes)))
          }
          look={measure.look}
          format={(value) => measure.format(value, minutes)}
          formatTime={(seconds) => (long ? formatDay(seconds * 1_000) : formatClockShort(seconds * 1_000))}
          syncKey="mission-control"
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

function perMinute(rate: number): string {
  if (rate >= 0.1 || rate === 0) return `${rate >= 100 ? Math.round(rate) : Number(rate.toFixed(1))} / min`;
  const perHour = rate * 60;
  return `${Number(perHour.toFixed(1))} / h`;
}

function cents(dollars: number | null): string {
  if (dollars === null) return "–";
  return dollars < 0.995 ? `${Number((dollars * 100).toPrecision(2))} ¢` : formatMoney(dollars);
}
