import { formatClock } from "~/format/time";
import { useConnection } from "~/live/LiveProvider";
import styles from "./TopBar.module.css";

/** Whether what is on the screen is live; the word says it as well as the light. */
export function ConnectionLight() {
  const { state, since_ms, heard_at_ms } = useConnection();
  const look = {
    live: { status: "success", word: "Live", title: `Connected since ${formatClock(since_ms)}` },
    connecting: { status: "idle", word: "Connecting", title: "Opening the live stream" },
    offline: { status: "waiting", word: "Not live", title: `Not live since ${formatClock(heard_at_ms ?? since_ms)}` },
  } as const;
  const { status, word, title } = look[state];
  return (
    <span className={styles.connection} data-status={status} data-state={state} title={title} role="status">
      <i className={styles.light} aria-hidden="true" />
      <span className={styles.connectionWord}>{word}</span>
    </span>
  );
}
