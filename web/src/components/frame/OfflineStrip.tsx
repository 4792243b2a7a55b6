import { type Behind, useBehind } from "~/api/freshness";
import { Icon } from "~/components/ui/Icon";
import { formatClock } from "~/format/time";
import { useConnection, useStream } from "~/live/LiveProvider";
import { useCountdown } from "~/live/useCountdown";
import styles from "./OfflineStrip.module.css";
import { useStale } from "./useStale";

/** Says that what is shown is not all that was acknowledged. */
function CatchingUp({ behind }: { behind: Behind }) {
  const count =
    behind.batches === null
      ? "Some events"
      : `${behind.batches} ${behind.batches === 1 ? "batch" : "batches"} of events`;
  return (
    <div className={styles.strip} role="status" data-status="waiting">
      <Icon name="pulse" />
      <span className="ell">Catching up: {count} that the server has taken are not shown yet.</span>
    </div>
  );
}

/** Says that the figures stand still, since when, and when the next attempt comes. */
export function OfflineStrip() {
  const connection = useConnection();
  const stream = useStream();
  const stale = useStale();
  const behind = useBehind();
  const wait_s = useCountdown(connection.retry_at_ms);
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
  if (!stale) return behind === undefined ? null : <CatchingUp behind={behind} />;
  const heard_ms = connection.heard_at_ms ?? connection.since_ms;
  return (
    <div className={styles.strip} role="alert">
      <Icon name="pulse" />
      <span className="ell">
        Not live since {formatClock(heard_ms)}: figures are as of then.{" "}
        <span aria-hidden="true">{wait_s === null ? "Trying now." : `Trying again in ${wait_s} s.`}</span>
      </span>
      <span className="grow" />
      <button type="button" className="link" onClick={() => stream.retryNow()}>
        Now
      </button>
    </div>
  );
}
