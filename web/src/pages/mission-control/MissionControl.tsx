import { useRef } from "react";
import { usePeriod } from "~/components/chart/usePeriod";
import { TaskTable } from "~/components/tasks/TaskTable";
import { useStoryInSight } from "~/components/tasks/useStoryInSight";
import { TaskTimeline } from "~/components/timeline/TaskTimeline";
import { useElementWidth } from "~/components/timeline/useElementWidth";
import { Button } from "~/components/ui/Button";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { useView } from "~/view/url";
import { Charts } from "./Charts";
import styles from "./mission-control.module.css";
import { NeedsYou } from "./NeedsYou";
import { Ribbon } from "./Ribbon";

const NARROW_BELOW = 720;
/** `tab=task`: the timeline alone, as tall as the page. */
const ALONE = "task";

/** The centre view: the fleet now, the selected task, the table of tasks. */
export function MissionControl() {
  const { view, set } = useView();
  const page = useRef<HTMLDivElement>(null);
  const width = useElementWidth(page);
  const period = usePeriod(view);
  const { story, show } = useStoryInSight(page);
  const alone = view.tab === ALONE && view.task !== undefined;
  const timeline = view.task !== undefined && (
    <TaskTimeline
      taskId={view.task}
      agentId={view.owner}
      runId={view.run}
      tall={alone}
      full={
        <Button
          look="ghost"
          small
          icon
          aria-label={alone ? "Back to Mission Control" : "Full view"}
          aria-pressed={alone}
          onClick={() => set({ tab: alone ? undefined : ALONE })}
        >
          <Icon name="full" />
        </Button>
      }
    />
  );
  return (
    <div ref={page} className={styles.page} data-alone={alone || undefined}>
      {!alone && <Ribbon period={period} />}
      {!alone &&
        (period.error === null ? (
          <Charts period={period} />
        ) : (
          <ErrorState what="The figures" error={period.error} onRetry={period.refetch} />
        ))}
      {/* In the same place, alone or not: what the reader looks at stays as it is. */}
      {timeline ? (
        <div className={`${styles.story} inset-focus`} {...story}>
          {timeline}
        </div>
      ) : (
        <NeedsYou />
      )}
      {!alone && <TaskTable scroller={page} narrow={width > 0 && width < NARROW_BELOW} onSelect={show} />}
    </div>
  );
}
