import type { Insight } from "~/api/insights";
import { formatQuantity } from "~/format/quantity";
import styles from "./insights.module.css";
import { insightLook } from "./kinds";

/** What stands out beside what it stands out from, as two bars of one scale. */
export function Against({ insight }: { insight: Insight }) {
  const { value, baseline, unit } = insight;
  if (baseline === null) return <span className={styles.against} />;
  const most = Math.max(Math.abs(value), Math.abs(baseline), Number.MIN_VALUE);
  const bars = [
    { word: insightLook(insight.kind).against ?? "usual", amount: baseline, look: "usual" },
    { word: "now", amount: value, look: "now" },
  ] as const;
  return (
    <figure className={styles.against}>
      {bars.map((bar) => (
        <div key={bar.word} data-look={bar.look}>
          <span>{bar.word}</span>
          <i style={{ width: `${Math.max(1, (Math.abs(bar.amount) / most) * 100)}%` }} />
          <b>{formatQuantity(bar.amount, unit)}</b>
        </div>
      ))}
    </figure>
  );
}
