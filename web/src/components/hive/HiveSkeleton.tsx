import { Skeleton } from "~/components/ui/Skeleton";
import styles from "./HiveSkeleton.module.css";

const CARDS = [
  ["54%", "80%"],
  ["42%", "66%"],
  ["60%", "72%"],
  ["48%", "76%"],
  ["56%", "64%"],
] as const;

/** Cards that are on their way. */
export function HiveSkeleton() {
  return (
    <div role="status" aria-label="Loading agents">
      {CARDS.map(([name, line]) => (
        <div key={name} className={styles.card}>
          <Skeleton width="26px" height={26} />
          <div className={styles.lines}>
            <Skeleton width={name} />
            <Skeleton width={line} height={8} />
            <Skeleton width="96px" height={16} />
          </div>
        </div>
      ))}
    </div>
  );
}
