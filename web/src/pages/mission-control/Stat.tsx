import type { ReactNode } from "react";
import type { StatusTone } from "~/appearance/status";
import { StatusCell } from "~/components/ui/StatusCell";
import { Figure } from "./figure";
import styles from "./ribbon.module.css";

export interface StatusStatProps {
  label: string;
  tone?: StatusTone;
  /** null where it is not known: nobody is not the same as nobody told. */
  count: number | null;
  note: string;
  /** Whether it could not be read. */
  failed: boolean;
  /** What the note compares, on hover. */
  hint?: string | undefined;
  pressed: boolean;
  onPress: () => void;
}

/** Counts from here on are set a size smaller: five of them stand side by side. */
const MANY = 1_000;

/** In the place of a figure: it is on its way, or could not be read. */
function NotKnown({ failed }: { failed: boolean }) {
  return failed ? "–" : <span className={styles.loading} />;
}

/** How many agents are in a state; pressing narrows the board to them, pressing again releases. */
export function StatusStat({ label, tone, count, failed, note, hint, pressed, onPress }: StatusStatProps) {
  const look =
    count === null || count === 0 ? "zero" : tone === "stuck" ? "hot" : tone === undefined ? undefined : "lit";
  return (
    <button
      type="button"
      className={`${styles.stat} inset-focus`}
      data-status={tone}
      data-look={look}
      aria-pressed={pressed}
      title={hint}
      onClick={onPress}
    >
      <span className={styles.label}>
        {tone !== undefined && <StatusCell tone={tone} size={14} />}
        {label}
      </span>
      <span className={styles.value} data-long={(count !== null && count >= MANY) || undefined}>
        {count === null ? <NotKnown failed={failed} /> : count.toLocaleString("en-US")}
      </span>
      <span className={styles.note}>{note}</span>
    </button>
  );
}

export interface FigureStatProps {
  label: string;
  /** Already formatted, with its unit; null where it is not known. */
  words: string | null;
  /** Whether it could not be read. */
  failed: boolean;
  children?: ReactNode;
}

/** Sums longer than this are set a size smaller, rather than cut. */
const LONG = 6;

/** A figure of the period, and how it moved. */
export function FigureStat({ label, words, failed, children }: FigureStatProps) {
  return (
    <div className={styles.stat} data-figure>
      <span className={styles.label}>{label}</span>
      <span
        className={styles.value}
        data-long={(words !== null && words.length >= LONG && words.startsWith("$")) || undefined}
      >
        {words === null ? <NotKnown failed={failed} /> : <Figure words={words} />}
      </span>
      <span className={styles.note}>{children}</span>
    </div>
  );
}
