import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import type { Timeline } from "~/api/types";
import { SeenBefore } from "~/components/errors/SeenBefore";
import { Related } from "~/components/related/Related";
import { legible } from "~/format/legible";
import { useView } from "~/view/url";
import { Pinned } from "./detail/Pinned";
import { PlanBar } from "./header/PlanBar";
import { RunsSideBySide } from "./header/RunPicker";
import { TimelineHeader } from "./header/TimelineHeader";
import { breakDown } from "./model/breakdown";
import { failuresOf, failureToShow } from "./model/chain";
import { foldStory } from "./model/fold";
import type { RunModel, Span } from "./model/types";
import { Story } from "./story/Story";
import { StoryUpright } from "./story/StoryUpright";
import styles from "./timeline.module.css";
import { Transcript } from "./transcript/Transcript";
import { useElementWidth } from "./useElementWidth";
import { useOpened } from "./useOpened";
import { useRunModel } from "./useRunModel";
import { Waterfall } from "./waterfall/Waterfall";

export interface TimelineViewProps {
  timeline: Timeline;
  tall?: boolean;
  full?: ReactNode;
}

/** Under this width the story stands upright. */
const UPRIGHT_BELOW = 720;
/** `node=none` in the address: the reader unpinned what would be pinned by itself. */
const NOTHING = "none";

/** One run in three looks: same data, same colours, same selection. */
export function TimelineView({ timeline, tall = false, full }: TimelineViewProps) {
  const { view, set } = useView();
  const element = useRef<HTMLElement>(null);
  const width = useElementWidth(element);
  const [notchX, setNotchX] = useState<number | null>(null);
  const open =
    timeline.completed_at === null && timeline.derived_status !== "completed" && timeline.derived_status !== "failed";
  const { run, told, plans } = useRunModel(timeline, open);
  const selected = selectedSpan(run, view.node);
  const select = useCallback(
    (span: Span) => set({ node: span.eventIds.at(span.kind === "task" ? -1 : 0) ?? NOTHING }, { replace: true }),
    [set],
  );
  const failures = useMemo(() => failuresOf(run), [run]);
  const unpin = useCallback(() => set({ node: NOTHING }, { replace: true }), [set]);
  const opened = useOpened(run, selected, unpin);
  const story = useMemo(() => foldStory(told, run, opened.keys, selected), [told, run, opened.keys, selected]);
  const split = open || timeline.time_breakdown === undefined ? breakDown(run) : timeline.time_breakdown;
  const upright = width > 0 && width < UPRIGHT_BELOW;
  const pinned = selected !== null && (
    <Pinned
      run={run}
      span={selected}
      onSelect={select}
      onUnpin={unpin}
      place={view.look === "story" || upright ? "under" : "beside"}
      notchX={view.look === "story" && !upright ? notchX : null}
      seenBefore={selected.exception?.errorId && <SeenBefore errorId={selected.exception.errorId} />}
    />
  );
  return (
    <section
      ref={element}
      className={styles.timeline}
      data-tall={tall || undefined}
      aria-label={`Timeline of ${legible(timeline.task_id)}`}
    >
      <TimelineHeader
        task={timeline}
        runs={timeline.runs}
        split={split}
        durationMs={open ? run.endMs - run.startMs : timeline.duration_ms}
        look={view.look}
        onLook={(look) => set({ look: look === "story" ? undefined : look }, { replace: true })}
        onRun={(run) => set({ run, node: undefined })}
        onClose={() => set({ task: undefined, owner: undefined, run: undefined, node: undefined, tab: undefined })}
        onNextFailure={failures.length === 0 ? undefined : () => select(nextOf(failures, selected))}
        exception={run.root.exception}
        onAgent={() => set({ agent: view.agent === timeline.agent_id ? undefined : timeline.agent_id })}
        full={full}
      />
      <Related timeline={timeline} />
      <PlanBar plans={plans} />
      {tall && (
        <RunsSideBySide
          runs={timeline.runs}
          current={timeline.task_run_id}
          onPick={(run) => set({ run, node: undefined })}
        />
      )}
      {view.look === "story" ? (
        <div className={styles.story}>
          {upright ? (
            <StoryUpright told={story} selectedId={selected?.id ?? null} onSelect={select} onToggle={opened.toggle} />
          ) : (
            <Story
              told={story}
              growing={open}
              title={legible(timeline.task_id)}
              selectedId={selected?.id ?? null}
              onSelect={select}
              onToggle={opened.toggle}
              onNotch={setNotchX}
            />
          )}
          {pinned}
        </div>
      ) : (
        <div className={styles.focus} data-pinned={selected !== null || undefined}>
          {view.look === "waterfall" ? (
            <Waterfall
              run={run}
              title={legible(timeline.task_id)}
              selectedId={selected?.id ?? null}
              opened={opened}
              onSelect={select}
            />
          ) : (
            <Transcript
              run={run}
              timeline={timeline}
              plans={plans}
              selectedId={selected?.id ?? null}
              opened={opened}
              onSelect={select}
            />
          )}
          {pinned}
        </div>
      )}
    </section>
  );
}

/** The one after a span, and after the last the first again. */
function nextOf(failures: readonly Span[], selected: Span | null): Span {
  return failures[(selected === null ? 0 : failures.indexOf(selected) + 1) % failures.length] as Span;
}

/** What is pinned: the address says it; a failed run opens at its failure. */
function selectedSpan(run: RunModel, node: string | undefined): Span | null {
  if (node === NOTHING) return null;
  if (node !== undefined) {
    const named = run.byEvent.get(node);
    if (named !== undefined) return named;
  }
  return failureToShow(run);
}
