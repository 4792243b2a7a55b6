import type { CostFigures } from "~/api/types";
import { Skeleton } from "~/components/ui/Skeleton";
import { formatCount, formatShare } from "~/format/count";
import { formatMoney } from "~/format/money";
import { Change } from "./Change";
import styles from "./cost.module.css";

interface Stat {
  label: string;
  text: (figures: CostFigures) => string;
  /** Null where there is nothing that it could be of. */
  value: (figures: CostFigures) => number | null;
  /** Whether growth is bad news by itself. */
  costly: boolean;
}

/** Figures longer than this are set a size smaller, rather than cut. */
const LONG = 7;

function perCall(figures: CostFigures): number | null {
  return figures.call_count === 0 ? null : figures.cost / figures.call_count;
}

function estimated(figures: CostFigures): number | null {
  return figures.cost === 0 ? null : figures.estimated_cost / figures.cost;
}

/** A figure in its own words; what is of nothing is no figure. */
function orNone(value: number | null, format: (value: number) => string): string {
  return value === null ? "–" : format(value);
}

const STATS: readonly Stat[] = [
  { label: "Cost", text: (f) => formatMoney(f.cost), value: (f) => f.cost, costly: true },
  { label: "Calls", text: (f) => formatCount(f.call_count), value: (f) => f.call_count, costly: false },
  { label: "Tokens in", text: (f) => formatCount(f.tokens_in), value: (f) => f.tokens_in, costly: true },
  { label: "Tokens out", text: (f) => formatCount(f.tokens_out), value: (f) => f.tokens_out, costly: false },
  { label: "Average per call", text: (f) => orNone(perCall(f), formatMoney), value: perCall, costly: true },
  { label: "Estimated", text: (f) => orNone(estimated(f), formatShare), value: estimated, costly: false },
];

export interface CostRibbonProps {
  now: CostFigures | undefined;
  before: CostFigures | undefined;
  /** The period before could not be read. */
  unreadBefore: boolean;
}

/** The period's sums, each against the period before. */
export function CostRibbon({ now, before, unreadBefore }: CostRibbonProps) {
  return (
    <section className={styles.ribbon} aria-label="Sums of the period">
      {STATS.map((stat) => (
        <div key={stat.label} className={styles.stat}>
          <span className={styles.label}>{stat.label}</span>
          <span className={styles.value} data-long={(now !== undefined && stat.text(now).length > LONG) || undefined}>
            {now === undefined ? <Skeleton width="70%" height={24} /> : stat.text(now)}
          </span>
          <span className={styles.note}>
            {now !== undefined && unreadBefore && "before: not read"}
            {now !== undefined && before !== undefined && (
              <>
                <Change now={stat.value(now) ?? 0} before={stat.value(before) ?? 0} costly={stat.costly} />
                {(stat.value(before) ?? 0) > 0 &&
                  stat.value(before) !== stat.value(now) &&
                  ` from ${stat.text(before)}`}
              </>
            )}
          </span>
        </div>
      ))}
    </section>
  );
}
