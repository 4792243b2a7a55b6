import { COST_PER_TASK, ERRORS, SUCCESS_RATE, throughput } from "~/components/chart/measures";
import { PeriodCharts } from "~/components/chart/PeriodCharts";
import type { Period } from "~/components/chart/usePeriod";

/** Four small charts of the fleet, or of the agent that the page is narrowed to. */
export function Charts({ period }: { period: Period }) {
  return <PeriodCharts period={period} measures={[throughput(period), SUCCESS_RATE, ERRORS, COST_PER_TASK]} />;
}
