import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { Timeline } from "~/api/types";
import { PAPER, useMedia } from "~/appearance/media";
import { formatDuration } from "~/format/duration";
import { legible, legibleText } from "~/format/legible";
import { formatClock } from "~/format/time";
import type { PlanView } from "../model/plan";
import { isRowKey } from "../model/repeats";
import { type TaskState, tellTale } from "../model/transcript";
import type { RunModel, Span } from "../model/types";
import type { OpenedRows } from "../useOpened";
import { Line } from "./Line";
import { PlanMargin } from "./PlanMargin";
import styles from "./transcript.module.css";

export interface TranscriptProps {
  run: RunModel;
  timeline: Timeline;
  /** Oldest first. */
  plans: readonly PlanView[];
  selectedId: string | null;
  opened: OpenedRows;
  onSelect: (span: Span) => void;
}

const LINE_PX = 44;

function taskStateOf({ derived_status, waiting, status_since, last_event_at }: Timeline): TaskState {
  return {
    status: derived_status,
    approver: waiting?.approver ? legible(waiting.approver) : null,
    question: waiting?.summary ? legibleText(waiting.summary) : null,
    since: formatClock(waiting?.since ?? (derived_status === "stuck" ? last_event_at : status_since)),
  };
}

/** The run as a story in plain sentences, read from top to bottom; nested work folds. */
export function Transcript({ run, timeline, plans, selectedId, opened, onSelect }: TranscriptProps) {
  const plan = plans.at(-1) ?? null;
  const scroller = useRef<HTMLDivElement>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const toggle = (foldKey: string) => {
    if (isRowKey(foldKey)) return opened.toggle(foldKey);
    setToggled((before) => {
      const next = new Set(before);
      if (!next.delete(foldKey)) next.add(foldKey);
      return next;
    });
  };
  const lines = useMemo(() => {
    const started = [...timeline.runs].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at));
    const context = {
      agent: legible(timeline.agent_id),
      task: legible(timeline.task_id),
      runNumber: started.findIndex((each) => each.task_run_id === timeline.task_run_id) + 1,
      plan,
      task_state: taskStateOf(timeline),
    };
    return tellTale(run, context, new Set([...toggled, ...opened.keys]), run.byId.get(selectedId ?? "") ?? null);
  }, [run, timeline, plan, toggled, opened.keys, selectedId]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => lines[index]?.key ?? index,
    overscan: 10,
    paddingStart: 16,
    paddingEnd: 32,
  });
  // Nobody scrolls on paper: all of it is drawn.
  const onPaper = useMedia(PAPER);
  const shown = onPaper ? lines.map((line, index) => ({ key: line.key, index, start: 0 })) : virtual.getVirtualItems();
  const selected = lines.findIndex(
    (line) => line.kind === "sentence" && line.span.id === selectedId && line.role !== "start",
  );

  // The browser's scroll position: a selection made elsewhere is brought into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls, not every growth of the run
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: "auto" });
  }, [selectedId]);

  return (
    <div ref={scroller} className={styles.scroller}>
      <div className={styles.columns} data-planned={plan !== null || undefined}>
        {plan !== null && <PlanMargin plan={plan} revision={plans.length} />}
        <ol
          className={styles.tale}
          aria-label={`Transcript of ${legible(timeline.task_id)}`}
          style={{ height: onPaper ? "auto" : virtual.getTotalSize() }}
        >
          {shown.map((item) => {
            const line = lines[item.index];
            if (line === undefined) return null;
            return (
              <li
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className={styles.item}
                style={onPaper ? undefined : { transform: `translateY(${item.start}px)` }}
              >
                {line.kind === "pause" ? (
                  <div
                    className={styles.pause}
                    data-reason={line.reason}
                    style={{ "--depth": Math.min(line.depth, 6) } as CSSProperties}
                  >
                    <span />
                    <span />
                    <div>
                      {line.reason === "person" && `${formatDuration(line.ms)} waiting for a person`}
                      {line.reason === "backoff" && `backed off ${formatDuration(line.ms)}`}
                      {line.reason === "nothing" && `${formatDuration(line.ms)} in which nothing was reported`}
                    </div>
                  </div>
                ) : (
                  <Line
                    line={line}
                    startMs={run.startMs}
                    status={timeline.derived_status}
                    last={item.index === lines.length - 1}
                    selected={item.index === selected}
                    onSelect={onSelect}
                    onToggle={toggle}
                  />
                )}
              </li>
            );
          })}
        </ol>
      </div>
    </div>
  );
}
