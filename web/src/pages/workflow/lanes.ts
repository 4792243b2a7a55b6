import type { Task } from "~/api/types";
import { runKey } from "~/live/connection";

/** A run on the axis of its workflow. */
export interface Bar {
  key: string;
  task: Task;
  start_ms: number;
  /** Of an open run: now. */
  end_ms: number;
  /** The line of its lane that it lies on; runs of one agent that overlap lie on several. */
  row: number;
}

export interface Lane {
  agentId: string;
  bars: Bar[];
  rows: number;
}

/** Work that one run gave to another, as far as times tell. */
export interface HandOff {
  from: Bar;
  to: Bar;
  /** `waits`: the giver was still at work, and went on after the taker ended. `after`: it had ended. */
  kind: "waits" | "gives" | "after";
}

export interface Workflow {
  lanes: Lane[];
  handOffs: HandOff[];
  start_ms: number;
  end_ms: number;
}

/** Lanes in the order in which agents came in; within a lane no two bars lie over each other. */
export function workflowOf(tasks: readonly Task[], now_ms: number): Workflow {
  const bars: Bar[] = tasks
    .map((task) => {
      const start_ms = Date.parse(task.started_at);
      const end_ms = task.completed_at === null ? now_ms : Date.parse(task.completed_at);
      return { key: runKey(task), task, start_ms, end_ms: Math.max(start_ms, end_ms), row: 0 };
    })
    .sort((a, b) => a.start_ms - b.start_ms || (a.key < b.key ? -1 : 1));
  const lanes = new Map<string, Lane>();
  for (const bar of bars) {
    const agentId = bar.task.agent_id;
    const lane = lanes.get(agentId) ?? { agentId, bars: [], rows: 0 };
    lanes.set(agentId, lane);
    const taken = new Set(lane.bars.filter((other) => other.end_ms > bar.start_ms).map((other) => other.row));
    while (taken.has(bar.row)) bar.row += 1;
    lane.bars.push(bar);
    lane.rows = Math.max(lane.rows, bar.row + 1);
  }
  return {
    lanes: [...lanes.values()],
    handOffs: bars.flatMap((bar) => handOffTo(bar, bars) ?? []),
    start_ms: bars[0]?.start_ms ?? now_ms,
    end_ms: Math.max(now_ms === 0 ? 0 : (bars[0]?.start_ms ?? now_ms) + 1, ...bars.map((bar) => bar.end_ms)),
  };
}

/** Who gave it the work: the run of another agent that was begun last of those at work when it began; else the one that had ended last. */
function handOffTo(bar: Bar, bars: readonly Bar[]): HandOff | null {
  const others = bars.filter((other) => other.task.agent_id !== bar.task.agent_id && other.start_ms <= bar.start_ms);
  const before = others.filter((other) => other.start_ms < bar.start_ms);
  const atWork = before.filter((other) => other.end_ms >= bar.start_ms).at(-1);
  if (atWork !== undefined) return { from: atWork, to: bar, kind: atWork.end_ms >= bar.end_ms ? "waits" : "gives" };
  const ended = before.reduce<Bar | undefined>(
    (last, other) => (last === undefined || other.end_ms > last.end_ms ? other : last),
    undefined,
  );
  return ended === undefined ? null : { from: ended, to: bar, kind: "after" };
}
