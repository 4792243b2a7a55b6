import { CALLS, COST_PER_TASK, DURATION_P95, ERRORS, SUCCESS_RATE, throughput } from "~/components/chart/measures";
import { PeriodCharts } from "~/components/chart/PeriodCharts";
import { usePeriod } from "~/components/chart/usePeriod";
import { ErrorState } from "~/components/ui/ErrorState";
import { formatCount, formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { RANGE_WORDS, useView } from "~/view/url";
import styles from "./agent.module.css";

/** How one agent did in the view's period, against the period before. */
export function Metrics() {
  const { view } = useView();
  const period = usePeriod(view);
  if (period.error !== null) return <ErrorState what="Its figures" error={period.error} onRetry={period.refetch} />;
  const sum = period.metrics?.summary;
  return (
    <section aria-label="Metrics">
      <div className={styles.head}>
        <h2>Metrics</h2>
        <span className="dim">{view.since === undefined ? RANGE_WORDS[view.range] : "of the time chosen"}</span>
      </div>
      <PeriodCharts
        period={period}
        measures={[SUCCESS_RATE, DURATION_P95, ERRORS, throughput(period), CALLS, COST_PER_TASK]}
      />
      {sum !== undefined && (
        <dl className={styles.sums}>
          <Sum name="Completed" words={`${formatCount(sum.completed)} of ${formatCount(sum.completed + sum.failed)}`} />
          <Sum name="Average" words={formatDuration(sum.avg_duration_ms ?? null)} />
          <Sum name="p50" words={formatDuration(sum.p50_duration_ms ?? null)} />
          <Sum name="p99" words={formatDuration(sum.p99_duration_ms ?? null)} />
          <Sum name="Escalated" words={formatCount(sum.escalated)} />
          <Sum name="Tokens" words={`${formatTokens(sum.total_tokens_in)} → ${formatTokens(sum.total_tokens_out)}`} />
          <Sum name="Cost in all" words={formatMoney(sum.total_cost ?? null)} />
        </dl>
      )}
    </section>
  );
}

function Sum({ name, words }: { name: string; words: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{words}</dd>
    </div>
  );
}
