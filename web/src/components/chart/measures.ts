import { ERROR_COUNT_WORDS } from "~/api/failures";
import { formatCount, formatShare } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import type { Measure } from "./PeriodCharts";
import type { Period } from "./usePeriod";

/** Below this a minute the hour is the better unit. */
const CALM = 0.1;

/** What ended, in one unit for sum, scale and buckets: that in which the whole period is told best. */
export function throughput({ metrics, lengthMs }: Pick<Period, "metrics" | "lengthMs">): Measure {
  const ended = metrics?.timeseries.reduce((sum, bucket) => sum + bucket.throughput, 0) ?? 0;
  const rate = ended / (lengthMs / 60_000);
  const words =
    rate > 0 && rate < CALM
      ? (perMinute: number) => `${figure(perMinute * 60)} / h`
      : (perMinute: number) => `${figure(perMinute)} / min`;
  return {
    title: "Throughput",
    look: { kind: "bars", token: "--kind-action-fill", range: null },
    value: (bucket) => bucket.throughput,
    format: (value, minutes) => (value === null ? "–" : words(value / minutes)),
    whole: () => words(rate),
  };
}

export const SUCCESS_RATE: Measure = {
  title: "Success rate",
  look: { kind: "line", token: "--edge-success", range: [-0.02, 1.04] },
  value: ({ tasks_completed, tasks_failed }) => {
    const ended = tasks_completed + tasks_failed;
    return ended === 0 ? null : tasks_completed / ended;
  },
  format: formatShare,
  whole: ({ summary }) => formatShare(summary.success_rate),
};

export const ERRORS: Measure = {
  title: "Errors",
  hint: ERROR_COUNT_WORDS,
  look: { kind: "bars", token: "--fill-error", range: null },
  value: (bucket) => bucket.error_count,
  format: (value) => formatCount(value),
  whole: ({ summary }) => formatCount(summary.error_count),
};

export const COST_PER_TASK: Measure = {
  title: "LLM cost per task",
  look: { kind: "line", token: "--fill-llm", range: null },
  value: (bucket) => (bucket.throughput === 0 ? null : bucket.cost / bucket.throughput),
  format: (value) => cents(value),
  whole: ({ summary }) => cents(summary.avg_cost_per_task ?? null),
};

export const DURATION_P95: Measure = {
  title: "Duration p95",
  look: { kind: "line", token: "--kind-action-fill", range: null },
  value: (bucket) => bucket.p95_duration_ms,
  format: formatDuration,
  whole: ({ summary }) => formatDuration(summary.p95_duration_ms ?? null),
};

export const CALLS: Measure = {
  title: "LLM calls",
  look: { kind: "bars", token: "--fill-llm", range: null },
  value: (bucket) => bucket.llm_call_count,
  format: (value) => formatCount(value),
  whole: ({ summary }) => formatCount(summary.llm_call_count),
};

function figure(rate: number): string {
  return `${Number(rate.toFixed(rate >= 100 ? 0 : rate >= CALM || rate === 0 ? 1 : 2))}`;
}

function cents(dollars: number | null): string {
  if (dollars === null) return "–";
  return dollars < 0.995 ? `${Number((dollars * 100).toPrecision(2))} ¢` : formatMoney(dollars);
}
