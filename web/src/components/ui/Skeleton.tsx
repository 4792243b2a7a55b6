import styles from "./Skeleton.module.css";

export interface SkeletonProps {
  /** CSS length or percentage. */
  width?: string;
  /** Pixels. */
  height?: number;
}

/** A bar in the place of text that is on its way: give it the geometry of what will stand there. */
export function Skeleton({ width = "100%", height = 10 }: SkeletonProps) {
  return <div className={styles.bar} style={{ width, height }} aria-hidden="true" />;
}

/** Rows of a table that are on their way. */
export function SkeletonRows({ count, height = 30 }: { count: number; height?: number }) {
  const widths = ["54%", "80%", "42%", "66%", "60%", "72%"];
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move
        <div key={index} className={styles.row} style={{ height }}>
          <Skeleton width={widths[index % widths.length] ?? "60%"} />
        </div>
      ))}
    </div>
  );
}
