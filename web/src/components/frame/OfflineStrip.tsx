import { Icon } from "~/components/ui/Icon";
import { formatClock } from "~/format/time";
import { useNow } from "~/live/clock";
import { useConnection, useStream } from "~/live/LiveProvider";
import styles from "./OfflineStrip.module.css";

/** How long a connection may be away before the board speaks of it: a restart of the server passes unnoticed. */
const PATIENCE_MS = 2_000;

/** Says that the figures stand still, since when, and when the next attempt comes. */
export function OfflineStrip() {
  const connection = useConnection();
  const stream = useStream();
  useNow();
  if (connection.polling)
    return (
      <div className={styles.strip} role="status" data-status="waiting">
        <Icon name="pulse" />
        <span className="ell">
          Live by fetching every 2 s: something between here and the server does not let WebSockets through. If it is a
          proxy of yours, let it pass the <code>Upgrade</code> header on.
        </span>
        <span className="grow" />
        <button type="button" className="link" onClick={() => stream.retryNow()}>
          Try the stream
        </button>
      </div>
    );
  if (connection.state !== "offline" || Date.now() - connection.since_ms < PATIENCE_MS) return null;
  const wait_s =
    connection.retry_at_ms === null ? null : Math.max(0, Math.ceil((connection.retry_at_ms - Date.now()) / 1_000));
  return (
    <div className={styles.strip} role="alert">
      <Icon name="pulse" />
      <span className="ell">
        Not live since {formatClock(connection.since_ms)}.{" "}
        <span aria-hidden="true">{wait_s === null ? "Trying now." : `Trying again in ${wait_s} s.`}</span>
      </span>
      <span className="grow" />
      <button type="button" className="link" onClick={() => stream.retryNow()}>
        Now
      </button>
    </div>
  );
}
