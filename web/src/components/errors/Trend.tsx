import styles from "./Trend.module.css";
import { byTheHour } from "./trend";

const HEIGHT = 20;

/** How often, in equal stretches of the time looked at, the oldest first. */
export function Trend({ counts: given, span_ms }: { counts: readonly number[]; span_ms: number }) {
  const counts = byTheHour(given, span_ms);
  if (counts.length === 0)
    return (
      <span className="dim" title="Failures are counted by the hour: three hours and more show a trend">
        –
      </span>
    );
  const most = Math.max(1, ...counts);
  const bars = counts.map((count, index) => {
    const height = count === 0 ? 1 : Math.max(2, Math.round((count / most) * HEIGHT));
    return { key: index, path: `M${index * 5 + 2} ${HEIGHT}v-${height}`, some: count > 0 };
  });
  const path = (some: boolean) =>
    bars
      .filter((bar) => bar.some === some)
      .map((bar) => bar.path)
      .join("");
  return (
    <svg
      className={styles.trend}
      viewBox={`0 0 ${Math.max(1, counts.length) * 5 - 1} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Over the time: ${counts.join(", ")}`}
    >
      <path d={path(false)} />
      <path className={styles.some} d={path(true)} />
    </svg>
  );
}
