import type { ReactNode } from "react";
import { ERROR_COUNT_WORDS } from "~/api/failures";
import type { Task } from "~/api/types";
import { StatusText } from "~/components/ui/Badge";
import { Time } from "~/components/ui/Time";
import { formatCount, formatTokens } from "~/format/count";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { formatMoney } from "~/format/money";
import { useNow } from "~/live/clock";
import { reasonOf } from "./reason";
import type { Sort } from "./useTaskList";

export interface Narrow {
  agent: (agentId: string) => void;
  project: (projectId: string) => void;
}

export interface TaskColumn {
  id: string;
  title: string;
  /** What the figures mean, where the title alone leaves it open. */
  hint?: string;
  numeric?: boolean;
  /** The sorts that a press on the head goes through. */
  sorts?: readonly [Sort, ...Sort[]];
  /** The direction that the first of them shows. */
  direction?: "ascending" | "descending";
  optional?: boolean;
  /** Share of the width, for columns of text. */
  width: string;
  cell: (task: Task, narrow: Narrow) => ReactNode;
}

const DASH = <span className="dim">–</span>;

/** Zero and "not reported" read alike in a table: nothing to see here. */
function count(value: number | null | undefined, format: (value: number) => string = formatCount): ReactNode {
  return value === null || value === undefined || value === 0 ? DASH : format(value);
}

export const TASK_COLUMNS: readonly TaskColumn[] = [
  {
    id: "task",
    title: "Task",
    width: "20%",
    cell: (task) => (
      <span className="mono strong" title={legible(task.task_id)}>
        {legible(task.task_id)}
      </span>
    ),
  },
  {
    id: "agent",
    title: "Agent",
    width: "14%",
    cell: (task, narrow) => <Cell words={legible(task.agent_id)} onPress={() => narrow.agent(task.agent_id)} />,
  },
  {
    id: "type",
    title: "Type",
    width: "10%",
    cell: (task) => <span className="sub">{task.task_type === null ? "–" : legible(task.task_type)}</span>,
  },
  {
    id: "project",
    title: "Project",
    width: "10%",
    cell: (task, narrow) => {
      const project = task.project_id;
      return project === null ? DASH : <Cell quiet words={project} onPress={() => narrow.project(project)} />;
    },
  },
  { id: "status", title: "Status", width: "104px", cell: (task) => <StatusText status={task.derived_status} /> },
  {
    id: "reason",
    title: "Failed with",
    optional: true,
    width: "34%",
    cell: (task) => {
      const words = reasonOf(task);
      return words === null ? DASH : <span title={words}>{words}</span>;
    },
  },
  {
    id: "duration",
    title: "Duration",
    numeric: true,
    width: "76px",
    sorts: ["duration"],
    cell: (task) => <Duration task={task} />,
  },
  { id: "llm", title: "LLM", numeric: true, width: "48px", cell: (task) => count(task.llm_call_count) },
  {
    id: "tokens",
    title: "Tokens",
    numeric: true,
    optional: true,
    width: "110px",
    sorts: ["tokens"],
    cell: (task) =>
      task.total_tokens_in === null && task.total_tokens_out === null
        ? DASH
        : `${formatTokens(task.total_tokens_in)} → ${formatTokens(task.total_tokens_out)}`,
  },
  {
    id: "actions",
    title: "Actions",
    numeric: true,
    optional: true,
    width: "66px",
    cell: (task) => count(task.action_count),
  },
  {
    id: "retries",
    title: "Retries",
    numeric: true,
    optional: true,
    width: "66px",
    cell: (task) => count(task.retry_count),
  },
  {
    id: "plan",
    title: "Plan",
    numeric: true,
    optional: true,
    width: "60px",
    cell: (task) =>
      task.plan_progress === null ? DASH : `${task.plan_progress.completed}/${task.plan_progress.total}`,
  },
  {
    id: "cost",
    title: "Cost",
    numeric: true,
    width: "100px",
    sorts: ["cost"],
    // A call that cost nothing is not one of which nobody knows what it cost.
    cell: (task) => (task.total_cost === null ? DASH : formatMoney(task.total_cost)),
  },
  {
    id: "errors",
    title: "Errors",
    hint: ERROR_COUNT_WORDS,
    numeric: true,
    width: "58px",
    sorts: ["errors"],
    cell: (task) => (task.error_count === 0 ? DASH : <span className="bad">{formatCount(task.error_count)}</span>),
  },
  {
    id: "started",
    title: "Started",
    numeric: true,
    width: "96px",
    sorts: ["newest", "oldest"],
    cell: (task) => <Time className="sub" at={task.started_at} />,
  },
];

/**
 * The columns that the address names, else those that are not optional; the task itself is always there. Among failed runs it is asked
 * why: what is not asked makes room for the reason.
 */
export function chosenColumns(columns: string | undefined, status?: string): TaskColumn[] {
  if (columns === undefined) {
    if (status !== "failed") return TASK_COLUMNS.filter((column) => column.optional !== true);
    const makesRoom = new Set(["type", "project", "llm"]);
    return TASK_COLUMNS.filter(
      (column) => column.id === "reason" || (column.optional !== true && !makesRoom.has(column.id)),
    );
  }
  const ids = new Set(["task", ...columns.split(",")]);
  return TASK_COLUMNS.filter((column) => ids.has(column.id));
}

function Cell({ words, quiet = false, onPress }: { words: string; quiet?: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={quiet ? "sub ell" : "ell"}
      title={`Narrow to ${words}`}
      onClick={(press) => {
        press.stopPropagation();
        onPress();
      }}
    >
      {words}
    </button>
  );
}

/** How long a run took; an open one ticks. */
export function Duration({ task }: { task: Task }) {
  const open = task.completed_at === null && task.derived_status !== "stuck";
  return open ? <Ticking since={task.started_at} /> : formatDuration(task.duration_ms);
}

function Ticking({ since }: { since: string }) {
  const now_ms = useNow();
  return formatDuration(Math.max(0, now_ms - Date.parse(since)));
}
