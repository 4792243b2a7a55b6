import { useMemo } from "react";
import type { AgentPipeline } from "~/api/types";
import { Issues } from "./Issues";
import styles from "./pipeline.module.css";
import { Queues } from "./Queues";
import { issueRows, queueRows, scheduleRows, todoRows } from "./rows";
import { Schedule } from "./Schedule";
import { Todos } from "./Todos";

export interface PipelineBoardProps {
  pipelines: readonly AgentPipeline[];
  /** Whether rows of several agents stand together. */
  fleet: boolean;
}

/** Issues, queue, to-dos and schedule, of one agent or of many. */
export function PipelineBoard({ pipelines, fleet }: PipelineBoardProps) {
  const rows = useMemo(
    () => ({
      issues: issueRows(pipelines),
      queues: queueRows(pipelines),
      todos: todoRows(pipelines),
      schedule: scheduleRows(pipelines),
    }),
    [pipelines],
  );
  return (
    <div className={styles.board}>
      <div className={styles.two}>
        <Issues issues={rows.issues} fleet={fleet} />
        <Schedule items={rows.schedule} fleet={fleet} />
      </div>
      <div className={styles.two}>
        <Queues queues={rows.queues} fleet={fleet} />
        <Todos todos={rows.todos} fleet={fleet} />
      </div>
    </div>
  );
}
