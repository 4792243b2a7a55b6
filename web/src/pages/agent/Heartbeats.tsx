import { formatJson } from "~/api/json";
import type { RecordedHeartbeat } from "~/api/types";
import { Empty } from "~/components/ui/Empty";
import { Time } from "~/components/ui/Time";
import styles from "./agent.module.css";

function said(heartbeat: RecordedHeartbeat): string {
  if (heartbeat.summary !== null) return heartbeat.summary;
  return heartbeat.payload === null ? "alive" : formatJson(heartbeat.payload);
}

/** What it said of itself with its last heartbeats. */
export function Heartbeats({ heartbeats }: { heartbeats: readonly RecordedHeartbeat[] }) {
  return (
    <section aria-label="Last heartbeats">
      <div className={styles.head}>
        <h2>Last heartbeats</h2>
      </div>
      {heartbeats.length === 0 ? (
        <Empty title="No heartbeat yet" />
      ) : (
        <ul>
          {heartbeats.slice(0, 10).map((heartbeat) => (
            <li key={`${heartbeat.received_at} ${heartbeat.timestamp}`} className={styles.row}>
              <Time at={heartbeat.received_at} className="sub" />
              <span className="ell" title={heartbeat.payload === null ? undefined : formatJson(heartbeat.payload, 1)}>
                {said(heartbeat)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
