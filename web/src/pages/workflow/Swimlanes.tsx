import { Link, useSearch } from "@tanstack/react-router";
import { statusLook } from "~/appearance/status";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { formatClock } from "~/format/time";
import { patchSearch, sharedSearch, type ViewSearch } from "~/view/url";
import type { Bar, HandOff, Workflow } from "./lanes";
import styles from "./workflow.module.css";

const ROW_PX = 30;
const PAD_PX = 9;
const MARKS = 6;
/** A bar that begins further to the right than this, per cent of the axis, has its words before it: behind it there is no room. */
const WORDS_BEFORE = 72;

interface Placed {
  bar: Bar;
  /** Middle of its line, pixels from the top. */
  y: number;
}

/** A lane an agent, its runs as bars on the one axis, and lines where work went from one to another. */
export function Swimlanes({ workflow }: { workflow: Workflow }) {
  const { lanes, handOffs, start_ms, end_ms } = workflow;
  const span_ms = Math.max(1, end_ms - start_ms);
  const x = (at_ms: number) => ((at_ms - start_ms) / span_ms) * 100;
  const tops: number[] = [];
  let height = 0;
  for (const lane of lanes) {
    tops.push(height);
    height += lane.rows * ROW_PX + PAD_PX * 2;
  }
  const placed = new Map<string, Placed>();
  lanes.forEach((lane, index) => {
    for (const bar of lane.bars)
      placed.set(bar.key, { bar, y: (tops[index] ?? 0) + PAD_PX + bar.row * ROW_PX + ROW_PX / 2 });
  });
  return (
    <section className={styles.lanes} aria-label="Swimlanes">
      <div className={styles.axis} aria-hidden="true">
        <span />
        <div>
          {Array.from({ length: MARKS }, (_, index) => index / (MARKS - 1)).map((share) => (
            <span key={share} style={{ left: `${share * 100}%` }} data-edge={share === 1 ? "end" : undefined}>
              {share === 0 ? formatClock(start_ms) : `+${formatDuration(span_ms * share)}`}
            </span>
          ))}
        </div>
      </div>
      <div className={styles.body} style={{ height }}>
        <div className={styles.names}>
          {lanes.map((lane, index) => (
            <AgentLink key={lane.agentId} agentId={lane.agentId} top={tops[index] ?? 0} />
          ))}
        </div>
        <div className={styles.plot}>
          {lanes.map((lane, index) => (
            <div
              key={lane.agentId}
              className={styles.lane}
              style={{ top: tops[index], height: lane.rows * ROW_PX + PAD_PX * 2 }}
            />
          ))}
          <Lines handOffs={handOffs} placed={placed} x={x} height={height} />
          {[...placed.values()].map(({ bar, y }) => (
            <Run key={bar.key} bar={bar} left={x(bar.start_ms)} width={x(bar.end_ms) - x(bar.start_ms)} y={y} />
          ))}
        </div>
      </div>
      <p className={styles.note}>
        Lines are read from the times: a solid line is work given while the giver waited for it, a dotted one what
        followed.
      </p>
    </section>
  );
}

function AgentLink({ agentId, top }: { agentId: string; top: number }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  return (
    <Link
      className={`${styles.name} ell`}
      style={{ top: top + PAD_PX, height: ROW_PX }}
      to="/agent"
      search={{ ...here, agent: agentId } as never}
      title={legible(agentId)}
    >
      {legible(agentId)}
    </Link>
  );
}

interface LinesProps {
  handOffs: readonly HandOff[];
  placed: ReadonlyMap<string, Placed>;
  x: (at_ms: number) => number;
  height: number;
}

function Lines({ handOffs, placed, x, height }: LinesProps) {
  return (
    <svg className={styles.lines} viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {handOffs.map(({ from, to, kind }) => {
        const [a, b] = [placed.get(from.key), placed.get(to.key)];
        if (a === undefined || b === undefined) return null;
        const start = x(to.start_ms);
        const path =
          kind === "after"
            ? `M${x(from.end_ms)} ${a.y}H${start}V${b.y}`
            : `M${start} ${a.y}V${b.y}${kind === "waits" ? `M${x(to.end_ms)} ${b.y}V${a.y}` : ""}`;
        return <path key={`${from.key} ${to.key}`} d={path} data-kind={kind} />;
      })}
    </svg>
  );
}

function Run({ bar, left, width, y }: { bar: Bar; left: number; width: number; y: number }) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const { task } = bar;
  const look = statusLook(task.derived_status);
  const before = left > WORDS_BEFORE;
  const words = `${legible(task.task_id)} of ${legible(task.agent_id)}, ${look.word.toLowerCase()}, ${formatDuration(bar.end_ms - bar.start_ms)}`;
  return (
    <Link
      className={styles.run}
      data-status={look.tone}
      style={{ left: `${left}%`, width: `${Math.max(width, 0.4)}%`, top: y - 11 }}
      aria-label={words}
      title={task.exception_message === null ? words : `${words}: ${task.exception_message}`}
      to="/"
      search={
        patchSearch(here, {
          agent: undefined,
          task: task.task_id,
          owner: task.agent_id,
          run: task.task_run_id,
        }) as never
      }
    >
      <span
        className={styles.word}
        data-before={before || undefined}
        style={{ maxWidth: `${before ? left : 100 - left}cqw` }}
      >
        <StatusCell tone={look.tone} size={14} />
        <span className="ell">{legible(task.task_id)}</span>
        <span>{formatDuration(bar.end_ms - bar.start_ms)}</span>
      </span>
    </Link>
  );
}
