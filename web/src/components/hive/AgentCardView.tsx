import { type MouseEvent, memo } from "react";
import type { AgentCard } from "~/api/queries";
import { needsAttention, statusLook } from "~/appearance/status";
import { Age } from "~/components/ui/Age";
import { StatusBadge } from "~/components/ui/Badge";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatAgeShort } from "~/format/duration";
import { legible } from "~/format/legible";
import styles from "./AgentCardView.module.css";
import { HeartbeatMark } from "./HeartbeatMark";
import { Sparkline } from "./Sparkline";

/** Waiting work beyond this many is marked. */
export const QUEUE_HOT = 5;

export interface AgentCardViewProps {
  agent: AgentCard;
  selected: boolean;
  /** Whether the Tab key stops here; the arrows lead to the other cards. */
  tabStop: boolean;
  /** When the run that it works on began; undefined where that is not known. */
  workingSince: string | undefined;
  onSelect: (agent: AgentCard) => void;
  onOpen: (agent: AgentCard) => void;
}

const LINE_PX = 17;
const PADDING_PX = 17;
const FOOT_PX = 22;

/** The height that a card will have: the list is virtual and must know before it draws. */
export function cardHeight(agent: AgentCard): number {
  const idle = agent.derived_status === "idle";
  const lines =
    2 + (agent.current_task_id !== null && !idle ? 1 : 0) + (agent.heartbeat_summary !== null && !idle ? 1 : 0);
  return PADDING_PX + lines * LINE_PX + (idle ? 0 : FOOT_PX);
}

function Queue({ agent }: { agent: AgentCard }) {
  const { queue_depth, active_issues, worst_issue } = agent.stats_1h;
  return (
    <>
      {queue_depth !== null && (
        <span className={styles.mark} data-hot={queue_depth > QUEUE_HOT} title={`${queue_depth} waiting in its queue`}>
          <Icon name="queue" size={12} />
          Q:{queue_depth}
        </span>
      )}
      {agent.clock_skew_ms !== null && <ClockSkew skew_ms={agent.clock_skew_ms} />}
      {active_issues > 0 && (
        <Issues count={active_issues} worst={worst_issue} spoken={agent.derived_status !== "idle"} />
      )}
    </>
  );
}

interface IssuesProps {
  count: number;
  /** The most pressing severity among them. */
  worst: string | null;
  /** There is no room for words: they are only read out. */
  spoken: boolean;
}

/** Its open issues, as loud as the gravest of them: critical and high ones say so in a word. */
function Issues({ count, worst, spoken }: IssuesProps) {
  const grave = worst === "critical" || worst === "high";
  return (
    <span
      className={styles.mark}
      data-severity={worst ?? undefined}
      title={`${count} open ${count === 1 ? "issue" : "issues"}${worst === null ? "" : `, the gravest ${worst}`}`}
    >
      <Icon name="flag" size={12} />
      {count}
      {grave && ` ${worst}`}
      <span className={spoken || grave ? "sr-only" : undefined}>
        {count === 1 ? " issue" : " issues"}
        {!grave && worst !== null && <span className="sr-only">, {worst}</span>}
      </span>
    </span>
  );
}

/** An agent whose clock is off: its times cannot be compared with others'. */
function ClockSkew({ skew_ms }: { skew_ms: number }) {
  const words = `${formatAgeShort(Math.abs(skew_ms))} ${skew_ms < 0 ? "ahead" : "behind"}`;
  return (
    <span
      className={styles.mark}
      data-hot
      title={`Its clock is ${words} of the server's: set the clock of its machine`}
    >
      <Icon name="clock" size={12} />
      {formatAgeShort(Math.abs(skew_ms))}
      <span className="sr-only"> {skew_ms < 0 ? "ahead" : "behind"}, its clock</span>
    </span>
  );
}

/** Since when: an agent that needs somebody counts from when it came to need them, as everywhere; one at work from when its run began. */
function sinceOf(agent: AgentCard, workingSince: string | undefined): string | number | undefined {
  return needsAttention(agent.derived_status) ? agent.status_since_ms : workingSince;
}

function typeWords(agent: AgentCard): string {
  return [agent.agent_type, agent.agent_version].flatMap((label) => (label ? legible(label) : [])).join(" · ");
}

/** One agent in the Hive. Click narrows everything to it, click again releases, double click opens it. */
export const AgentCardView = memo(function AgentCardView({
  agent,
  selected,
  tabStop,
  workingSince,
  onSelect,
  onOpen,
}: AgentCardViewProps) {
  const { tone, word } = statusLook(agent.derived_status);
  const idle = agent.derived_status === "idle";
  const since = sinceOf(agent, workingSince);
  const click = (event: MouseEvent) => {
    if (event.detail === 2) onOpen(agent);
    else onSelect(agent);
  };
  return (
    <button
      type="button"
      className={`${styles.card} inset-focus`}
      data-status={tone}
      data-agent={agent.agent_id}
      aria-pressed={selected}
      tabIndex={tabStop ? 0 : -1}
      onClick={click}
    >
      <StatusCell tone={tone} size={26} />
      {/* Another state is another card: its parts stand elsewhere, and none of them is seen to move there. */}
      <span className={styles.text} key={agent.derived_status}>
        <span className="row">
          <span className={`${styles.name} ell`} title={legible(agent.agent_id)}>
            {legible(agent.agent_id)}
          </span>
          <HeartbeatMark agent={agent} />
        </span>
        <span className={styles.line}>
          {needsAttention(agent.derived_status) ? (
            <StatusBadge status={agent.derived_status} glyph={false} />
          ) : (
            <span className={styles.word}>{word}</span>
          )}
          <span className={`${styles.meta} ell`}>
            {!needsAttention(agent.derived_status) && "· "}
            {typeWords(agent)}
          </span>
          {idle && (
            <span className={styles.side}>
              <Queue agent={agent} />
            </span>
          )}
        </span>
        {!idle && agent.current_task_id !== null && (
          <span className={styles.line}>
            <span className={`${styles.task} mono ell`}>{legible(agent.current_task_id)}</span>
            {since !== undefined && (
              <span className={styles.since}>
                {needsAttention(agent.derived_status) && "for "}
                <Age since={since} />
              </span>
            )}
          </span>
        )}
        {!idle && agent.heartbeat_summary !== null && (
          <span className={`${styles.meta} ell`}>{agent.heartbeat_summary}</span>
        )}
        {!idle && (
          <span className={styles.foot}>
            <Sparkline counts={agent.sparkline_1h} working={agent.derived_status === "processing"} />
            <Queue agent={agent} />
          </span>
        )}
      </span>
    </button>
  );
});
