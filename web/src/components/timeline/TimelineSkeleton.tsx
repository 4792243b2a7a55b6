import { Skeleton } from "~/components/ui/Skeleton";
import styles from "./timeline.module.css";

const NODES = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** The timeline's geometry before there is a timeline. */
export function TimelineSkeleton() {
  return (
    <div className={styles.timeline} role="status" aria-label="Loading the timeline">
      <div className={styles.skeletonHead}>
        <Skeleton width="120px" height={14} />
        <Skeleton width="70px" height={16} />
        <Skeleton width="220px" />
      </div>
      <div className={styles.skeletonHead}>
        <Skeleton width="44%" />
        <Skeleton width="50%" height={8} />
      </div>
      <div className={styles.skeletonHead}>
        <Skeleton height={6} />
      </div>
      <div className={styles.skeletonStory}>
        {NODES.map((node) => (
          <Skeleton key={node} width="30px" height={30} />
        ))}
      </div>
    </div>
  );
}
