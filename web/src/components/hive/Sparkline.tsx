import styles from "./Sparkline.module.css";

const PITCH = 8;
const HEIGHT = 16;

/** Counts, oldest first, as bars; the last one is now. */
export function Sparkline({ counts, working }: { counts: readonly number[]; working: boolean }) {
  const most = Math.max(1, ...counts);
  // A quiet interval keeps a stub, so that the axis of time stays in sight.
  const bars = counts.map((count, index) => {
    const height = count === 0 ? 1 : Math.max(2, Math.round((count / most) * HEIGHT));
    return `M${index * PITCH + 3} ${HEIGHT}v-${height}`;
  });
  return (
    <svg
      className={styles.sparkline}
      viewBox={`0 0 ${Math.max(1, counts.length) * PITCH - 2} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Events in the last hour, in twelfths: ${counts.join(", ")}`}
    >
      <path d={bars.slice(0, -1).join("")} />
      <path className={working ? styles.now : undefined} d={bars.at(-1) ?? ""} />
    </svg>
  );
}
