import type { AgentDetail, AgentHour } from "~/api/types";
import { formatCount, formatShare } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import styles from "./agent.module.css";
import { HourChart } from "./HourChart";

function successOf(hour: AgentHour): number | null {
  return hour.throughput === 0 ? null : hour.tasks_completed / hour.throughput;
}

function costPerTask(hour: AgentHour): number | null {
  return hour.throughput === 0 || hour.cost === null ? null : hour.cost / hour.throughput;
}

/** The last 24 hours by the hour, each figure with its sum or its rate. */
export function DayCharts({ agent }: { agent: AgentDetail }) {
  const day = agent.stats_24h;
  const hours = agent.timeseries;
  const ended = day.tasks_completed + day.tasks_failed;
  const cost = day.total_cost !== null && ended > 0 ? day.total_cost / ended : null;
  return (
    <section aria-label="Last 24 hours">
      <div className={styles.head}>
        <h2>Metrics</h2>
        <span className="dim">last 24 h, by the hour</span>
      </div>
      <div className={styles.charts}>
        <HourChart
          title="Success rate"
          figure={formatShare(day.success_rate)}
          note={`${formatCount(day.tasks_completed)} of ${formatCount(ended)}`}
          hours={hours}
          value={successOf}
          line
          tone="success"
        />
        <HourChart
          title="Duration p95"
          figure={formatDuration(day.p95_duration_ms)}
          note={`p50 ${formatDuration(day.p50_duration_ms)}`}
          hours={hours}
          value={(hour) => hour.p95_duration_ms}
          line
          tone="action"
        />
        <HourChart
          title="Errors"
          figure={formatCount(day.error_count)}
          note={day.recovery_rate === null ? "none to recover from" : `${formatShare(day.recovery_rate)} recovered`}
          hours={hours}
          value={(hour) => hour.error_count}
          tone="error"
        />
        <HourChart
          title="Throughput"
          figure={formatCount(ended)}
          note={`${day.actions_per_task === null ? "–" : day.actions_per_task.toFixed(1)} actions a task`}
          hours={hours}
          value={(hour) => hour.throughput}
          tone="action"
        />
        <HourChart
          title="LLM calls"
          figure={formatCount(day.llm_call_count)}
          note={`${formatCount(day.total_tokens_in)} tokens in`}
          hours={hours}
          value={(hour) => hour.llm_call_count}
          tone="llm"
        />
        <HourChart
          title="Cost per task"
          figure={formatMoney(cost)}
          note={`${formatMoney(day.total_cost)} in all`}
          hours={hours}
          value={costPerTask}
          line
          tone="llm"
        />
      </div>
    </section>
  );
}
