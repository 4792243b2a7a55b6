import { useRef } from "react";
import { TaskTable } from "~/components/tasks/TaskTable";
import { useStoryInSight } from "~/components/tasks/useStoryInSight";
import { TaskTimeline } from "~/components/timeline/TaskTimeline";
import { useElementWidth } from "~/components/timeline/useElementWidth";
import { useView } from "~/view/url";
import styles from "./mission-control.module.css";

const NARROW_BELOW = 720;

/** All runs, with the whole page to themselves; the selected one tells its story above them. */
export function Tasks() {
  const { view } = useView();
  const page = useRef<HTMLDivElement>(null);
  const width = useElementWidth(page);
  const { story, show } = useStoryInSight(page);
  return (
    <div ref={page} className={styles.page}>
      <h1 className="sr-only">Tasks</h1>
      {view.task !== undefined && (
        <div className={`${styles.story} inset-focus`} {...story}>
          <TaskTimeline taskId={view.task} agentId={view.owner} runId={view.run} tall={false} />
        </div>
      )}
      <TaskTable scroller={page} narrow={width > 0 && width < NARROW_BELOW} onSelect={show} />
    </div>
  );
}
