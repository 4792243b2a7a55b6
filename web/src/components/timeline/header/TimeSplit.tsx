import { formatDuration } from "~/format/duration";
import type { Breakdown } from "../model/breakdown";
import styles from "./header.module.css";

const PARTS = [
  { key: "waiting_ms", status: "waiting", name: "People", hatch: false },
  { key: "actions_ms", status: "action", name: "Actions", hatch: false },
  { key: "llm_ms", status: "llm", name: "LLM", hatch: false },
  { key: "backoff_ms", status: "backoff", name: "Back-off", hatch: true },
] as const;

/** The bar of a split alone, for the run picker. */
export function SplitBar({ split }: { split: Breakdown }) {
  return (
    <div className={styles.bar}>
      {PARTS.map((part) =>
        split[part.key] > 0 ? (
          <i
            key={part.key}
            data-status={part.status}
            data-hatch={part.hatch || undefined}
            style={{ flexGrow: split[part.key] }}
          />
        ) : null,
      )}
      {split.other_ms > 0 && <i className={styles.other} style={{ flexGrow: split.other_ms }} />}
    </div>
  );
}

/** Where the time went: one bar, and its parts in words. */
export function TimeSplit({ split }: { split: Breakdown }) {
  const parts = PARTS.filter((part) => split[part.key] > 0);
  return (
    <section className={styles.split} aria-label="Where the time went">
      <SplitBar split={split} />
      <p className={styles.legend}>
        {parts.map((part) => (
          <span key={part.key} data-status={part.status}>
            <i data-hatch={part.hatch || undefined} />
            {part.name} {formatDuration(split[part.key])}
          </span>
        ))}
        {split.other_ms >= 1 && <span className="dim">other {formatDuration(split.other_ms)}</span>}
      </p>
    </section>
  );
}
