import { useState } from "react";
import { Icon } from "~/components/ui/Icon";
import { StatusCell } from "~/components/ui/StatusCell";
import { formatAge } from "~/format/duration";
import { useNow } from "~/live/clock";
import { useConnection } from "~/live/LiveProvider";
import styles from "./ListeningLight.module.css";

/** Waits for the first sign of life, and shows that it waits. The frame opens the Hive as soon as an agent is there. */
export function ListeningLight({ arrived }: { arrived: string | undefined }) {
  const [since_ms] = useState(() => Date.now());
  useNow();
  const { state } = useConnection();
  const [title, text] =
    arrived !== undefined
      ? ["It is alive", `${arrived} has reported. Opening the Hive.`]
      : state === "offline"
        ? ["The server does not answer", "This page tries again by itself."]
        : [
            "Waiting for the first heartbeat",
            `Nothing has arrived yet. Listening for ${formatAge(Date.now() - since_ms)}.`,
          ];
  return (
    <div className={styles.light} data-arrived={arrived !== undefined}>
      <svg className={styles.cell} viewBox="0 0 228 200" aria-hidden="true" focusable="false">
        <path className={styles.outer} d="M226 100L170.0 197.0H58.0L2 100 58.0 3.0H170.0z" strokeDasharray="2 5" />
        <path className={styles.middle} d="M198 100L156.0 172.7H72.0L30 100 72.0 27.3H156.0z" strokeDasharray="2 5" />
        <path className={styles.wave} d="M214 100L164.0 186.6H64.0L14 100 64.0 13.4H164.0z" />
        <path className={styles.inner} d="M168 100L141.0 146.8H87.0L60 100 87.0 53.2H141.0z" />
        <path className={styles.beat} d="M84 100h14l8-20 15 40 9-20h14" />
      </svg>
      <div role="status">
        <h2>{title}</h2>
      </div>
      <p>{text}</p>
      <span className={styles.then}>
        <StatusCell tone="success" size={14} />
        Turns green, then opens the Hive
      </span>
      <ul className={styles.trouble}>
        <li>
          <Icon name="key" size={14} />
          <span>Answer 401? The key starts with hb_live_ or hb_test_.</span>
        </li>
        <li>
          <Icon name="swap" size={14} />
          <span>A test key? Its agents show under test data, by the badge above.</span>
        </li>
        <li>
          <Icon name="pulse" size={14} />
          <span>Nothing after a minute? Start with debug=True.</span>
        </li>
      </ul>
    </div>
  );
}
