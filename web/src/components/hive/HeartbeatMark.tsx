import type { AgentCard } from "~/api/queries";
import { formatAge } from "~/format/duration";
import { useNow } from "~/live/clock";
import styles from "./HeartbeatMark.module.css";

/** How fresh a heartbeat is: past half of the threshold it is late, past all of it it is missing. */
export function heartbeatTone(age_ms: number, threshold_seconds: number): "success" | "waiting" | "stuck" {
  const share = age_ms / (threshold_seconds * 1_000);
  return share > 1 ? "stuck" : share > 0.5 ? "waiting" : "success";
}

/** Dot, diamond or square, and how long ago; ticks. */
export function HeartbeatMark({ agent }: { agent: AgentCard }) {
  useNow();
  if (agent.heartbeat_at_ms === null) return <span className={styles.mark}>no heartbeat</span>;
  const age_ms = Math.max(0, Date.now() - agent.heartbeat_at_ms);
  if (agent.liveness === "gone")
    return (
      <span className={styles.mark} title="It said goodbye: nobody expects a heartbeat">
        left {formatAge(age_ms)} ago
      </span>
    );
  return (
    <span
      className={styles.mark}
      data-status={heartbeatTone(age_ms, agent.stuck_threshold_seconds)}
      title={`Last heartbeat ${formatAge(age_ms)} ago, threshold ${formatAge(agent.stuck_threshold_seconds * 1_000)}`}
    >
      <i className={styles.beat} aria-hidden="true" />
      {formatAge(age_ms)}
    </span>
  );
}
