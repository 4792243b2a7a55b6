import { useCallback, useDeferredValue, useMemo, useRef, useState } from "react";
import { Button } from "~/components/ui/Button";
import { Empty } from "~/components/ui/Empty";
import { ErrorState } from "~/components/ui/ErrorState";
import { Icon } from "~/components/ui/Icon";
import { Segmented } from "~/components/ui/Segmented";
import { SkeletonRows } from "~/components/ui/Skeleton";
import { useResting } from "~/components/ui/useResting";
import { FEEDS, toFeed } from "~/events/feeds";
import { useView } from "~/view/url";
import styles from "./ActivityStream.module.css";
import { EntryList } from "./EntryList";
import type { Entry } from "./entries";
import { alone, byTask, changesOnly } from "./told";
import { useEntries } from "./useEntries";

/** Scrolled further than this the reader reads, and the list must hold still. */
const READING_PX = 8;
/** A list remembers the height of every entry it has shown: after so many events a new one takes its place, and memory stays flat. */
const ENTRIES_A_LIST = 4_000;

const VOICES = [
  { value: "plain", label: "Plain" },
  { value: "events", label: "Events" },
] as const;

/** What happens, newest first, right. It stands still while somebody points at it, or reads further down. */
export function ActivityStream({ onFold }: { onFold?: () => void }) {
  const { view, set } = useView();
  const feed = toFeed(view.feed);
  const { entries: all, pending, error, refetch } = useEntries(view, feed);
  const current = useMemo(() => (view.voice === "plain" ? changesOnly(all) : all), [all, view.voice]);
  // Under a storm of events the list may be drawn less often than it changes; the rest of the board goes first.
  const entries = useDeferredValue(current);
  const [paused, setPaused] = useState(false);
  const [reading, setReading] = useState(false);
  const { rests, letGo, handlers } = useResting();
  const held = useRef<{ feed: string; entries: readonly Entry[] } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);

  // Another feed or agent is another list: what was held of the last one is let go.
  const shownFeed = `${view.mode} ${feed} ${view.voice} ${view.agent} ${view.project} ${view.environment} ${view.group}`;
  const hold = (paused || reading || rests) && entries.length > 0;
  if (!hold || held.current?.feed !== shownFeed) held.current = hold ? { feed: shownFeed, entries } : null;
  const shown = held.current?.entries ?? entries;
  const newest = shown[0]?.seq ?? 0;
  const blocks = useMemo(() => (view.voice === "plain" ? byTask(shown) : alone(shown)), [shown, view.voice]);
  const unseen = held.current === null ? 0 : entries.filter((entry) => entry.seq > newest).length;

  const choose = useCallback(
    (entry: Entry) => {
      if (entry.kind === "event" && entry.event.task_id !== null) {
        const { task_id, agent_id, task_run_id, event_id } = entry.event;
        set({ task: task_id, owner: agent_id, run: task_run_id ?? undefined, node: event_id, pane: undefined });
      } else {
        set({ agent: entry.kind === "event" ? entry.event.agent_id : entry.notice.agent_id, pane: undefined });
      }
    },
    [set],
  );
  const catchUp = () => {
    setPaused(false);
    setReading(false);
    letGo();
    scroller.current?.scrollTo({ top: 0 });
  };

  return (
    <aside className={styles.stream} aria-label="Activity Stream">
      <div className={styles.head}>
        <h2 className={styles.title}>Activity</h2>
        <span className="grow" />
        <Segmented
          label="Voice"
          value={view.voice}
          options={VOICES}
          onChange={(voice) => set({ voice: voice === "plain" ? undefined : voice }, { replace: true })}
        />
        <Button
          look="ghost"
          small
          icon
          aria-label={paused ? "Resume" : "Pause"}
          aria-pressed={paused}
          onClick={() => (paused ? catchUp() : setPaused(true))}
        >
          <Icon name={paused ? "play" : "pause"} />
        </Button>
        {onFold !== undefined && (
          <Button look="ghost" small icon aria-label="Fold the Activity Stream" onClick={onFold}>
            <Icon name="sider" />
          </Button>
        )}
      </div>
      <fieldset className={styles.feeds} aria-label="Kinds of events">
        {FEEDS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === feed}
            onClick={() => set({ feed: each === "all" ? undefined : each }, { replace: true })}
          >
            {each}
          </button>
        ))}
      </fieldset>
      <div className={styles.body}>
        {unseen > 0 && (
          <button type="button" className={styles.unseen} onClick={catchUp}>
            <Icon name="esc" size={12} />
            {unseen} new
          </button>
        )}
        <div
          className={`scroll ${styles.scroller}`}
          id="activity"
          ref={scroller}
          onScroll={(event) => setReading(event.currentTarget.scrollTop > READING_PX)}
          // What the pointer or the keyboard is on must not be pushed away by what comes.
          {...handlers}
        >
          {shown.length > 0 ? (
            <EntryList
              key={Math.floor(newest / ENTRIES_A_LIST)}
              blocks={blocks}
              voice={view.voice}
              scroller={scroller}
              onChoose={choose}
            />
          ) : error !== null ? (
            <ErrorState what="The stream" error={error} onRetry={refetch} />
          ) : pending ? (
            <SkeletonRows count={9} height={58} />
          ) : (
            <Empty title={feed === "all" ? "Nothing has happened here" : `No ${feed} events here`}>
              What agents do shows up the moment they do it.
            </Empty>
          )}
        </div>
      </div>
    </aside>
  );
}
