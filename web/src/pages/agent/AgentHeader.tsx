import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { eventsQuery, PAGE_LIMIT } from "~/api/queries";
import type { AgentDetail } from "~/api/types";
import { statusLook } from "~/appearance/status";
import { StatusBadge } from "~/components/ui/Badge";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatAge } from "~/format/duration";
import { legible } from "~/format/legible";
import { useNow } from "~/live/clock";
import { useLiveBatch } from "~/live/LiveProvider";
import { patchSearch, sharedSearch, useView, type ViewSearch } from "~/view/url";
import styles from "./agent.module.css";

const HOUR_MS = 3_600_000;
const REFRESH_MS = 5_000;

export interface AgentHeaderProps {
  agent: AgentDetail;
  /** When the Hive heard its heart last, by this browser's clock. */
  heardAt_ms: number | null;
}

/** The heartbeats of the last hour as ticks; where none came for longer than the threshold the strip is red. */
function HeartbeatStrip({ agent, heardAt_ms }: AgentHeaderProps) {
  const { view } = useView();
  const now_ms = useNow();
  const beats = useQuery(
    eventsQuery(view.mode, { agent_id: agent.agent_id, event_type: "heartbeat", range: "1h", limit: PAGE_LIMIT }),
  );
  useLiveBatch((batch) => {
    if (batch.heartbeats.has(agent.agent_id) && Date.now() - beats.dataUpdatedAt > REFRESH_MS)
      void beats.refetch({ cancelRefetch: false });
  });
  if (agent.liveness === "none" || beats.data === undefined) return null;
  const times = beats.data.data.map((event) => Date.parse(event.received_at));
  // Of an agent whose heart beats fast the newest ones fill less than an hour: the strip then covers just those.
  const oldest = times.at(-1);
  const span_ms = beats.data.pagination.has_more && oldest !== undefined ? now_ms - oldest : HOUR_MS;
  const x = (time_ms: number) => Math.max(0, 100 - ((now_ms - time_ms) / span_ms) * 100);
  // The list is read every few seconds, the Hive hears of each heartbeat at once: both tell of one heart.
  const silences = times.slice(0, 1).map((time) => Math.max(0, now_ms - time));
  if (heardAt_ms !== null) silences.push(Math.max(0, Date.now() - heardAt_ms));
  const silence_ms = silences.length === 0 ? null : Math.min(...silences);
  const latest = silence_ms === null ? undefined : now_ms - silence_ms;
  const left = agent.liveness === "gone";
  const stuck = !left && silence_ms !== null && silence_ms > agent.stuck_threshold_seconds * 1_000;
  const rhythm = agent.heartbeat_interval_seconds;
  return (
    <figure className={styles.strip}>
      <svg
        viewBox="0 0 100 26"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${times.length} heartbeats in the last ${formatAge(span_ms)}`}
      >
        {stuck && latest !== undefined && (
          <rect className={styles.gap} x={x(latest)} y={0} width={100 - x(latest)} height={26} />
        )}
        <path
          className={styles.tick}
          d={[...times, ...(latest === undefined ? [] : [latest])]
            .map((time) => `M${x(time).toFixed(2)} 4v18`)
            .join("")}
        />
      </svg>
      <figcaption className={styles.stripLabel}>
        <span>
          Heartbeats, last {formatAge(span_ms)}
          {rhythm !== null && `, every ${formatAge(rhythm * 1_000)}`}
        </span>
        <span className={stuck ? "bad strong" : undefined}>
          {silence_ms === null
            ? "none"
            : left
              ? `left ${formatAge(silence_ms)} ago`
              : stuck
                ? `none for ${formatAge(silence_ms)}`
                : `last ${formatAge(silence_ms)} ago`}
        </span>
      </figcaption>
    </figure>
  );
}

/** Who it is, how it is and whether it is alive. */
export function AgentHeader({ agent, heardAt_ms }: AgentHeaderProps) {
  const { tone } = statusLook(agent.derived_status);
  const facts: [string, string | null][] = [
    ["type", agent.agent_type],
    ["version", agent.agent_version],
    ["framework", agent.framework],
    ["environment", agent.environment],
    ["group", agent.group],
  ];
  const here = sharedSearch(useSearch({ strict: false }) as ViewSearch);
  return (
    <header className={styles.header}>
      <StatusCell tone={tone} className={styles.cell ?? ""} />
      <div className={styles.who}>
        <h1>
          <span className="ell" title={legible(agent.agent_id)}>
            {legible(agent.agent_id)}
          </span>
          <StatusBadge status={agent.derived_status} glyph={false} />
        </h1>
        <div className={styles.facts}>
          {facts.map(([name, value]) =>
            value === null ? null : (
              <span key={name} title={value}>
                <span className="dim">{name}</span> {value}
              </span>
            ),
          )}
          {agent.current_task_id !== null ? (
            <span>
              <span className="dim">task</span>{" "}
              <Link
                className="link mono"
                to="/"
                search={
                  patchSearch(here, {
                    task: agent.current_task_id,
                    owner: agent.agent_id,
                    run: agent.current_task_run_id ?? undefined,
                  }) as never
                }
              >
                {legible(agent.current_task_id)}
              </Link>
            </span>
          ) : (
            <Link className="link" to="/" search={here as never}>
              Its tasks
            </Link>
          )}
        </div>
      </div>
      <HeartbeatStrip agent={agent} heardAt_ms={heardAt_ms} />
    </header>
  );
}
