import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useId, useRef } from "react";
import { statusLook } from "~/appearance/status";
import { CHOOSE_WORDS, useBucketRange } from "~/components/chart/useBucketRange";
import { sliceOf } from "~/components/chart/usePeriod";
import { useElementWidth } from "~/components/timeline/useElementWidth";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatDuration } from "~/format/duration";
import { legible } from "~/format/legible";
import { timeStep } from "~/format/steps";
import { formatClock, formatStretch } from "~/format/time";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import type { Bar, HandOff, Workflow } from "./lanes";
import { partOf } from "./part";
import { wordsAt } from "./words-at";
import styles from "./workflow.module.css";

const ROW_PX = 30;
const PAD_PX = 9;
const BAR_PX = 22;
/** A mark of the axis needs so much. */
const MARK_PX = 84;
/** What is right of this would be cut. */
const MARK_ROOM_PX = 40;
/** How wide the words of a bar are: a glyph and gaps, and so much a letter. */
const WORDS_PX = { around: 46, letter: 6.2 };

interface Placed {
  bar: Bar;
  /** Middle of its line, pixels from the top. */
  y: number;
}

/** The axis is chosen from in so many parts. */
const PARTS = 200;

/** A lane an agent, its runs as bars on the one axis, and lines where work went from one to another. A drag on the axis narrows to a part. */
export function Swimlanes({ workflow }: { workflow: Workflow }) {
  const { view, set } = useView();
  const { lanes, handOffs, start_ms, end_ms } = partOf(workflow, sliceOf(view));
  const plot = useRef<HTMLDivElement>(null);
  const width_px = useElementWidth(plot);
  const span_ms = Math.max(1, end_ms - start_ms);
  const x = (at_ms: number) => Math.min(1, Math.max(0, (at_ms - start_ms) / span_ms)) * width_px;
  const timeOf = (part: number) => start_ms + (span_ms * part) / PARTS;
  const { at, from, to, handlers } = useBucketRange(PARTS, (first, last) => {
    // A press in one place has chosen no stretch.
    if (first === last) return;
    const [since, until] = [timeOf(first), timeOf(last + 1)].map((time) => new Date(time).toISOString());
    set({ since, until });
  });
  const step_ms = timeStep((span_ms * MARK_PX) / Math.max(MARK_PX, width_px));
  const marks = Array.from({ length: Math.floor(span_ms / step_ms) + 1 }, (_, index) => index * step_ms);
  // The words of a mark at the very end stand before it, where those of the one before may stand.
  const cramped = x(start_ms + step_ms) < MARK_PX + MARK_ROOM_PX;
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
      <div className={styles.axis}>
        <span />
        <div aria-hidden="true">
          {marks.map((after_ms) => {
            const left = x(start_ms + after_ms);
            const atEnd = left > width_px - MARK_ROOM_PX;
            if (atEnd && cramped) return null;
            return (
              <span key={after_ms} style={{ left }} data-edge={atEnd ? "end" : undefined}>
                {after_ms === 0 ? formatClock(start_ms) : `+${formatDuration(after_ms)}`}
              </span>
            );
          })}
          {at !== null && (
            <i
              className={styles.chosen}
              style={{
                left: `${((from ?? at) / PARTS) * 100}%`,
                width: `${(((to ?? at) - (from ?? at) + 1) / PARTS) * 100}%`,
              }}
            />
          )}
        </div>
        <button
          type="button"
          className={styles.over}
          aria-label={
            at === null ? CHOOSE_WORDS : `Narrow to ${formatStretch(timeOf(from ?? at), timeOf((to ?? at) + 1))}`
          }
          {...handlers}
        />
      </div>
      <div className={styles.body} style={{ height }}>
        <div className={styles.names}>
          {lanes.map((lane, index) => (
            <AgentLink key={lane.agentId} agentId={lane.agentId} top={tops[index] ?? 0} />
          ))}
        </div>
        <div className={styles.plot} ref={plot}>
          {lanes.map((lane, index) => (
            <div
              key={lane.agentId}
              className={styles.lane}
              style={{ top: tops[index], height: lane.rows * ROW_PX + PAD_PX * 2 }}
            />
          ))}
          {width_px > 0 && (
            <>
              <Lines handOffs={handOffs} placed={placed} x={x} width={width_px} height={height} until_ms={end_ms}>
                {marks.map((after_ms) => (
                  <path key={after_ms} className={styles.mark} d={`M${x(start_ms + after_ms)} 0V${height}`} />
                ))}
              </Lines>
              {[...placed.values()].map(({ bar, y }) => (
                <Run key={bar.key} bar={bar} left={x(bar.start_ms)} right={x(bar.end_ms)} plot={width_px} y={y} />
              ))}
            </>
          )}
        </div>
      </div>
      <p className={styles.note}>
        Arrows are read from the times. Solid: work that was given to another, and what came back while the giver
        waited. Dotted: what followed.
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
  width: number;
  height: number;
  /** The end of what is looked at: what comes back later is out of sight. */
  until_ms: number;
  /** What lies under the lines. */
  children: ReactNode;
}

function Lines({ handOffs, placed, x, width, height, until_ms, children }: LinesProps) {
  const arrow = useId();
  return (
    <svg className={styles.lines} width={width} height={height} aria-hidden="true">
      <defs>
        <marker id={arrow} viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
          <path className={styles.arrow} d="M0 0 6 3 0 6z" />
        </marker>
      </defs>
      {children}
      {handOffs.map(({ from, to, kind }) => {
        const [a, b] = [placed.get(from.key), placed.get(to.key)];
        if (a === undefined || b === undefined) return null;
        const [start, end] = [x(to.start_ms), x(to.end_ms)];
        // From the edge of one bar to the edge of the other.
        const edge = (Math.sign(b.y - a.y) * BAR_PX) / 2;
        const given =
          kind === "after"
            ? `M${x(from.end_ms)} ${a.y}H${start}V${b.y - edge}`
            : `M${start} ${a.y + edge}V${b.y - edge}`;
        // What is still open has given nothing back.
        const back = kind === "waits" && to.task.completed_at !== null && to.end_ms <= until_ms;
        return (
          <g key={`${from.key} ${to.key}`} data-kind={kind}>
            <path d={given} markerEnd={`url(#${arrow})`} />
            {back && <path d={`M${end} ${b.y - edge}V${a.y + edge}`} markerEnd={`url(#${arrow})`} />}
          </g>
        );
      })}
    </svg>
  );
}

interface RunProps {
  bar: Bar;
  /** Where its bar begins and ends, and how wide all is, pixels. */
  left: number;
  right: number;
  plot: number;
  /** Middle of its line. */
  y: number;
}

function Run({ bar, left, right, plot, y }: RunProps) {
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  const { task } = bar;
  const look = statusLook(task.derived_status);
  const took = formatDuration(bar.end_ms - bar.start_ms);
  const waits = task.waiting === null ? null : `waits for ${task.waiting.approver ?? "a person"}`;
  const why = waits ?? task.exception_type;
  const name = legible(task.task_id);
  const { place, room } = wordsAt(WORDS_PX.around + WORDS_PX.letter * [name, took, why ?? ""].join(" ").length, {
    left,
    right,
    plot,
  });
  const words = `${name} of ${legible(task.agent_id)}, ${look.word.toLowerCase()}, ${took}${waits === null ? "" : `, ${waits}`}`;
  return (
    <Link
      className={styles.run}
      data-status={look.tone}
      style={{ left, width: Math.max(right - left, 3), top: y - BAR_PX / 2 }}
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
      <span className={styles.word} data-place={place} style={{ maxWidth: room }}>
        <StatusCell tone={look.tone} size={14} />
        <span className="ell">{name}</span>
        <span>{took}</span>
        {why !== null && <span className="c ell">{why}</span>}
      </span>
    </Link>
  );
}
