import type { AgentCard } from "~/api/queries";
import type { AgentStatus } from "~/api/types";
import type { Period } from "~/components/chart/usePeriod";
import { formatCount, formatShare } from "~/format/count";
import { formatAgeShort, formatDuration } from "~/format/duration";
import { formatMoney } from "~/format/money";
import { useNow } from "~/live/clock";
import { useAgents } from "~/view/agents";
import { RANGE_MS } from "~/view/period";
import { useView } from "~/view/url";
import { type Change, costChange, countChange, durationChange, shareChange } from "./change";
import styles from "./ribbon.module.css";
import { FigureStat, StatusStat } from "./Stat";

/** The fleet in nine figures: five states of agents that narrow the board, four figures of the period. */
export function Ribbon({ period }: { period: Period }) {
  const { view, set } = useView();
  const now_ms = useNow();
  const { agents, query } = useAgents(view);
  const narrow = (status: AgentStatus | undefined) => () =>
    set({ status: view.status === status ? undefined : status });
  // Narrowed to an agent the figures beside these are its own: so are these.
  const counted = (agents ?? []).filter((agent) => view.agent === undefined || agent.agent_id === view.agent);
  const inState = (status: AgentStatus) => counted.filter((agent) => agent.derived_status === status);
  const waiting = inState("waiting_approval");
  const stuck = inState("stuck");
  const now = period.metrics?.summary;
  const before = period.before?.summary;
  const compared =
    now !== undefined && before !== undefined
      ? "known"
      : now !== undefined && period.unreadBefore
        ? "unread"
        : "reading";
  const loaded = agents !== undefined;
  const unread = query.error !== null;
  const unreadPeriod = period.error !== null;
  const length = period.own ? formatDuration(period.lengthMs) : view.range.replace(/(\d+)(\w)/, "$1 $2");
  return (
    <section
      className={styles.ribbon}
      aria-label={`Fleet now and over ${period.own ? "the chosen" : "the last"} ${length}`}
    >
      <StatusStat
        label="Agents"
        count={loaded ? counted.length : null}
        failed={unread}
        note={loaded ? newcomers(counted, now_ms, RANGE_MS[view.range]) : ""}
        pressed={false}
        onPress={() => set({ status: undefined, agent: undefined })}
      />
      <StatusStat
        label="Processing"
        tone="processing"
        count={loaded ? inState("processing").length : null}
        failed={unread}
        note={loaded ? `of ${formatCount(counted.length)}` : ""}
        pressed={view.status === "processing"}
        onPress={narrow("processing")}
      />
      <StatusStat
        label="Waiting"
        tone="waiting"
        count={loaded ? waiting.length : null}
        failed={unread}
        note={longest(waiting, now_ms) || (loaded ? "for nobody" : "")}
        pressed={view.status === "waiting_approval"}
        onPress={narrow("waiting_approval")}
      />
      <StatusStat
        label="Stuck"
        tone="stuck"
        count={loaded ? stuck.length : null}
        failed={unread}
        note={stuck.length > 0 ? longest(stuck, now_ms) : loaded ? "all alive" : ""}
        pressed={view.status === "stuck"}
        onPress={narrow("stuck")}
      />
      <StatusStat
        label="Errors"
        tone="error"
        count={loaded ? inState("error").length : null}
        failed={unread}
        note={now === undefined ? "" : `${formatCount(now.failed)} failed`}
        hint={
          now === undefined
            ? undefined
            : `${now.failed} ${now.failed === 1 ? "run" : "runs"} failed in this period${before === undefined ? "" : `, ${before.failed} in the one before (${countChange(now.failed, before.failed)})`}`
        }
        pressed={view.status === "error"}
        onPress={narrow("error")}
      />
      <i />
      <FigureStat
        label={`Success, ${length}`}
        failed={unreadPeriod}
        words={now === undefined ? null : formatShare(now.success_rate)}
      >
        <ChangeNote change={shareChange(now?.success_rate, before?.success_rate)} known={compared} />
      </FigureStat>
      <FigureStat
        label="Average"
        failed={unreadPeriod}
        words={now === undefined ? null : formatDuration(now.avg_duration_ms)}
      >
        <ChangeNote change={durationChange(now?.avg_duration_ms, before?.avg_duration_ms)} known={compared} />
      </FigureStat>
      <FigureStat
        label="p95"
        failed={unreadPeriod}
        words={now === undefined ? null : formatDuration(now.p95_duration_ms)}
      >
        <ChangeNote change={durationChange(now?.p95_duration_ms, before?.p95_duration_ms)} known={compared} />
      </FigureStat>
      <FigureStat
        label={`Cost, ${length}`}
        failed={unreadPeriod}
        words={now === undefined ? null : formatMoney(now.total_cost)}
      >
        <ChangeNote change={costChange(now?.total_cost, before?.total_cost)} known={compared} />
      </FigureStat>
    </section>
  );
}

/** Whether there is something to compare: not while it is read, nor where it cannot be. */
type Compared = "reading" | "unread" | "known";

function ChangeNote({ change, known }: { change: Change; known: Compared }) {
  if (known === "reading") return null;
  if (known === "unread") return <span>before: not read</span>;
  return (
    <>
      {change.mark !== "" && <span className={change.verdict}>{change.mark}</span>}{" "}
      <span className={change.mark === "" ? undefined : styles.from}>{change.from}</span>
    </>
  );
}

function newcomers(agents: readonly AgentCard[], now_ms: number, rangeMs: number): string {
  const count = agents.filter((agent) => now_ms - Date.parse(agent.first_seen) < rangeMs).length;
  if (count === 0) return "same";
  return count === agents.length ? "all new" : `${count} more`;
}

/** How long the one that is in its state the longest has been so. */
function longest(agents: readonly AgentCard[], now_ms: number): string {
  if (agents.length === 0) return "";
  return `for ${formatAgeShort(now_ms - Math.min(...agents.map((agent) => agent.status_since_ms)))}`;
}
