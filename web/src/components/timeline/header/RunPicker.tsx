import type { Task } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { Select } from "~/components/ui/Select";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatDuration } from "~/format/duration";
import { formatClock, formatClockShort } from "~/format/time";
import styles from "./header.module.css";

export interface RunPickerProps {
  runs: readonly Task[];
  current: string;
  onPick: (taskRunId: string) => void;
}

function inTime(runs: readonly Task[]): Task[] {
  return [...runs].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
}

/** Which run of the task is shown; nothing where there was only one. */
export function RunPicker({ runs, current, onPick }: RunPickerProps) {
  if (runs.length < 2) return null;
  const sorted = inTime(runs);
  const index = sorted.findIndex((run) => run.task_run_id === current);
  const shown = sorted[index];
  return (
    <Select
      label="Run"
      value={current}
      onChange={onPick}
      strong
      display={
        <>
          Run {index + 1} of {sorted.length}{" "}
          {shown && <span className="dim">{formatClockShort(shown.started_at)}</span>}
        </>
      }
      options={sorted
        .map((run, position) => ({
          value: run.task_run_id,
          label: `Run ${position + 1}, ${statusLook(run.derived_status).word.toLowerCase()}`,
          note: `${formatClock(run.started_at)}, ${formatDuration(run.duration_ms)}`,
        }))
        .reverse()}
    />
  );
}

/** More runs than this stay in the picker. */
const SIDE_BY_SIDE = 4;

/** The latest runs side by side, at one scale: which one was slow is seen before it is read. */
export function RunsSideBySide({ runs, current, onPick }: RunPickerProps) {
  if (runs.length < 2) return null;
  const all = inTime(runs);
  const sorted = all.slice(-SIDE_BY_SIDE);
  const longest = Math.max(1, ...sorted.map((run) => run.duration_ms ?? 0));
  return (
    <div className={styles.runs}>
      <span className="dim">Runs</span>
      {sorted.map((run) => {
        const look = statusLook(run.derived_status);
        return (
          <button
            key={run.task_run_id}
            type="button"
            className={styles.run}
            aria-pressed={run.task_run_id === current}
            data-status={look.tone}
            onClick={() => onPick(run.task_run_id)}
          >
            <StatusCell tone={look.tone} size={14} />
            <span>
              Run {all.indexOf(run) + 1}
              <span className="sr-only">, {look.word}</span>
            </span>
            <span className="dim">{formatClockShort(run.started_at)}</span>
            <span>{formatDuration(run.duration_ms)}</span>
            <span
              className={styles.runLength}
              style={{ width: `${Math.max(2, (100 * (run.duration_ms ?? 0)) / longest)}%` }}
            />
          </button>
        );
      })}
    </div>
  );
}
