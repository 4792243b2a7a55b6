import { memo } from "react";
import { Age } from "~/components/ui/Age";
import { Icon } from "~/components/ui/Icon";
import { lookOf, NamesAgent, toneOf } from "~/events/kinds";
import { legible } from "~/format/legible";
import type { Voice } from "~/view/url";
import type { Entry } from "./entries";
import styles from "./StreamEntry.module.css";

/** An entry lights up once, when it arrives; scrolling back to it does not count as arriving. */
const FRESH_MS = 800;

/** So many earlier entries of the same task stand under the newest; the task itself has them all. */
const EARLIER_SHOWN = 3;

export interface StreamEntryProps {
  entry: Entry;
  /** What came right before it of the same task, newest first. */
  earlier: readonly Entry[];
  voice: Voice;
  /** Whether the Tab key stops here: the arrows go on to the others. */
  tabStop: boolean;
  onChoose: (entry: Entry) => void;
}

function SilentEntry({ agent }: { agent: string }) {
  return (
    <>
      <b>{agent}</b> has gone silent: no sign of life past its threshold
    </>
  );
}

/** What happened to the task before, a line each. */
function Earlier({ entries }: { entries: readonly Entry[] }) {
  const shown = entries.slice(0, EARLIER_SHOWN);
  return (
    <span className={styles.earlier}>
      <NamesAgent value={false}>
        {shown.map((each) =>
          each.kind === "event" ? (
            <span key={each.key} className={`${styles.earlierLine} ell`} data-status={toneOf(each.event)}>
              {lookOf(each.event).sentence(each.event)}
            </span>
          ) : null,
        )}
      </NamesAgent>
      {entries.length > shown.length && (
        <span className={styles.earlierLine}>and {entries.length - shown.length} before that</span>
      )}
    </span>
  );
}

/** One line of the stream, in one of its two voices. Clicking it opens the task there, or narrows to the agent. */
export const StreamEntry = memo(function StreamEntry({ entry, earlier, voice, tabStop, onChoose }: StreamEntryProps) {
  const event = entry.kind === "event" ? entry.event : null;
  const look = event === null ? null : lookOf(event);
  const agent = entry.kind === "event" ? entry.event.agent_id : entry.notice.agent_id;
  const task = entry.kind === "event" ? entry.event.task_id : entry.notice.current_task_id;
  const hint = event?.render_hint;
  const fresh = Date.now() - entry.arrived_ms < FRESH_MS;
  return (
    <button
      type="button"
      className={`${styles.entry} inset-focus`}
      data-status={event === null ? "stuck" : toneOf(event)}
      data-fresh={fresh}
      data-entry={entry.key}
      tabIndex={tabStop ? 0 : -1}
      data-kind={event === null ? "agent.stuck" : event.event_type}
      onClick={() => onChoose(entry)}
    >
      <Icon name={look?.icon ?? "pulse"} />
      <span className={styles.text}>
        {voice === "plain" ? (
          <span className={styles.sentence}>
            {event === null || look === null ? <SilentEntry agent={agent} /> : look.sentence(event)}
          </span>
        ) : (
          <>
            <span className={`${styles.kind} mono`}>
              {event === null ? "agent.stuck" : event.event_type}
              {hint !== null && hint !== undefined && ` · ${hint}`}
            </span>
            <span className={`${styles.summary} ell`}>{event === null ? "threshold passed" : look?.detail(event)}</span>
          </>
        )}
        {earlier.length > 0 && <Earlier entries={earlier} />}
        <span className={styles.foot}>
          {voice === "events" && <span className="ell">{legible(agent)}</span>}
          {voice === "events" && task !== null && task !== undefined && <span>·</span>}
          {task !== null && task !== undefined && <span className="mono ell">{legible(task)}</span>}
          <Age className={styles.age ?? ""} since={event?.timestamp ?? entry.arrived_ms} short />
        </span>
      </span>
    </button>
  );
});
