import { type RefObject, useRef } from "react";
import { TaskTable } from "~/components/tasks/TaskTable";
import { useStoryInSight } from "~/components/tasks/useStoryInSight";
import { TaskTimeline } from "~/components/timeline/TaskTimeline";
import { useElementWidth } from "~/components/timeline/useElementWidth";
import { useView } from "~/view/url";
import styles from "./agent.module.css";

const NARROW_BELOW = 720;

/** The runs of the agent; the selected one tells its story above them. */
export function AgentTasks({ page }: { page: RefObject<HTMLElement | null> }) {
  const { view } = useView();
  const place = useRef<HTMLDivElement>(null);
  const width = useElementWidth(place);
  const { story, show } = useStoryInSight(page);
  return (
    <div ref={place} className={styles.tasks}>
      {view.task !== undefined && (
        <div className="inset-focus" {...story}>
          <TaskTimeline taskId={view.task} agentId={view.owner} runId={view.run} />
        </div>
      )}
      <TaskTable scroller={page} narrow={width > 0 && width < NARROW_BELOW} onSelect={show} />
    </div>
  );
}
